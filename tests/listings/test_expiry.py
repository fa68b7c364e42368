"""What time does to listings."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services import expiry, feed, listings, steps
from marketplace.tasks import SCHEDULE, TASKS
from marketplace.work import begin, look
from tests.listings.conftest import Market
from tests.support.clock import HandMovedClock
from vocabulary.listing import Content


def test_the_exchange_looks_every_hour() -> None:
    hourly = {period.name for period in SCHEDULE if period.every == timedelta(hours=1)}
    assert {"expire_listings", "tidy_desks"} <= hourly
    assert {TASKS[name] for name in ("expire_listings", "tidy_desks")} == {
        expiry.expire_listings,
        expiry.tidy_desks,
    }


def posted(market: Market, offer: Content) -> str:
    with begin(market.runtime) as work:
        listing = listings.post(work, market.owner, market.institute, offer, submit=True)
        steps.take(work, market.moderator, listing, "approve")
        return listing.uid


def told(market: Market) -> list[str]:
    with look(market.runtime) as work:
        mine = select(Notice.what).where(Notice.user_id == market.owner.user_id)
        return list(work.session.scalars(mine.order_by(Notice.created_at)))


def status(market: Market, uid: str) -> str:
    with look(market.runtime) as work:
        return work.session.scalars(select(Listing.status).where(Listing.uid == uid)).one()


def test_the_owner_is_warned_once_a_fortnight_before(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    posted(market, offer)
    clock.move(timedelta(days=351, seconds=-1))
    expiry.expire_listings(market.runtime)
    assert told(market) == []
    clock.move(timedelta(seconds=1))
    expiry.expire_listings(market.runtime)
    expiry.expire_listings(market.runtime)
    assert told(market) == ["expiring"]


def test_after_a_year_the_listing_is_gone_until_it_is_renewed(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    uid = posted(market, offer)
    clock.move(timedelta(days=365, seconds=-1))
    expiry.expire_listings(market.runtime)
    assert status(market, uid) == "published"
    clock.move(timedelta(seconds=1))
    expiry.expire_listings(market.runtime)
    assert status(market, uid) == "expired"
    assert told(market) == ["expiring", "expired"]
    with begin(market.runtime) as work:
        assert feed.rows(work, [uid])[uid].body == "expired"
        listings.renew(work, market.owner, uid)
        row = feed.row(work, uid)
        assert row is not None
        assert row.live
    clock.move(timedelta(days=351))
    expiry.expire_listings(market.runtime)
    assert sorted(told(market)) == ["expired", "expiring", "expiring"]


def test_a_renewed_listing_is_not_warned_about_the_old_date(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    uid = posted(market, offer)
    clock.move(timedelta(days=340))
    with begin(market.runtime) as work:
        listings.renew(work, market.owner, uid)
    clock.move(timedelta(days=20))
    expiry.expire_listings(market.runtime)
    assert told(market) == []
    assert status(market, uid) == "published"


def test_time_runs_out_for_a_paused_listing_too_and_for_a_withdrawn_one_no_more(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    paused, withdrawn = posted(market, offer), posted(market, offer)
    with begin(market.runtime) as work:
        listings.pause(work, market.owner, paused)
        listings.withdraw(work, market.owner, withdrawn)
    clock.move(timedelta(days=366))
    expiry.expire_listings(market.runtime)
    assert (status(market, paused), status(market, withdrawn)) == ("expired", "withdrawn")


def test_more_listings_than_fit_one_transaction_all_expire(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    uids = [posted(market, offer) for _ in range(3)]
    clock.move(timedelta(days=366))
    with begin(market.runtime) as work:
        assert expiry.expire_due(work, at_once=2) == 2
    expiry.expire_listings(market.runtime)
    assert {status(market, uid) for uid in uids} == {"expired"}
