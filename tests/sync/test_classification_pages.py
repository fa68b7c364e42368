"""What librarians do on the pages of the national exchange, and what everybody reads of it there and at home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from marketplace.models.layers import Classification
from marketplace.runtime import Runtime
from marketplace.work import look
from tests.journeys.test_accessible import Seen
from tests.support.compiled import application
from tests.support.market import settle
from tests.support.members import PASSWORD, enterprise, join
from tests.support.visitor import Visitor, words_of
from tests.sync.conftest import Pair
from tests.sync.test_classification import SAYS, TRAM, classify, sent, settled
from tests.sync.test_desks_in_browser import looked_at, served
from tests.sync.test_pages import staff
from tests.sync.trio import Trio, three
from vocabulary.fields import FORD
from vocabulary.listing import Text

VERSION = re.compile(r'name="version" value="(\d+)"')
GIVEN = {
    "fields": ["4.1", ""], "ipc": "a01k61/59; C02F", "industries": ["", "03"], "strategic": "",
    "title": "Sluicewatch station", "summary": "",
}  # fmt: skip


@pytest.fixture
def trio(pair: Pair, tmp_path: Path) -> Iterator[Trio]:
    with three(pair, tmp_path) as found:
        yield found


def librarian(runtime: Runtime) -> Visitor:
    return staff(runtime, "thu.thu@example.org", "moderator")


def version(page: str) -> str:
    found = VERSION.search(page)
    assert found is not None
    return found[1]


def decisions(runtime: Runtime) -> int:
    with look(runtime) as work:
        return len(work.session.scalars(select(Classification)).all())


def test_a_librarian_works_through_the_list_and_everybody_reads_it(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    person = librarian(pair.national)
    listed = person.get("/vi/classification")
    assert TRAM in words_of(listed)
    link = re.search(r'href="(/vi/classification/[^"?]+)"', listed.text)
    assert link is not None
    answer = person.post(link[1], version=version(person.get(link[1]).text), **GIVEN)
    assert answer.status_code == 303
    page = words_of(person.get(link[1]))
    assert "Đã lưu phân loại" in page
    assert "A01K 61/59" in page
    assert "Không còn hồ sơ nào chưa phân loại" in words_of(person.get("/vi/classification?kind=offer"))
    assert "Sluicewatch" not in words_of(person.get("/vi/classification?show=done"))
    settled(pair)
    for runtime in (pair.national, pair.local):
        visitor = Visitor(application(runtime))
        said = words_of(visitor.get(f"/vi/listings/{uid}"))
        assert "Phân loại của sàn quốc gia" in said
        assert f"4.1 · {FORD.label('4.1', 'vi')}" in said
        assert "Bản dịch của sàn quốc gia (English) Sluicewatch station" in said
        told = words_of(visitor.get(f"/en/listings/{uid}"))
        assert "Classified by the national exchange" in told
        assert f"4.1 · {FORD.label('4.1', 'en')}" in told
        assert "not said by the owner" in told
        assert TRAM in told
        assert "/classification/" not in visitor.get(f"/vi/listings/{uid}").text
        assert TRAM in words_of(visitor.get("/vi/offers?industry=03"))
    assert f"/vi/classification/{uid}" in person.get(f"/vi/listings/{uid}").text


def test_what_no_list_has_is_said_in_a_sentence_and_everything_typed_is_kept(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    person = librarian(pair.national)
    wrong = {**GIVEN, "fields": ["9.99"], "ipc": "Z99"}
    answer = person.post(f"/vi/classification/{uid}", version="0", **wrong)
    assert answer.status_code == 422
    words = words_of(answer)
    assert "«9.99» không có trong danh mục" in words
    assert "Z99" in words
    assert 'value="Sluicewatch station"' in answer.text
    assert decisions(pair.national) == 0
    told = person.post(f"/en/classification/{uid}", version="0", **{**GIVEN, "title": "x" * 301})
    assert told.status_code == 422
    assert "301" in words_of(told)


def test_a_form_from_before_somebody_elses_decision_is_409_and_loses_nothing(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    person = librarian(pair.national)
    before = version(person.get(f"/vi/classification/{uid}").text)
    classify(pair.national, uid)
    answer = person.post(f"/vi/classification/{uid}", version=before, **{**GIVEN, "title": "My own words"})
    assert answer.status_code == 409
    assert "Có người vừa phân loại hồ sơ này" in words_of(answer)
    assert 'value="My own words"' in answer.text
    assert decisions(pair.national) == 1
    assert person.post(f"/vi/classification/{uid}/undo", version=before).status_code == 409
    again = person.post(
        f"/vi/classification/{uid}", version=version(answer.text), **{**GIVEN, "title": "My own words"}
    )
    assert again.status_code == 303
    assert decisions(pair.national) == 2


def test_the_history_says_who_and_when_and_the_latest_is_taken_back(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    person = librarian(pair.national)
    page = person.get(f"/vi/classification/{uid}")
    person.post(
        f"/vi/classification/{uid}", version=version(page.text), fields="2.7", ipc="", title="", summary=""
    )
    page = person.get(f"/vi/classification/{uid}")
    assert "2.7 · " in words_of(page)
    person.post(f"/vi/classification/{uid}/undo", version=version(page.text))
    words = words_of(person.get(f"/vi/classification/{uid}"))
    assert "Đã rút lại" in words
    assert "thu-thu" in words
    page = person.get(f"/vi/classification/{uid}")
    person.post(f"/vi/classification/{uid}/undo", version=version(page.text))
    page = person.get(f"/en/classification/{uid}")
    assert "Not classified yet." in words_of(page)
    assert person.post(f"/en/classification/{uid}/undo", version=version(page.text)).status_code == 409
    without = person.post_without_token(f"/en/classification/{uid}", version=version(page.text), fields="2.7")
    assert without.status_code == 403


def test_a_revision_since_is_told_on_every_page(trio: Trio) -> None:
    uid = trio.offer(trio.one)
    trio.settle()
    classify(trio.national, uid)
    trio.retitle(uid, "Phao đo mặn đời hai")
    trio.settle()
    settle(trio.one)
    for runtime in (trio.national, trio.one):
        visitor = Visitor(application(runtime))
        assert "Phân loại theo bản trước (bản 1)" in words_of(visitor.get(f"/vi/listings/{uid}"))
        assert "earlier revision (1)" in words_of(visitor.get(f"/en/listings/{uid}"))
    assert "Phân loại theo bản trước" in words_of(
        librarian(trio.national).get("/vi/classification?show=done")
    )


def test_what_the_home_translates_itself_stands_in_place_of_ours(trio: Trio) -> None:
    uid = trio.offer(trio.one)
    trio.settle()
    classify(trio.national, uid)
    said = trio.posted[uid][3]
    trio.revise(
        uid, texts={**said.texts, "en": Text(title="Floating salinity sensor", description="A buoy.")}
    )
    trio.settle()
    settle(trio.one)
    for runtime in (trio.national, trio.one):
        assert "Sluicewatch" not in words_of(Visitor(application(runtime)).get(f"/en/listings/{uid}"))
    page = librarian(trio.national).get(f"/vi/classification/{uid}")
    assert 'name="title"' not in page.text
    assert "Sàn chủ đã tự dịch" in words_of(page)


def test_the_room_is_the_librarians_of_the_national_exchange(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    join(pair.national, "chu@example.org", "owner", enterprise(pair.national))
    member = Visitor(application(pair.national))
    member.sign_in("chu@example.org", PASSWORD)
    for path in ("/vi/classification", f"/vi/classification/{uid}"):
        assert member.get(path).status_code == 403
        assert Visitor(application(pair.national)).get(path).status_code == 303
    assert member.post(f"/vi/classification/{uid}", version="0", **GIVEN).status_code == 403
    assert decisions(pair.national) == 0
    here = librarian(pair.local)
    assert here.get("/vi/classification").status_code == 404
    assert here.get(f"/vi/classification/{uid}").status_code == 404
    assert here.post(f"/vi/classification/{uid}", version="0", **GIVEN).status_code == 404
    operator = staff(pair.national, "van.hanh@example.org", "operator")
    assert operator.get("/vi/classification").status_code == 200
    assert operator.get("/vi/classification/can-tho:offer:01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code == 404


@pytest.mark.browser
def test_the_librarians_pages_are_for_everybody_and_fit_every_screen(pair: Pair, browser: Browser) -> None:
    uid, other = sent(pair, TRAM, "Máy sấy thăng hoa cho nông sản của các hợp tác xã vùng cao")
    classify(pair.national, uid)
    classify(pair.national, uid, replace(SAYS, texts={}, fields=("2.7", "4.1")))
    settle(pair.national)
    paths = (
        "classification", "classification?show=done", f"classification/{uid}", f"classification/{other}",
        f"listings/{uid}", "classification?kind=initiative",
    )  # fmt: skip
    with served(pair.national) as live:
        assert looked_at(browser, live, paths) == Seen()
