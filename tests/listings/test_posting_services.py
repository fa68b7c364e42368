"""What an owner can do with a listing, and what the public sees of it at each moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded, Stale
from marketplace.models.listings import Revision
from marketplace.models.review import ReviewItem
from marketplace.services import feed, listings, steps, timeline
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.work import Work, begin
from tests.listings.conftest import Market
from tests.support.clock import HandMovedClock
from vocabulary.listing import Content, Sealed, Text


def public_title(work: Work, uid: str) -> str | None:
    row = feed.row(work, uid)
    if row is None or not row.live:
        return None
    texts: dict[str, dict[str, str]] = row.body["content"]["texts"]
    return texts["vi"]["title"]


def titled(content: Content, title: str) -> Content:
    return content.revised(texts={"vi": Text(title=title, description="Mô tả.")})


def published(work: Work, market: Market, content: Content) -> str:
    uid = listings.post(work, market.owner, market.institute, content, submit=True).uid
    steps.take(work, market.moderator, steps.hold(work, market.moderator, uid, "review.work"), "approve")
    return uid


def test_a_draft_is_nobody_elses_business(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = listings.post(work, market.owner, market.institute, offer).uid
        assert feed.row(work, uid) is None
        with pytest.raises(NotFound):
            steps.find(work, market.stranger, uid)
        with pytest.raises(SignInNeeded):
            steps.find(work, VISITOR, uid)
        assert timeline.public(work, uid) == []


def test_a_listing_is_public_from_its_approval(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer, submit=True)
        assert listing.status == "in_review"
        assert public_title(work, listing.uid) is None
        steps.take(work, market.moderator, listing, "approve")
        assert public_title(work, listing.uid) == offer.title
        assert listing.expires_at == work.now + timedelta(days=365)


def test_a_draft_may_be_empty_but_a_listing_sent_for_review_may_not(market: Market) -> None:
    with begin(market.runtime) as work:
        empty = Content("demand")
        uid = listings.post(work, market.owner, market.institute, empty).uid
        with pytest.raises(Invalid) as refusal:
            listings.submit(work, market.owner, uid)
        assert {problem.path for problem in refusal.value.problems} == {
            "texts.vi.title",
            "texts.vi.description",
        }


def test_whoever_has_not_confirmed_the_address_cannot_send(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = listings.post(work, market.unconfirmed, market.institute, offer).uid
        with pytest.raises(Forbidden):
            listings.submit(work, market.unconfirmed, uid)


@pytest.mark.parametrize("step", ["submit", "pause", "withdraw", "renew", "confirm", "recall", "discard"])
def test_a_stranger_hears_the_same_of_a_listing_and_of_none(
    market: Market, offer: Content, step: str
) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, offer)
        refusals = []
        for name in (uid, f"{uid}0"):
            with pytest.raises(NotFound) as refusal:
                getattr(listings, step)(work, market.stranger, name)
            refusals.append(refusal.value.status)
        assert refusals == [404, 404]


def test_a_stranger_cannot_post_for_another_organisation(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work, pytest.raises(NotFound):
        listings.post(work, market.stranger, market.institute, offer)


def test_a_revision_waits_beside_what_stays_public(each_market: Market, offer: Content) -> None:
    with begin(each_market.runtime) as work:
        uid = published(work, each_market, offer)
        listing = steps.find(work, each_market.owner, uid)
        listings.revise(work, each_market.owner, uid, titled(offer, "Bản mới"), version=listing.version)
        assert public_title(work, uid) == offer.title
        listings.submit(work, each_market.owner, uid)
        assert (listing.status, public_title(work, uid)) == ("published", offer.title)
        steps.take(work, each_market.moderator, listing, "return")
        assert public_title(work, uid) == offer.title
        listings.submit(work, each_market.owner, uid)
        steps.take(work, each_market.moderator, listing, "approve")
        assert public_title(work, uid) == "Bản mới"


def test_a_rejected_revision_leaves_the_public_one_and_can_be_dropped(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, offer)
        listing = steps.find(work, market.owner, uid)
        listings.revise(work, market.owner, uid, titled(offer, "Bản xấu"), version=listing.version)
        listings.submit(work, market.owner, uid)
        steps.take(work, market.moderator, listing, "reject", reason="unlawful")
        assert public_title(work, uid) == offer.title
        listings.discard(work, market.owner, uid)
        assert listing.working_id == listing.live_id
        assert steps.working(work, listing).state == "approved"


def test_pausing_withdrawing_and_renewing_need_no_review(
    each_market: Market, offer: Content, clock: HandMovedClock
) -> None:
    with begin(each_market.runtime) as work:
        uid = published(work, each_market, offer)
        before = work.session.scalar(select(func.count()).select_from(ReviewItem))
        listings.pause(work, each_market.owner, uid)
        assert feed.rows(work, [uid])[uid].body == "paused"
        listings.resume(work, each_market.owner, uid)
        assert public_title(work, uid) == offer.title
    clock.move(timedelta(days=300))
    with begin(each_market.runtime) as work:
        listing = listings.renew(work, each_market.owner, uid)
        assert listing.expires_at == work.now + timedelta(days=365)
        listings.withdraw(work, each_market.owner, uid)
        assert feed.rows(work, [uid])[uid].body == "withdrawn"
        assert work.session.scalar(select(func.count()).select_from(ReviewItem)) == before


def test_a_withdrawal_can_be_undone_for_ten_minutes(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, offer)
        listings.pause(work, market.owner, uid)
        listings.withdraw(work, market.owner, uid)
    clock.move(timedelta(minutes=10))
    with begin(market.runtime) as work:
        assert listings.unwithdraw(work, market.owner, uid).status == "paused"
        listings.withdraw(work, market.owner, uid)
    clock.move(timedelta(minutes=10, seconds=1))
    with begin(market.runtime) as work, pytest.raises(Conflict) as refusal:
        listings.unwithdraw(work, market.owner, uid)
    assert refusal.value.code == "too_late_to_undo"


def test_withdrawing_a_suspended_listing_and_undoing_it_does_not_end_the_suspension(
    market: Market, offer: Content
) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, offer)
        listing = steps.hold(work, market.moderator, uid, "listing.mark")
        steps.take(work, market.moderator, listing, "suspend")
        listings.withdraw(work, market.owner, uid)
        assert listings.unwithdraw(work, market.owner, uid).status == "suspended"
        assert public_title(work, uid) is None
        steps.take(work, market.moderator, listing, "restore")
        assert (listing.status, public_title(work, uid)) == ("published", offer.title)


def test_an_older_form_is_stale_and_says_what_stands_now(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer)
        listings.revise(work, market.owner, listing.uid, titled(offer, "Một"), version=1)
        with pytest.raises(Stale) as refusal:
            listings.revise(work, market.owner, listing.uid, titled(offer, "Hai"), version=1)
        assert refusal.value.current_version == listing.version == 2
        assert steps.working(work, listing).title == "Một"


def test_saving_the_same_again_makes_no_revision(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer, sealed=Sealed("bí mật"))
        listings.revise(work, market.owner, listing.uid, offer, version=1, sealed=Sealed("bí mật"))
        assert listing.version == 1
        count = select(func.count()).select_from(Revision).where(Revision.listing_id == listing.id)
        assert work.session.scalar(count) == 1


def test_every_revision_is_kept(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer)
        for n in range(3):
            listings.revise(
                work, market.owner, listing.uid, titled(offer, f"Bản {n}"), version=listing.version
            )
        titles = select(Revision.title).where(Revision.listing_id == listing.id).order_by(Revision.number)
        assert list(work.session.scalars(titles)) == [offer.title, "Bản 0", "Bản 1", "Bản 2"]


def test_a_listing_in_review_is_taken_back_before_it_is_changed(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer, submit=True)
        with pytest.raises(Conflict):
            listings.revise(work, market.owner, listing.uid, titled(offer, "Khác"), version=listing.version)
        listings.recall(work, market.owner, listing.uid)
        open_items = select(func.count()).select_from(ReviewItem).where(ReviewItem.decided_at.is_(None))
        assert work.session.scalar(open_items) == 0
        listings.revise(work, market.owner, listing.uid, titled(offer, "Khác"), version=listing.version)
        assert steps.working(work, listing).title == "Khác"


def test_the_public_timeline_tells_what_happened_and_names_nobody(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, offer)
        listings.pause(work, market.owner, uid)
        listing = listings.resume(work, market.owner, uid)
        told = timeline.public(work, uid)
        assert [event.what for event in told] == ["resume", "pause", "approve"]
        assert {event.by for event in told} == {""}
        whole = timeline.whole(work, listing)
        assert [event.what for event in whole] == ["resume", "pause", "approve", "submit", "post"]
        assert {event.by for event in whole} == {market.owner.name, market.moderator.name}


def test_only_the_exchange_itself_lets_a_listing_expire(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        listing = steps.find(work, market.owner, published(work, market, offer))
        with pytest.raises(Forbidden):
            steps.take(work, market.owner, listing, "expire")
        steps.take(work, SYSTEM, listing, "expire")
        assert feed.rows(work, [listing.uid])[listing.uid].body == "expired"


def test_withdrawing_what_is_in_review_takes_it_out_of_the_queue(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = listings.post(work, market.owner, market.institute, offer, submit=True).uid
        listings.withdraw(work, market.owner, uid)
        item = work.session.scalars(select(ReviewItem)).one()
        assert (item.decision, item.decided_by) == ("recalled", market.owner.user_id)
        assert listings.unwithdraw(work, market.owner, uid).status == "draft"
