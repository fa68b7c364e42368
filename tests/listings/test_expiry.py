"""What time does to listings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from marketplace import formats
from marketplace.mail import Mail
from marketplace.models.accounts import User
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services import expiry, feed, listings, steps
from marketplace.services.letters import MOST_NAMED
from marketplace.tasks import SCHEDULE, TASKS
from marketplace.work import begin, look
from tests.listings.conftest import Market
from tests.support.clock import HandMovedClock
from tests.support.mailer import letters
from tests.support.people import person
from vocabulary.listing import Content, Sealed


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


# -- letters -----------------------------------------------------------------------------------------------------------


def warned(market: Market, clock: HandMovedClock) -> list[Mail]:
    """The letters of a fortnight before the end."""
    letters(market.runtime)
    clock.move(timedelta(days=351))
    expiry.expire_listings(market.runtime)
    return letters(market.runtime)


def test_one_letter_names_what_expires_and_where_to_renew_it(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    uid = posted(market, offer)
    (letter,) = warned(market, clock)
    assert letter.language == "vi"
    assert "sắp hết hạn" in letter.subject
    assert offer.title in letter.text
    assert f"/vi/desk/listings/{uid}" in letter.text
    assert formats.date(expires_at(market, uid), "vi") in letter.text
    expiry.expire_listings(market.runtime)
    clock.move(timedelta(days=1))
    expiry.expire_listings(market.runtime)
    assert letters(market.runtime) == [], "once"


def test_the_letter_speaks_the_language_of_its_reader(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    posted(market, offer)
    with begin(market.runtime) as work:
        work.session.execute(update(User).values(language="en"))
    (letter,) = warned(market, clock)
    assert "expire soon" in letter.subject
    assert "expires on" in letter.text


def test_a_thousand_listings_are_one_letter_and_one_piece_of_news(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    for _ in range(MOST_NAMED + 3):
        posted(market, offer)
    (letter,) = warned(market, clock)
    assert letter.text.count("/vi/desk/listings/") == MOST_NAMED
    assert "Còn 3 hồ sơ khác" in letter.text
    assert told(market) == ["expiring_many"]


def test_nothing_sealed_is_in_the_letter(market: Market, offer: Content, clock: HandMovedClock) -> None:
    with begin(market.runtime) as work:
        listing = listings.post(
            work, market.owner, market.institute, replace(offer, anonymous=True), sealed=Sealed("bí quyết nung"), submit=True
        )  # fmt: skip
        steps.take(work, market.moderator, listing, "approve")
    (letter,) = warned(market, clock)
    assert "bí quyết nung" not in letter.text + letter.html + letter.subject


def test_a_listing_renewed_before_the_letter_is_written_is_not_in_it(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    renewed, kept = posted(market, offer), posted(market, offer)
    clock.move(timedelta(days=351))
    expiry.expire_listings(market.runtime)
    with begin(market.runtime) as work:
        listings.renew(work, market.owner, renewed)
    (letter,) = [one for one in letters(market.runtime) if "sắp hết hạn" in one.subject]
    assert kept in letter.text
    assert renewed not in letter.text


def test_no_letter_goes_to_who_may_not_renew_or_has_not_shown_the_mailbox(
    market: Market, offer: Content, clock: HandMovedClock
) -> None:
    posted(market, offer)
    with begin(market.runtime) as work:
        person(work, "Broker", {market.institute: ("broker",)})
        person(work, "Unconfirmed", {market.institute: ("editor",)}, confirmed=False)
        editor = person(work, "Editor", {market.institute: ("editor",)})
    received = {letter.to for letter in warned(market, clock)}
    with look(market.runtime) as work:
        wanted = select(User.email).where(User.id.in_((editor.user_id, market.owner.user_id)))
        assert received == set(work.session.scalars(wanted))


def expires_at(market: Market, uid: str) -> datetime:
    with look(market.runtime) as work:
        found = work.session.scalars(select(Listing.expires_at).where(Listing.uid == uid)).one()
    assert found is not None
    return found
