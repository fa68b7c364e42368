"""What people read and do about a technology that two exchanges list: at home, at the centre, and as a visitor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services.sync import decisions
from marketplace.work import look
from tests.support.compiled import application
from tests.support.members import PASSWORD, enterprise, join
from tests.support.twins import TITLE
from tests.support.visitor import Visitor, words_of
from tests.sync.conftest import Pair
from tests.sync.test_pages import staff
from tests.sync.trio import Trio, three


@pytest.fixture
def trio(pair: Pair, tmp_path: Path) -> Iterator[Trio]:
    with three(pair, tmp_path) as found:
        yield found


def owner_of(runtime: Runtime, uid: str) -> Visitor:
    """A member of the organisation behind a listing, signed in."""
    with look(runtime) as work:
        home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == uid))
    join(runtime, "chu@example.org", "owner", str(home))
    visitor = Visitor(application(runtime))
    visitor.sign_in("chu@example.org", PASSWORD)
    return visitor


def test_a_visitor_reads_every_home_on_the_page_of_a_technology(trio: Trio) -> None:
    one, other = trio.linked()
    trio.revise(other, trl_min=8, trl_max=8)
    trio.settle()
    visitor = Visitor(application(trio.national))
    assert "Cũng đăng trên Sàn hue" in words_of(visitor.get("/vi/offers"))
    page = visitor.get(f"/vi/listings/{one}")
    words = words_of(page)
    assert "Đăng trên 2 sàn" in words
    assert "TRL 8" in words
    for home, uid in ((trio.one, one), (trio.other, other)):
        assert f'href="{home.settings.base_url}/vi/listings/{uid}"' in page.text
    assert "Listed on 2 exchanges" in words_of(visitor.get(f"/en/listings/{other}"))


def test_both_national_ids_lead_to_the_page_that_is_found(trio: Trio) -> None:
    one, other = trio.linked()
    visitor = Visitor(application(trio.national))
    for uid in (one, other):
        answer = visitor.get(f"/vi/id/{trio.known_as()[uid][0]}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/vi/listings/{one}")
    assert visitor.get("/vi/id/n-unknown").status_code == 404


def test_the_owner_reads_why_and_answers_on_the_own_page(trio: Trio) -> None:
    one, _ = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    owner = owner_of(trio.one, one)
    page = owner.get(f"/vi/desk/listings/{one}")
    assert "công nghệ này có đăng cả ở sàn khác không?" in words_of(page)
    link = re.search(r'href="(/vi/desk/suggestions/[^"]+)"', page.text)
    assert link is not None
    asked = words_of(owner.get(link[1]))
    assert "Tiêu đề giống nhau 100 %" in asked
    assert "Nội dung giống nhau 100 %" in asked
    assert owner.post(link[1], answer="reject", note="x" * 501).status_code == 422
    assert owner.post(link[1], answer="perhaps").status_code == 422
    owner.post(link[1], answer="reject", note="Đời máy khác.")
    assert "Sàn này đã trả lời: không phải" in words_of(owner.get(link[1]))
    trio.settle()
    assert trio.candidate().state == "parted"
    assert "không phải cùng công nghệ" in words_of(owner.get(f"/vi/desk/listings/{one}"))


def test_a_suggestion_is_for_the_people_of_the_listing_and_the_operators(trio: Trio) -> None:
    one, _ = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    with look(trio.one) as work:
        address = f"/vi/desk/suggestions/{decisions.of_listing(work, one)[0].uid}"
    operator = staff(trio.one, "van.hanh@example.org", "operator")
    assert TITLE in words_of(operator.get("/vi/sync/suggestions"))
    assert operator.get(address).status_code == 200
    assert operator.get("/vi/clusters").status_code == 403
    moderator = staff(trio.one, "duyet@example.org", "moderator")
    assert moderator.get(address).status_code == 403
    assert moderator.get("/vi/clusters").status_code == 404
    join(trio.one, "la@example.org", "owner", enterprise(trio.one))
    stranger = Visitor(application(trio.one))
    stranger.sign_in("la@example.org", PASSWORD)
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, answer="accept").status_code == 404


def test_a_reviewer_sees_both_sides_links_and_takes_it_back(trio: Trio) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    trio.answer(trio.one, one, "contest", "Chưa chắc cùng đời máy.")
    trio.settle()
    reviewer = staff(trio.national, "duyet@example.org", "moderator")
    queue = reviewer.get("/vi/clusters")
    link = re.search(r'href="(/vi/clusters/[0-9A-Z]{26})"', queue.text)
    assert link is not None
    case = words_of(reviewer.get(link[1]))
    assert "Viện Lúa" in case
    assert "Sao Mai" in case
    assert "Chưa chắc cùng đời máy." in case
    reviewer.post(f"{link[1]}/decide", decision="link", note="Đã hỏi cả hai.")
    case = words_of(reviewer.get(link[1]))
    assert "Đã hỏi cả hai." in case
    assert trio.known_as()[other][2] == one
    reviewer.post(f"{link[1]}/decide", decision="undo")
    assert "gỡ dòng 1" in words_of(reviewer.get(link[1]))
    assert trio.known_as()[other][2] == other
    assert "Waiting" not in words_of(reviewer.get("/en/clusters?show=linked"))
    assert staff(trio.national, "van.hanh@example.org", "operator").get(link[1]).status_code == 403
