"""Any walk through a listing's life: after each step the published record agrees with the business rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from marketplace.errors import Conflict
from marketplace.models.listings import Listing, Revision
from marketplace.models.review import ReviewItem
from marketplace.services import expiry, feed, listings, moderation, steps
from marketplace.services.lifecycle import steps_from
from marketplace.services.reasons import Reason
from marketplace.services.steps import RETIRED
from marketplace.work import Work, begin, look
from tests.listings.conftest import Market, opened_market
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from vocabulary.listing import Content, Text

WHY = Reason(("incomplete",), "")
OWNERS = ("submit", "recall", "discard", "pause", "resume", "renew", "confirm", "withdraw", "unwithdraw")


def content(n: int) -> Content:
    return Content("offer", texts={"vi": Text(title=f"Bản {n}", description="Mô tả.")}, anonymous=n % 3 == 0)


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.clock = HandMovedClock()
        runtime = self.stack.enter_context(opened(embedded_settings(folder), self.clock))
        self.market: Market = opened_market(runtime)
        self.typed = 1
        self.ended = False

    @initialize(published=st.booleans())
    def a_listing_is_posted(self, published: bool) -> None:
        """Half of the walks begin in public: most steps are about what is."""
        with begin(self.market.runtime) as work:
            listing = listings.post(
                work, self.market.owner, self.market.institute, content(1), submit=published
            )
            self.uid = listing.uid
            if published:
                moderation.approve(work, self.market.moderator, self.open_item(work))

    @precondition(lambda self: self.ended)
    @rule()
    def after_an_end_another_one_is_posted(self) -> None:
        self.a_listing_is_posted(True)

    def teardown(self) -> None:
        self.stack.close()

    def listing(self, work: Work) -> Listing:
        return work.session.scalars(select(Listing).where(Listing.uid == self.uid)).one()

    def attempt(self, act: Callable[[Work], object]) -> None:
        """Do it in a transaction of its own; a refusal is fine, but then nothing may have changed."""
        before = self.picture()
        try:
            with begin(self.market.runtime) as work:
                act(work)
        except Conflict:
            assert self.picture() == before

    def picture(self) -> tuple[object, ...]:
        with look(self.market.runtime) as work:
            listing, row = self.listing(work), feed.rows(work, [self.uid]).get(self.uid)
            states = work.session.execute(select(Revision.id, Revision.state).order_by(Revision.id)).all()
            pointers = (listing.status, listing.earlier, listing.version, listing.working_id, listing.live_id)
            return (*pointers, tuple(map(tuple, states)), row)

    @rule(data=st.data())
    def somebody_takes_a_step_that_is_open(self, data: st.DataObject) -> None:
        with look(self.market.runtime) as work:
            open_now = steps_from(steps.standing(work, self.listing(work)))
        possible = [step for step in open_now if step in self.doings()]
        if possible:
            self.attempt(self.doings()[data.draw(st.sampled_from(possible))])

    @rule(data=st.data())
    def somebody_tries_any_step(self, data: st.DataObject) -> None:
        self.attempt(self.doings()[data.draw(st.sampled_from(sorted(self.doings())))])

    def doings(self) -> dict[str, Callable[[Work], object]]:
        """Each step, done by whoever does it, through the service they would use."""
        owner, moderator, uid = self.market.owner, self.market.moderator, self.uid
        self.typed += 1

        def by_owner(name: str) -> Callable[[Work], object]:
            return lambda work: getattr(listings, name)(work, owner, uid)

        def decided(name: str, *reason: Reason) -> Callable[[Work], object]:
            return lambda work: getattr(moderation, name)(work, moderator, self.open_item(work), *reason)

        return {
            **{name: by_owner(name) for name in OWNERS},
            "revise": lambda work: listings.revise(
                work, owner, uid, content(self.typed), version=self.listing(work).version
            ),
            "approve": decided("approve"),
            "return": decided("send_back", WHY),
            "reject": decided("reject", WHY),
            "suspend": lambda work: moderation.suspend(work, moderator, uid, WHY),
            "restore": lambda work: moderation.restore(work, moderator, uid),
            "mark": lambda work: moderation.mark(work, moderator, uid, "restricted", "Điều 10"),
            "unmark": lambda work: moderation.unmark(work, moderator, uid),
        }

    def open_item(self, work: Work) -> str:
        item = work.session.scalar(select(ReviewItem.id).where(ReviewItem.decided_at.is_(None)))
        if item is None:
            raise Conflict("nothing_waits")
        return item

    @rule(days=st.sampled_from((1, 200, 366)))
    def time_passes(self, days: int) -> None:
        self.clock.move(timedelta(days=days))
        expiry.expire_listings(self.market.runtime)

    @rule()
    def seconds_pass(self) -> None:
        self.clock.move(timedelta(seconds=30))

    @invariant()
    def the_published_record_agrees(self) -> None:
        with look(self.market.runtime) as work:
            listing, row = self.listing(work), feed.rows(work, [self.uid]).get(self.uid)
            if listing.live_id is None:
                assert row is None
                return
            live = work.session.get_one(Revision, listing.live_id)
            assert row is not None
            assert row.live == (listing.status == "published")
            if not row.live:
                assert row.body == RETIRED[listing.status]
                return
            assert row.body["content"]["texts"]["vi"]["title"] == live.title
            assert ("organisation" in row.body) == (not live.content["anonymous"])
            assert (row.body["mark"], row.body["ground"]) == (listing.mark, listing.mark_ground)
            assert live.state == "approved"

    @invariant()
    def what_waits_has_one_item_with_an_owner_and_a_date(self) -> None:
        with look(self.market.runtime) as work:
            working = work.session.get_one(Revision, self.listing(work).working_id)
            items = work.session.scalars(select(ReviewItem).where(ReviewItem.decided_at.is_(None))).all()
            assert [item.revision_id for item in items] == (
                [working.id] if working.state == "in_review" else []
            )
            assert all(item.owner_id and item.due_at for item in items)

    @invariant()
    def interruptions_are_remembered_and_forgotten(self) -> None:
        with look(self.market.runtime) as work:
            listing = self.listing(work)
            assert bool(listing.earlier) == (listing.status in ("withdrawn", "suspended"))
            assert listing.status in ("draft", "in_review", "rejected", "withdrawn") or listing.live_id
            self.ended = listing.status in ("rejected", "withdrawn")


class LongLife(Life):
    """The same, walked hundreds of times."""


def walks(count: int) -> settings:
    return settings(
        max_examples=count, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )


TestLife = Life.TestCase
TestLife.settings = walks(12)
TestLongLife = pytest.mark.soak(LongLife.TestCase)
TestLongLife.settings = walks(300)
