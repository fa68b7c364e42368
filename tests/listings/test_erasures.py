"""Erasing a listing for good takes two people (OWASP ASVS 5.0, 2.3.5), also when they press their buttons at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from marketplace.errors import Conflict, Forbidden, GiaoError, Invalid, NotFound
from marketplace.models.audit import AuditEntry
from marketplace.models.erasures import ErasureRequest
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.notices import Notice
from marketplace.services import erasure_requests, erasures, feed, moderation
from marketplace.services.erasure_requests import ask, confirm, refuse, take_back
from marketplace.services.erasures import Line
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.reasons import Reason
from marketplace.work import Work, begin, look
from tests.listings.conftest import Market, opened_market
from tests.listings.test_moderation_services import published, titled
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.people import person

GROUND = "Điều 16 Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"
SECRET = "Ủ men gia truyền"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def either_market(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Market]:
    """Once on each database: where locks matter."""
    settings = embedded_settings(tmp_path)
    if request.param == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("server_database"))
    with opened(settings, clock) as runtime:
        yield opened_market(runtime)


def asked(market: Market, actor: Actor | None = None) -> tuple[str, str]:
    """A public listing of which somebody has asked that it be erased: its uid, and the request."""
    with begin(market.runtime) as work:
        uid = published(work, market, titled(SECRET))
        return uid, ask(work, actor or market.moderator, uid, GROUND)


def lives(work: Work, uid: str) -> bool:
    row = feed.row(work, uid)
    there = work.session.scalar(select(Listing).where(Listing.uid == uid)) is not None
    return there and row is not None and row.live


def line_of(work: Work, market: Market, request_id: str) -> Line:
    return erasures.one_request(work, market.second_moderator, request_id)


def audited(work: Work) -> list[tuple[str, str, str]]:
    entries = select(AuditEntry.action, AuditEntry.actor, AuditEntry.object).where(
        AuditEntry.action.startswith("erasure.") | (AuditEntry.action == "listing.erase")
    )
    return [tuple(one) for one in work.session.execute(entries.order_by(AuditEntry.n))]


def told(work: Work, actor: Actor) -> list[str]:
    news = select(Notice.what).where(Notice.user_id == actor.user_id, Notice.what.startswith("erasure_"))
    return list(work.session.scalars(news))


def test_it_lives_on_until_another_person_confirms(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        assert lives(work, uid)
        confirm(work, market.second_moderator, request_id)
    with look(market.runtime) as work:
        assert not lives(work, uid)
        row = work.session.get_one(Published, uid)
        assert (row.op, row.body) == ("erase", "legal")
        assert audited(work) == [
            ("erasure.ask", market.moderator.user_id, uid),
            ("listing.erase", market.second_moderator.user_id, uid),
        ]


def test_whoever_asked_does_not_confirm_and_does_not_refuse(market: Market) -> None:
    uid, request_id = asked(market)
    for decide in (confirm, partial(refuse, reason="Nhầm hồ sơ.")):
        with begin(market.runtime) as work, pytest.raises(Forbidden):
            decide(work, market.moderator, request_id)
    with look(market.runtime) as work:
        assert lives(work, uid)


def test_the_command_line_is_no_second_person_and_anybody_decides_on_what_it_asked(market: Market) -> None:
    uid, request_id = asked(market, SYSTEM)
    with begin(market.runtime) as work:
        for decide in (confirm, partial(refuse, reason="Nhầm."), take_back):
            with pytest.raises(Forbidden):
                decide(work, SYSTEM, request_id)
        assert line_of(work, market, request_id).asked_by == ""
        confirm(work, market.moderator, request_id)
        assert not lives(work, uid)


@pytest.mark.parametrize("role", ["moderator", "operator", "admin", "evaluator"])
def test_moderators_operators_and_admins_have_the_right_and_nobody_else(market: Market, role: str) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        actor = person(work, "Người Thử", {next(iter(market.moderator.roles)): (role,)})
        if role != "evaluator":
            confirm(work, actor, request_id)
            return
        for act in (confirm, take_back, partial(refuse, reason="Không."), erasures.one_request):
            with pytest.raises(Forbidden):
                act(work, actor, request_id)
        with pytest.raises(Forbidden):
            ask(work, actor, uid, GROUND)
        with pytest.raises(Forbidden):
            erasures.all_requests(work, actor)


def test_the_owner_of_the_listing_has_no_say(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        with pytest.raises(Forbidden):
            confirm(work, market.owner, request_id)
        with pytest.raises(Forbidden):
            ask(work, market.owner, uid, GROUND)


def test_refused_with_its_reason_the_listing_stays_and_can_be_asked_for_again(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work, pytest.raises(Invalid):
        refuse(work, market.second_moderator, request_id, "  ")
    with begin(market.runtime) as work:
        refuse(work, market.second_moderator, request_id, "Căn cứ không nói về hồ sơ này.")
        assert lives(work, uid)
        line = line_of(work, market, request_id)
        assert (line.decision, line.reason, line.decided_by) == (
            "refused", "Căn cứ không nói về hồ sơ này.", market.second_moderator.name,
        )  # fmt: skip
        assert audited(work)[-1] == ("erasure.refuse", market.second_moderator.user_id, uid)
        ask(work, market.moderator, uid, GROUND)


def test_only_whoever_asked_takes_it_back(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        with pytest.raises(Forbidden):
            take_back(work, market.second_moderator, request_id)
        take_back(work, market.moderator, request_id)
        assert lives(work, uid)
        assert audited(work)[-1] == ("erasure.take_back", market.moderator.user_id, uid)


@pytest.mark.parametrize("ended", ["refused", "taken_back", "erased"])
def test_what_was_decided_or_taken_back_is_decided_for_good(market: Market, ended: str) -> None:
    uid, request_id = asked(market)
    ends: dict[str, Callable[[Work], None]] = {
        "refused": lambda work: refuse(work, market.second_moderator, request_id, "Nhầm."),
        "taken_back": lambda work: take_back(work, market.moderator, request_id),
        "erased": lambda work: confirm(work, market.second_moderator, request_id),
    }
    with begin(market.runtime) as work:
        ends[ended](work)
    for again in ends.values():
        with begin(market.runtime) as work, pytest.raises(Conflict) as refused:
            again(work)
        assert refused.value.code == "erasure_decided"
    with look(market.runtime) as work:
        assert lives(work, uid) == (ended != "erased")


def test_one_listing_is_asked_for_once_at_a_time(market: Market) -> None:
    uid, _ = asked(market)
    with begin(market.runtime) as work, pytest.raises(Conflict):
        ask(work, market.second_moderator, uid, GROUND)


@pytest.mark.parametrize("ground", ["", " \n", "x" * (erasure_requests.LONGEST_GROUND + 1)])
def test_a_ground_is_needed_and_not_too_long(market: Market, ground: str) -> None:
    with begin(market.runtime) as work:
        uid = published(work, market, titled(SECRET))
        with pytest.raises(Invalid) as refused:
            ask(work, market.moderator, uid, ground)
    assert [one.path for one in refused.value.problems] == ["ground"]


def test_what_is_no_listing_of_ours_cannot_be_asked_for(market: Market) -> None:
    with begin(market.runtime) as work:
        with pytest.raises(Invalid) as refused:
            ask(work, market.moderator, "can-tho:offer:01JD0000000000000000000000", GROUND)
        with pytest.raises(NotFound):
            confirm(work, market.moderator, "01JD0000000000000000000000")
    assert [one.path for one in refused.value.problems] == ["uid"]


def test_the_others_are_told_and_then_whoever_asked(market: Market) -> None:
    _, request_id = asked(market)
    with begin(market.runtime) as work:
        assert told(work, market.second_moderator) == ["erasure_asked"]
        assert told(work, market.moderator) == told(work, market.owner) == []
        confirm(work, market.second_moderator, request_id)
        assert told(work, market.moderator) == ["erasure_erased"]


def test_nothing_that_the_listing_said_is_left_in_what_is_kept_of_the_erasure(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        confirm(work, market.second_moderator, request_id)
        line = line_of(work, market, request_id)
        assert (line.uid, line.ground, line.listing) == (uid, GROUND, None)
        rows = work.session.scalars(select(ErasureRequest)).all()
        said = [[str(value) for value in vars(one).values()] for one in rows]
        said += [[str(one.params), one.target] for one in work.session.scalars(select(Notice))]
        said += [[str(one.detail), one.object] for one in work.session.scalars(select(AuditEntry))]
        assert SECRET not in str(said)


def test_the_list_has_what_waits_first_and_keeps_what_was_decided(market: Market) -> None:
    _, first = asked(market)
    uid, second = asked(market)
    with begin(market.runtime) as work:
        confirm(work, market.second_moderator, second)
        waits = erasures.all_requests(work, market.moderator)
        decided = erasures.all_requests(work, market.moderator, which="decided")
    (line,) = waits.items
    assert (line.id, line.is_own, line.asked_by) == (first, True, market.moderator.name)
    assert line.listing is not None
    assert line.listing.title == SECRET
    assert waits.counts == {"open": 1, "decided": 1}
    assert [(one.id, one.uid, one.decision) for one in decided.items] == [(second, uid, "erased")]


def at_once(market: Market, acts: list[Callable[[Work], object]]) -> list[str]:
    """All in transactions of their own, at the same time; «done» or what was refused, of each."""
    start, outcomes = threading.Barrier(len(acts)), []

    def act(step: Callable[[Work], object]) -> None:
        start.wait()
        try:
            with begin(market.runtime) as work:
                step(work)
            outcomes.append("done")
        except GiaoError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_two_who_confirm_at_once_one_erases(either_market: Market) -> None:
    market = either_market
    uid, request_id = asked(market, SYSTEM)
    both = [partial(confirm, actor=one, request_id=request_id)
            for one in (market.moderator, market.second_moderator)]  # fmt: skip
    assert at_once(market, both) == ["done", "erasure_decided"]
    with look(market.runtime) as work:
        assert not lives(work, uid)
        assert [action for action, _, _ in audited(work)] == ["erasure.ask", "listing.erase"]


def test_taken_back_and_confirmed_at_once_is_one_of_both(either_market: Market) -> None:
    market = either_market
    uid, request_id = asked(market)
    acts: list[Callable[[Work], object]] = [
        lambda work: take_back(work, market.moderator, request_id),
        lambda work: confirm(work, market.second_moderator, request_id),
    ]
    assert at_once(market, acts) == ["done", "erasure_decided"]
    with look(market.runtime) as work:
        assert lives(work, uid) == (line_of(work, market, request_id).decision == "taken_back")


def test_of_two_who_ask_at_once_one_request_is_made(either_market: Market) -> None:
    market = either_market
    with begin(market.runtime) as work:
        uid = published(work, market, titled(SECRET))
    both = [partial(ask, actor=one, uid=uid, ground=GROUND)
            for one in (market.moderator, market.second_moderator)]  # fmt: skip
    assert at_once(market, both) == ["done", "erasure_waits"]
    with look(market.runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(ErasureRequest)) == 1


def test_a_suspended_listing_can_be_erased_too(market: Market) -> None:
    uid, request_id = asked(market)
    with begin(market.runtime) as work:
        moderation.suspend(work, market.moderator, uid, Reason((), "Chờ xem xét."))
        confirm(work, market.second_moderator, request_id)
        assert work.session.get_one(Published, uid).op == "erase"
