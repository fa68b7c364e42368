"""All that people are told, a page at a time, and read when it was shown to them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from marketplace.services import memberships, notices
from marketplace.services.policy import Actor
from marketplace.work import begin, look
from tests.listings.conftest import Enter, Market
from tests.listings.test_desk import posted
from tests.support.clock import HandMovedClock
from tests.support.people import person
from tests.support.visitor import Visitor, words_of

ALL = "/vi/desk/notices"
OK, SEE_OTHER = 200, 303


@pytest.fixture
def browser(enter: Enter, market: Market) -> Visitor:
    return enter(market.owner)


@pytest.fixture
def told(market: Market, clock: HandMovedClock) -> int:
    """So many notices, one a second."""
    with begin(market.runtime) as work:
        uid = posted(work, market, "Hồ sơ của tôi", public=True)
    for n in range(45):
        clock.move(timedelta(seconds=1))
        with begin(market.runtime) as work:
            notices.tell(
                work,
                market.owner.user_id,
                key=f"n{n}",
                what="expired",
                target=uid,
                params={"title": f"Thứ {n}."},
            )
    return 45


def shown(browser: Visitor, path: str) -> list[int]:
    """Which of them a page shows, in its order."""
    return [int(n) for n in re.findall(r"«Thứ (\d+)\.»", unescape(browser.get(path).text))]


def unread(market: Market) -> int:
    with look(market.runtime) as work:
        return notices.unread(work, market.owner)


def mark(browser: Visitor, path: str) -> str:
    """Press the button of a page; where that leads."""
    page = browser.get(path).text
    fields = dict[str, list[str]]()
    form = re.search(r'<form[^>]*action="/vi/desk/notices/read".*?</form>', page, re.DOTALL)
    assert form is not None
    for name, value in re.findall(r'name="(notice|next)" value="([^"]*)"', form[0]):
        fields.setdefault(name, []).append(unescape(value))
    answer = browser.post("/vi/desk/notices/read", **fields)
    assert answer.status_code == SEE_OTHER
    return answer.headers["Location"]


def test_every_notice_is_on_a_page_that_masthead_and_desk_lead_to(browser: Visitor, told: int) -> None:
    desk = browser.get("/vi/desk")
    assert desk.text.count(f'href="{ALL}"') >= 3, "both menus and the desk itself"
    assert "Thông báo (45)" in words_of(desk)
    assert shown(browser, "/vi/desk") == [44, 43, 42, 41, 40]
    pages = [shown(browser, f"{ALL}?page={n}") for n in (1, 2, 3)]
    assert [n for page in pages for n in page] == list(range(44, -1, -1))
    assert [len(page) for page in pages] == [20, 20, 5]
    assert shown(browser, f"{ALL}?page=99") == pages[2]
    assert f'href="{ALL}?page=2"' in browser.get(ALL).text


def test_only_what_was_shown_is_marked_as_read(browser: Visitor, market: Market, told: int) -> None:
    assert mark(browser, "/vi/desk") == "/vi/desk"
    assert unread(market) == 40
    assert mark(browser, f"{ALL}?page=2") == f"{ALL}?page=2"
    assert unread(market) == 20
    assert "/vi/desk/notices/read" not in browser.get("/vi/desk").text
    assert "Thông báo (20)" in words_of(browser.get("/vi/desk"))


def test_what_came_meanwhile_and_what_others_were_told_stays_unread(
    browser: Visitor, market: Market, enter: Enter
) -> None:
    with begin(market.runtime) as work:
        for who in (market.owner, market.stranger):
            notices.tell(work, who.user_id, key="a", what="expired", target="x", params={"title": "Một"})
        (theirs,) = notices.latest(work, market.stranger, most=5)
    ids = re.findall(r'name="notice" value="(\w+)"', browser.get(ALL).text)
    with begin(market.runtime) as work:
        notices.tell(work, market.owner.user_id, key="b", what="expired", target="x", params={"title": "Hai"})
    browser.post("/vi/desk/notices/read", notice=[*ids, theirs.id])
    assert unread(market) == 1
    with look(market.runtime) as work:
        assert notices.unread(work, market.stranger) == 1


def test_news_of_an_import_is_no_link_and_every_other_leads_somewhere(
    browser: Visitor, market: Market, told: int
) -> None:
    with begin(market.runtime) as work:
        notices.tell_organisation(
            work, market.institute, key="import", what="import_done", params={"file": "a.csv", "n": 7, "refused": 1}
        )  # fmt: skip
    for path in ("/vi/desk", ALL):
        assert "a.csv" in browser.get(path).text
        assert [browser.get(link).status_code for link in links(browser, path)] == [OK]


def test_who_has_left_keeps_the_news_without_links_and_nothing_of_it_to_do(
    browser: Visitor, market: Market, enter: Enter
) -> None:
    with begin(market.runtime) as work:
        uid = posted(work, market, "Hồ sơ của tôi", public=True)
        for what in ("expired", "new_match"):
            notices.tell(
                work, market.owner.user_id, key=what, what=what, target=uid, params={"title": "Ví dụ"}
            )
    assert links(browser, ALL) == {f"/vi/desk/listings/{uid}", f"/vi/desk/listings/{uid}/matches"}
    leave(market, market.owner, market.institute)
    browser = enter(market.owner)
    assert links(browser, ALL) == links(browser, "/vi/desk") == set()
    assert browser.get(ALL).text.count("Ví dụ") == 2


def leave(market: Market, actor: Actor, organisation_id: str) -> None:
    """There is somebody else who keeps it."""
    with begin(market.runtime) as work:
        person(work, "Người Ở Lại", {organisation_id: ("owner",)})
        memberships.leave(work, actor, organisation_id)


def links(browser: Visitor, path: str) -> set[str]:
    """Where the news of a page leads."""
    news = re.search(r'<ul class="stack plain" id="notices">.*?</ul>', browser.get(path).text, re.DOTALL)
    assert news is not None
    return {unescape(link) for link in re.findall(r'href="([^"]+)"', news[0])}


def test_who_was_told_nothing_reads_why(browser: Visitor) -> None:
    page = words_of(browser.get(ALL))
    assert "Chưa có thông báo nào" in page
    assert "Đánh dấu đã đọc" not in page
