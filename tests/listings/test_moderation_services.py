"""The moderators' queue: owners and due dates, decisions, reports, marks; and what happens when two decide at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, GiaoError, Invalid, NotFound, TooMany
from marketplace.models.accounts import Membership, User
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.models.review import ReviewItem
from marketplace.services import cases, feed, listings, moderation, reports, review, steps
from marketplace.services.policy import VISITOR, Actor
from marketplace.services.reasons import Reason
from marketplace.services.reports import Report
from marketplace.work import Work, begin, look
from tests.listings.conftest import Market
from tests.support.clock import HandMovedClock
from tests.support.people import person
from vocabulary.listing import Content, Text

INCOMPLETE = Reason(("incomplete",), "Xin nêu rõ sai số.")


def titled(title: str, kind: str = "offer") -> Content:
    return Content(kind, texts={"vi": Text(title=title, description="Mô tả đủ dài.")})  # type: ignore[arg-type]


def sent(work: Work, market: Market, content: Content) -> tuple[str, str]:
    """A listing in review and its item of the queue."""
    listing = listings.post(work, market.owner, market.institute, content, submit=True)
    items = select(ReviewItem.id).where(ReviewItem.listing_id == listing.id, ReviewItem.decided_at.is_(None))
    return listing.uid, work.session.scalars(items).one()


def published(work: Work, market: Market, content: Content) -> str:
    uid, item = sent(work, market, content)
    moderation.approve(work, market.moderator, item)
    return uid


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        # Hanoi is seven hours ahead of UTC. Tuesday 10:00 is due on Friday 10:00.
        (datetime(2026, 11, 24, 3, tzinfo=UTC), datetime(2026, 11, 27, 3, tzinfo=UTC)),
        # Thursday to Tuesday, over the weekend.
        (datetime(2026, 11, 26, 3, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC)),
        # Saturday counts from Monday 00:00 in Hanoi.
        (datetime(2026, 11, 28, 9, tzinfo=UTC), datetime(2026, 12, 2, 17, tzinfo=UTC)),
        # Friday 20:00 UTC is Saturday in Hanoi already.
        (datetime(2026, 11, 27, 20, tzinfo=UTC), datetime(2026, 12, 2, 17, tzinfo=UTC)),
    ],
)
def test_three_working_days(opened: datetime, due: datetime) -> None:
    assert review.working_days_after(opened, 3) == due


def test_every_item_has_an_owner_and_a_due_date_and_work_is_shared_out(each_market: Market) -> None:
    with begin(each_market.runtime) as work:
        for n in range(5):
            sent(work, each_market, titled(f"Hồ sơ {n}"))
        items = work.session.scalars(select(ReviewItem)).all()
        owners = [item.owner_id for item in items]
        assert {
            owners.count(one.user_id) for one in (each_market.moderator, each_market.second_moderator)
        } == {2, 3}
        assert all(item.due_at > work.now for item in items)


def test_nobody_is_given_or_decides_on_a_listing_of_the_own_organisation(market: Market) -> None:
    with begin(market.runtime) as work:
        exchange = next(iter(market.moderator.roles))
        both = person(work, "Vừa Viện Vừa Sàn", {market.institute: ("editor",), exchange: ("moderator",)})
        for n in range(6):
            _, item = sent(work, market, titled(f"Hồ sơ {n}"))
        owners = set(work.session.scalars(select(ReviewItem.owner_id)))
        assert both.user_id not in owners
        with pytest.raises(Forbidden):
            moderation.approve(work, both, item)


def test_an_item_without_any_moderator_gets_one_as_soon_as_there_is_one(market: Market) -> None:
    with begin(market.runtime) as work:
        for one in (market.moderator, market.second_moderator):
            work.session.execute(
                Membership.__table__.delete().where(Membership.user_id == one.user_id)  # type: ignore[attr-defined]
            )
        _, item = sent(work, market, titled("Mồ côi"))
        assert work.session.get_one(ReviewItem, item).owner_id is None
        newcomer = person(work, "Mới Đến", {next(iter(market.moderator.roles)): ("moderator",)})
        assert review.give_out(work) == 1
        assert work.session.get_one(ReviewItem, item).owner_id == newcomer.user_id


def test_the_items_of_a_moderator_who_leaves_find_another_owner(market: Market) -> None:
    with begin(market.runtime) as work:
        for n in range(4):
            sent(work, market, titled(f"Hồ sơ {n}"))
        leaving = select(User).where(User.id == market.moderator.user_id)
        work.session.scalars(leaving).one().disabled_at = work.now
        work.session.flush()
        assert review.give_out(work) == 2
        owners = set(work.session.scalars(select(ReviewItem.owner_id)))
        assert owners == {market.second_moderator.user_id}


def test_approving_publishes_and_tells_the_owner(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Được duyệt"))
        row = feed.row(work, uid)
        assert row is not None
        assert row.live
        told = work.session.scalars(select(Notice).where(Notice.user_id == market.owner.user_id)).one()
        assert (told.what, told.target) == ("listing_approve", uid)


def test_returning_leads_back_to_a_draft_with_its_reason(market: Market) -> None:
    with begin(market.runtime) as work:
        uid, item = sent(work, market, titled("Thiếu"))
        moderation.send_back(work, market.moderator, item, INCOMPLETE)
        listing = steps.find(work, market.owner, uid)
        revision = steps.working(work, listing)
        assert (listing.status, revision.state) == ("draft", "returned")
        assert Reason.read(revision.reason) == INCOMPLETE
        listings.revise(work, market.owner, uid, titled("Đủ"), version=listing.version)
        listings.submit(work, market.owner, uid)
        assert listing.status == "in_review"


@pytest.mark.parametrize(
    ("codes", "text"), [((), ""), ((), "  "), (("nothing_known",), ""), ((), "x" * 1001)]
)
def test_a_reason_says_something_and_not_too_much(codes: tuple[str, ...], text: str) -> None:
    with pytest.raises(Invalid):
        Reason.given(codes, text, of=("incomplete",))


def test_the_second_of_two_decisions_is_told_who_was_first(market: Market) -> None:
    with begin(market.runtime) as work:
        _, item = sent(work, market, titled("Hai người"))
        moderation.approve(work, market.moderator, item)
        with pytest.raises(Conflict) as refusal:
            moderation.reject(work, market.second_moderator, item, INCOMPLETE)
        assert refusal.value.code == "already_decided"
        assert refusal.value.params == {"by": market.moderator.name, "decision": "approved"}


def test_of_two_moderators_at_once_one_wins(each_market: Market) -> None:
    with begin(each_market.runtime) as work:
        uid, item = sent(work, each_market, titled("Cùng lúc"))
    start, outcomes = threading.Barrier(2), []

    def decide(actor: Actor, approve: bool) -> None:
        start.wait()
        try:
            with begin(each_market.runtime) as work:
                if approve:
                    moderation.approve(work, actor, item)
                else:
                    moderation.send_back(work, actor, item, INCOMPLETE)
            outcomes.append("done")
        except GiaoError as error:
            outcomes.append(error.code)

    threads = [
        threading.Thread(target=decide, args=(each_market.moderator, True)),
        threading.Thread(target=decide, args=(each_market.second_moderator, False)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_decided", "done"]
    with look(each_market.runtime) as work:
        listing = work.session.scalars(select(Listing).where(Listing.uid == uid)).one()
        row = feed.row(work, uid)
        assert (row is not None and row.live) == (listing.status == "published")


def test_whoever_is_no_moderator_decides_nothing(market: Market) -> None:
    with begin(market.runtime) as work:
        uid, item = sent(work, market, titled("Không được"))
        for actor in (market.owner, market.stranger):
            with pytest.raises(Forbidden):
                moderation.approve(work, actor, item)
            with pytest.raises(GiaoError):
                moderation.suspend(work, actor, uid, INCOMPLETE)
            with pytest.raises(Forbidden):
                cases.queue(work, actor)
            with pytest.raises(Forbidden):
                cases.case(work, actor, item)


def test_an_item_can_be_given_to_a_colleague_and_to_nobody_else(market: Market) -> None:
    with begin(market.runtime) as work:
        _, item = sent(work, market, titled("Chuyển"))
        moderation.reassign(work, market.moderator, item, market.second_moderator.user_id)
        assert work.session.get_one(ReviewItem, item).owner_id == market.second_moderator.user_id
        with pytest.raises(Invalid):
            moderation.reassign(work, market.moderator, item, market.owner.user_id)


def test_suspending_takes_away_and_restoring_brings_back(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Đình chỉ"))
        listings.pause(work, market.owner, uid)
        moderation.suspend(work, market.moderator, uid, INCOMPLETE)
        assert feed.rows(work, [uid])[uid].body == "legal"
        with pytest.raises(Conflict):
            listings.resume(work, market.owner, uid)
        moderation.restore(work, market.moderator, uid)
        assert steps.find(work, market.owner, uid).status == "paused"


def test_a_mark_needs_its_legal_ground_and_is_public_with_it(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Hạn chế"))
        with pytest.raises(Invalid):
            moderation.mark(work, market.moderator, uid, "prohibited", " ")
    with begin(market.runtime) as work, pytest.raises(Invalid):
        moderation.mark(work, market.moderator, uid, "bad", "Điều 11")
    with begin(market.runtime) as work:
        moderation.mark(work, market.moderator, uid, "prohibited", "Điều 11 Luật 07/2017/QH14")
        row = feed.row(work, uid)
        assert row is not None
        assert (row.body["mark"], row.body["ground"]) == ("prohibited", "Điều 11 Luật 07/2017/QH14")
        with pytest.raises(Conflict):
            moderation.mark(work, market.moderator, uid, "restricted", "Điều 10")
        moderation.unmark(work, market.moderator, uid)
        row = feed.row(work, uid)
        assert row is not None
        assert (row.body["mark"], row.body["ground"]) == ("", "")
        with pytest.raises(Conflict):
            moderation.unmark(work, market.moderator, uid)


def test_anyone_may_report_and_it_is_due_within_a_day(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Bị báo"))
        reports.report(work, VISITOR, uid, Report("copied", "Chép của tôi", "toi@example.org"))
        item = work.session.scalars(select(ReviewItem).where(ReviewItem.kind == "report")).one()
        assert (item.report_reason, item.reporter) == ("copied", "toi@example.org")
        assert item.due_at == work.now + timedelta(days=1)
        assert item.owner_id in (market.moderator.user_id, market.second_moderator.user_id)
        moderation.answer_report(work, market.moderator, item.id, upheld=True, reason=INCOMPLETE)
        assert (item.decision, item.decided_by) == ("upheld", market.moderator.user_id)


def test_the_same_report_twice_is_one(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Báo hai lần"))
        for _ in range(2):
            reports.report(work, market.stranger, uid, Report("wrong"))
        items = work.session.scalars(select(ReviewItem).where(ReviewItem.kind == "report")).all()
        assert len(items) == 1


@pytest.mark.parametrize(
    "said",
    [
        Report("nonsense"),
        Report(""),
        Report("other"),
        Report("wrong", "x" * 1001),
        Report("wrong", "", "@" * 255),
    ],
)
def test_a_report_says_what_is_wrong(market: Market, said: Report) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Báo sai"))
        with pytest.raises(Invalid):
            reports.report(work, VISITOR, uid, said)


def test_what_is_not_public_cannot_be_reported(market: Market) -> None:
    with begin(market.runtime) as work:
        uid, _ = sent(work, market, titled("Chưa công bố"))
        with pytest.raises(NotFound):
            reports.report(work, VISITOR, uid, Report("wrong"))


def test_reports_from_one_address_are_slowed_down(market: Market, clock: HandMovedClock) -> None:
    for _ in range(reports.REPORTS_ADDRESS.most):
        with begin(market.runtime) as work:
            reports.count(work, "203.0.113.7")
    with begin(market.runtime) as work, pytest.raises(TooMany):
        reports.count(work, "203.0.113.7")
    clock.move(reports.REPORTS_ADDRESS.within)
    with begin(market.runtime) as work:
        reports.count(work, "203.0.113.7")


def test_the_queue_shows_what_is_due_first_on_top(each_market: Market, clock: HandMovedClock) -> None:
    with begin(each_market.runtime) as work:
        first, _ = sent(work, each_market, titled("Trước"))
        live = published(work, each_market, titled("Công khai"))
    clock.move(timedelta(hours=1))
    with begin(each_market.runtime) as work:
        second, _ = sent(work, each_market, titled("Sau"))
        reports.report(work, VISITOR, live, Report("wrong"))
    with begin(each_market.runtime) as work:
        page = cases.queue(work, each_market.moderator)
        assert [(line.kind, line.uid) for line in page.items] == [
            ("report", live),
            ("first", first),
            ("first", second),
        ]
        mine = cases.queue(work, each_market.moderator, which="mine")
        assert {line.owner for line in mine.items} == {each_market.moderator.name}
        assert page.counts["overdue"] == 0
    clock.move(timedelta(days=2))
    with begin(each_market.runtime) as work:
        page = cases.queue(work, each_market.moderator, which="overdue")
        assert [(line.uid, line.overdue) for line in page.items] == [(live, True)]


def test_the_queue_has_pages(market: Market) -> None:
    with begin(market.runtime) as work:
        for n in range(cases.PAGE + 1):
            sent(work, market, titled(f"Hồ sơ {n}"))
        seen = [line.uid for n in (1, 2) for line in cases.queue(work, market.moderator, page=n).items]
        assert len(set(seen)) == cases.PAGE + 1
        assert cases.queue(work, market.moderator, page=99).page == 2


def test_a_moderator_sees_what_changed_and_nothing_that_is_sealed(market: Market) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled("Cũ"))
        listing = steps.find(work, market.owner, uid)
        listings.revise(work, market.owner, uid, titled("Mới"), version=listing.version)
        listings.submit(work, market.owner, uid)
        line = cases.queue(work, market.moderator).items[0]
        case = cases.case(work, market.moderator, line.id)
        assert line.kind == "revision"
        assert case.live is not None
        assert (case.live.title, case.content.title) == ("Cũ", "Mới")
        assert not case.is_own
        elsewhere = replace(market.moderator, roles={"elsewhere": frozenset({"owner"})})
        with pytest.raises(NotFound):
            steps.confidential(work, elsewhere, uid)
