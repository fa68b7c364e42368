"""Librarians mend the term table, and searches cross languages with what they decided, at once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.audit import AuditEntry
from marketplace.runtime import Runtime
from marketplace.services import catalogue, librarians, matches, statistics, term_tables
from marketplace.work import begin, look
from search.query import Query
from tests.listings.conftest import Enter, Market
from tests.support.market import content, publish, settle
from tests.support.visitor import Visitor, words_of
from vocabulary.sorting import sort_key

TERM = ("máy ép bùn", "filter press")


def titles(runtime: Runtime, text: str) -> list[str]:
    with look(runtime) as work:
        return [one.listing.content.title for one in catalogue.search(work, Query(text)).findings]


def version(runtime: Runtime) -> str:
    with look(runtime) as work:
        return term_tables.current(work).version


def decide(market: Market, terms: tuple[str, str], weight: int) -> int:
    with begin(market.runtime) as work:
        return librarians.decide(work, market.moderator, terms, weight)


def undo(market: Market, n: int) -> None:
    with begin(market.runtime) as work:
        librarians.undo(work, market.moderator, n)


def test_what_a_librarian_enters_is_found_across_languages_at_once(market: Market) -> None:
    publish(market.runtime, content("offer", "Thread dies for bolts", language="en"))
    settle(market.runtime)
    assert not titles(market.runtime, "bàn ren")
    before = version(market.runtime)
    n = decide(market, ("bàn ren", "thread die"), 1_000)
    assert titles(market.runtime, "bàn ren") == ["Thread dies for bolts"]
    assert version(market.runtime) != before
    undo(market, n)
    assert not titles(market.runtime, "bàn ren")
    assert version(market.runtime) == before


def meanings(market: Market, *terms: str) -> set[str]:
    with look(market.runtime) as work:
        return set(term_tables.current(work).translated(terms, "vi", "en"))


def test_an_entry_of_the_code_lists_can_be_set_aside_and_taken_back(market: Market) -> None:
    assert "hanoi" in meanings(market, "ha_noi")
    n = decide(market, ("Hà Nội", "Hanoi"), 0)
    assert "hanoi" not in meanings(market, "ha_noi")
    undo(market, n)
    assert "hanoi" in meanings(market, "ha_noi")


def test_undoing_brings_the_decision_before_it_back(each_market: Market) -> None:
    first, second = decide(each_market, TERM, 500), decide(each_market, ("MÁY ÉP BÙN", "filter press"), 900)
    with look(each_market.runtime) as work:
        assert [(one.n, one.entry.weight) for one in librarians.decisions(work)] == [(second, 900)]
    with pytest.raises(Conflict):
        undo(each_market, first)
    undo(each_market, second)
    with look(each_market.runtime) as work:
        assert [(one.n, one.entry.weight) for one in librarians.decisions(work)] == [(first, 500)]
    with pytest.raises(Conflict):
        undo(each_market, second)
    with pytest.raises(NotFound):
        undo(each_market, 99)


def test_every_step_is_in_the_audit(market: Market) -> None:
    undo(market, decide(market, TERM, 300))
    decide(market, TERM, 0)
    with look(market.runtime) as work:
        rows = work.session.execute(
            select(AuditEntry.action, AuditEntry.actor)
            .where(AuditEntry.action.like("terms.%"))
            .order_by(AuditEntry.n)
        ).all()
    assert [tuple(row) for row in rows] == [
        (action, market.moderator.user_id) for action in ("terms.decide", "terms.undo", "terms.set_aside")
    ]


@pytest.mark.parametrize(
    ("terms", "weight", "paths"),
    [
        (("", "press"), 1, ["vi"]),
        (("…", "x" * 81), 1, ["vi", "en"]),
        (TERM, 1_001, ["weight"]),
        (TERM, -1, ["weight"]),
    ],
)
def test_what_is_no_term_is_refused(
    market: Market, terms: tuple[str, str], weight: int, paths: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        decide(market, terms, weight)
    assert [problem.path for problem in refused.value.problems] == paths


def test_only_staff_may(market: Market) -> None:
    with begin(market.runtime) as work, pytest.raises(Forbidden):
        librarians.decide(work, market.owner, TERM, 1)
    with look(market.runtime) as work, pytest.raises(Forbidden):
        term_tables.page(work, market.owner, text="", decided=False, number=1)


# -- the page ------------------------------------------------------------------------------------------------------


def done(visitor: Visitor, path: str, **fields: str) -> str:
    """The page that is shown after a form was accepted."""
    answer = visitor.post(path, **fields)
    assert answer.status_code == 303
    return unescape(visitor.get(answer.location).text)


def test_a_librarian_adds_sets_aside_and_undoes_on_the_page(enter: Enter, market: Market) -> None:
    visitor = enter(market.moderator)
    assert "Hanoi" in visitor.get("/vi/glossary?q=hà+nội").text
    added = done(visitor, "/vi/glossary", vi=" máy ép bùn ", en="filter press", strength="near")
    assert "filter press</span></div></td>" in added.replace("\n", "")
    assert "0,6" in added
    assert "không dùng" in done(visitor, "/vi/glossary/aside", vi="Hà Nội", en="Hanoi", q="Hà Nội")
    mine = visitor.get("/en/glossary?show=decided").text
    assert [term for term in ("Hanoi", "filter press") if term not in mine] == []
    number = re.findall(r"/en/glossary/(\d+)/undo", mine)[0]
    assert "does not count any more" in done(visitor, f"/en/glossary/{number}/undo", q="Hà Nội")


def test_a_wrong_entry_comes_back_with_what_was_typed(enter: Enter, market: Market) -> None:
    page = enter(market.moderator).post("/vi/glossary", vi="máy ép", en="!!", strength="same")
    assert page.status_code == 422
    assert 'value="máy ép"' in page.text
    assert "không có từ nào" in page.text


def test_a_term_that_was_left_out_is_asked_for_by_the_name_of_its_field(enter: Enter, market: Market) -> None:
    page = words_of(enter(market.moderator).post("/vi/glossary", vi="", en="", strength="same"))
    assert "Tiếng Việt: Mục này bắt buộc" in page
    assert "Tiếng Anh: Mục này bắt buộc" in page
    assert "cột" not in page, "a form has no columns"


def test_words_come_before_numbers_and_in_the_order_of_a_vietnamese_dictionary(market: Market) -> None:
    with look(market.runtime) as work:
        first = term_tables.page(work, market.moderator, text="", decided=False, number=1).items
    terms = [one.entry.terms[one.entry.languages.index("vi")] for one in first]
    assert {one.entry.weight for one in first} == {1_000}
    assert terms == sorted(terms, key=sort_key)
    assert all(any(letter.isalpha() for letter in term) for term in terms)


def test_members_do_not_see_the_room(enter: Enter, market: Market) -> None:
    assert enter(market.owner).get("/vi/glossary").status_code == 403


# -- matches across languages --------------------------------------------------------------------------------------


def test_a_match_keeps_its_score_and_its_table_whatever_is_decided_later(market: Market) -> None:
    decide(market, TERM, 1_000)
    wanted = content("demand", "Máy ép bùn", "Cần máy ép bùn cho nhà máy nước.")
    offered = content("offer", "Filter press", "A filter press for water works.", language="en")
    [demand], [offer] = publish(market.runtime, wanted), publish(market.runtime, offered, owner="Viện khác")
    settle(market.runtime)
    with look(market.runtime) as work:
        before = matches.explained(work, demand, offer).score
    assert "máy ép ↔ filter press" in str(before.signals).lower()
    decide(market, TERM, 0)
    with look(market.runtime) as work:
        after = matches.explained(work, demand, offer).score
        now = statistics.current(work).version
    assert (after.total, after.statistics_version) == (before.total, before.statistics_version)
    assert now != before.statistics_version
