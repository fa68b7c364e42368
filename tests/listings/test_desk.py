"""The desk: what waits for a member, the table of their listings, and what a listing could still say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.errors import Conflict, SignInNeeded
from marketplace.services import (
    completeness,
    desk,
    duplicates,
    listings,
    own_listings,
    revisions,
    steps,
    suggestions,
)
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.work import Work, begin
from tests.listings.conftest import Market
from tests.support.clock import HandMovedClock
from tests.support.market import content, publish, settle
from tests.support.people import person
from vocabulary.listing import Content, Price, Requirement


def posted(work: Work, market: Market, title: str, *, public: bool = False) -> str:
    listing = listings.post(work, market.owner, market.institute, content("offer", title), submit=public)
    if public:
        steps.take(work, market.moderator, listing, "approve")
    return listing.uid


def test_the_table_holds_what_belongs_to_my_organisations_and_nothing_else(market: Market) -> None:
    with begin(market.runtime) as work:
        mine = posted(work, market, "Của chúng tôi")
        listings.post(work, market.stranger, market.stranger_home, content("offer", "Của người khác"))
        assert [line.uid for line in desk.desk(work, market.owner).lines] == [mine]
        with pytest.raises(SignInNeeded):
            desk.desk(work, VISITOR)


def test_the_table_has_pages_the_latest_first(market: Market, clock: HandMovedClock) -> None:
    for n in range(desk.PAGE + 1):
        with begin(market.runtime) as work:
            posted(work, market, f"Hồ sơ {n}")
        clock.move(timedelta(seconds=1))
    with begin(market.runtime) as work:
        first, second = (desk.desk(work, market.owner, page=n) for n in (1, 2))
    assert (first.total, first.pages) == (desk.PAGE + 1, 2)
    assert first.lines[0].title == f"Hồ sơ {desk.PAGE}"
    assert [line.title for line in second.lines] == ["Hồ sơ 0"]


@pytest.mark.parametrize(
    ("doings", "next_step"),
    [
        ((), "submit"),
        (("submit",), ""),
        (("submit", "return"), "revise"),
        (("submit", "approve"), ""),
        (("submit", "approve", "pause"), "resume"),
        (("submit", "approve", "expire"), "renew"),
        (("withdraw",), "unwithdraw"),
        (("submit", "reject"), ""),
    ],
)
def test_each_listing_names_the_likely_next_step(
    market: Market, doings: tuple[str, ...], next_step: str
) -> None:
    by = {"approve": market.moderator, "return": market.moderator, "reject": market.moderator}
    with begin(market.runtime) as work:
        listing = steps.find(work, market.owner, posted(work, market, "Một hồ sơ"))
        for doing in doings:
            actor = by.get(doing, market.owner)
            steps.take(work, SYSTEM if doing == "expire" else actor, listing, doing)
        assert desk.desk(work, market.owner).lines[0].next_step == next_step
        own = own_listings.read(work, market.owner, listing.uid)
        assert next_step in (*own.steps, "revise", "")
        assert own.editable == (listing.status not in ("in_review", "withdrawn", "rejected"))


def test_somebody_who_may_only_read_is_offered_no_step(market: Market) -> None:
    with begin(market.runtime) as work:
        reader = person(work, "Môi Giới", {market.institute: ("broker",)})
        uid = posted(work, market, "Chỉ đọc")
        assert desk.desk(work, reader).lines[0].next_step == ""
        own = own_listings.read(work, reader, uid)
        assert (own.steps, own.editable, own.sealed) == ((), False, None)


def test_an_expiring_listing_is_to_be_done_a_fortnight_before(market: Market, clock: HandMovedClock) -> None:
    with begin(market.runtime) as work:
        uid = posted(work, market, "Sắp hết hạn", public=True)
        assert desk.desk(work, market.owner).to_do == ()
    clock.move(timedelta(days=351))
    with begin(market.runtime) as work:
        assert [(one.what, one.uid) for one in desk.desk(work, market.owner).to_do] == [("expiring", uid)]


def test_a_withdrawal_is_offered_back_for_ten_minutes(market: Market, clock: HandMovedClock) -> None:
    with begin(market.runtime) as work:
        uid = posted(work, market, "Rút nhầm")
        listings.withdraw(work, market.owner, uid)
    clock.move(timedelta(minutes=10, seconds=1))
    with begin(market.runtime) as work:
        assert desk.desk(work, market.owner).lines[0].next_step == ""
        assert "unwithdraw" not in own_listings.read(work, market.owner, uid).steps


def test_a_listing_in_review_cannot_be_opened_for_editing(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = posted(work, market, "Đang chờ")
        listings.submit(work, market.owner, uid)
        with pytest.raises(Conflict):
            own_listings.editable(work, market.owner, uid)


def test_versions_say_which_one_is_public(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = posted(work, market, "Bản một", public=True)
        listing = steps.find(work, market.owner, uid)
        again = content("offer", "Bản hai")
        listings.revise(work, market.owner, uid, again, version=listing.version)
        known = revisions.versions(work, listing)
    assert [(one.number, one.state, one.live, one.working) for one in known] == [
        (2, "draft", False, True),
        (1, "approved", True, False),
    ]


def test_each_kind_is_asked_for_what_helps_it_most() -> None:
    empty = Content("demand")
    assert {check.met for check in completeness.checks(empty)} == {False}
    assert [check.name for check in completeness.missing(empty)] == ["description", "fields"]
    said = content("demand", "Cần máy", fields=("2.3",), price=Price(1), requirements=(Requirement("a"),))
    assert [check.name for check in completeness.missing(said, at_most=9)] == [
        "trl", "needed_by", "province", "transfer_forms", "contact",
    ]  # fmt: skip
    assert "advantages" in {check.name for check in completeness.checks(content("offer", "Máy"))}


def test_fields_are_suggested_by_neighbours_and_by_words(market: Market) -> None:
    salt = "Cảm biến đo độ mặn ao tôm"
    publish(market.runtime, *(content("offer", f"{salt} loại {n}", fields=("4.1",)) for n in range(2)))
    settle(market.runtime)
    with begin(market.runtime) as work:
        assert suggestions.fields(work, "Cần cảm biến đo độ mặn")[0] == "4.1"
        assert suggestions.fields(work, "toán học và thống kê")[0] == "1.1"
        assert suggestions.fields(work, "  ") == ()
        assert len(suggestions.fields(work, f"{salt} khoa học máy tính y học vật liệu")) <= suggestions.SHOWN


def test_an_owner_is_shown_own_listings_that_say_nearly_the_same(market: Market) -> None:
    with begin(market.runtime) as work:
        near = posted(work, market, "Máy sấy lạnh nông sản")
        posted(work, market, "Cảm biến độ mặn")
        gone = posted(work, market, "Máy sấy lạnh nông sản loại hai")
        listings.withdraw(work, market.owner, gone)
        found = duplicates.own(work, market.institute, "x", content("offer", "May say lanh nong san"))
    assert [(one.uid, one.same_title) for one in found] == [(near, True)]
