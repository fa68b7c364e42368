"""Matches appear as soon as both sides are public, follow every change, and tell the right people once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from marketplace.db import new_id
from marketplace.followers import Rematching, followers
from marketplace.models.accounts import Membership, User
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services import erasure, feed, matches, matchmaking, owners, statistics
from marketplace.services.policy import SYSTEM
from marketplace.tasks import forget_what_is_over, rematch_all
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.market import content, publish, settle
from vocabulary.listing import Kind, as_record

SALT = "Cảm biến đo độ mặn liên tục cho ao nuôi tôm, cảnh báo sớm qua điện thoại khi độ mặn vượt ngưỡng"
DRYER = "Máy sấy lúa tầng sôi công suất mười tấn một mẻ, tiết kiệm trấu và giữ hạt nguyên vẹn"


def pairs(runtime: Runtime) -> set[tuple[str, str]]:
    with look(runtime) as work:
        return {
            (demand, offer)
            for demand, offer in work.session.execute(select(Match.demand_uid, Match.offer_uid))
        }


def notices(runtime: Runtime) -> list[tuple[str, str]]:
    with look(runtime) as work:
        return [(notice.user_id, notice.what) for notice in work.session.scalars(select(Notice))]


def member_of(runtime: Runtime, organisation: str) -> str:
    with begin(runtime) as work:
        person = User(
            id=new_id(), email=f"{new_id()}@example.org", name="Người", password_hash="-", terms_version="1",
            terms_accepted_at=work.now, created_at=work.now,
        )  # fmt: skip
        work.session.add(person)
        work.session.flush()
        owner = owners.find_or_create(work, organisation)
        work.session.add(
            Membership(user_id=person.id, organisation_id=owner.id, role="owner", since=work.now)
        )
        return person.id


@pytest.mark.parametrize("first", ["offer", "demand"])
def test_whichever_comes_first_the_pair_is_found(runtime: Runtime, first: str) -> None:
    order = ["offer", "demand"] if first == "offer" else ["demand", "offer"]
    uids = {}
    for kind in order:
        (uids[kind],) = publish(runtime, content(kind, SALT[:60], SALT), owner=f"Bên {kind}")
        settle(runtime)
    publish(runtime, content("offer", DRYER[:40], DRYER), owner="Bên khác")
    settle(runtime)
    assert pairs(runtime) == {(uids["demand"], uids["offer"])}


def test_a_demand_that_quotes_something_finds_offers_that_do_not(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    asking = 'Cảm biến đo độ mặn cho ao nuôi tôm, như trong "sổ tay của trại" của chúng tôi'
    (demand,) = publish(runtime, content("demand", "Cảm biến độ mặn", asking), owner="B")
    settle(runtime)
    assert pairs(runtime) == {(demand, offer)}


def test_a_withdrawn_listing_loses_its_matches(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    assert len(pairs(runtime)) == 1
    with begin(runtime) as work:
        feed.retire(work, uid=offer, reason="withdrawn")
    settle(runtime)
    assert pairs(runtime) == set()


def test_nobody_is_matched_with_himself(runtime: Runtime) -> None:
    publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    publish(runtime, content("demand", SALT[:50], SALT), owner="A", start=5)
    settle(runtime)
    assert pairs(runtime) == set()


def test_the_stored_score_is_the_explained_one(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    (demand,) = publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    with look(runtime) as work:
        stored = matches.of_listing(work, demand, limit=5)
        explained = matches.explained(work, demand, offer).score
    assert [one.total for one in stored] == [explained.total]
    assert sum(signal.points for signal in explained.signals) == explained.total


def test_looking_ahead_stores_nothing_and_tells_nobody(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    member_of(runtime, "A")
    settle(runtime)
    told = notices(runtime)
    with begin(runtime) as work:
        scores = matchmaking.preview(work, content("demand", SALT[:50], SALT), uid="draft", owner="B")
    assert [score.offer for score in scores] == [offer]
    settle(runtime)
    assert pairs(runtime) == set()
    assert notices(runtime) == told


def test_an_offer_that_comes_with_the_demand_stands_behind_better_ones(embedded: Runtime) -> None:
    """Both are matched in one batch, and the two before were there already."""
    words = SALT.split()
    for share in (1.0, 0.7):
        text = " ".join(words[: int(share * len(words))])
        publish(embedded, content("offer", text[:60], text), owner=f"Bên {share}")
    settle(embedded)
    (demand,) = publish(embedded, content("demand", SALT[:60], SALT), owner="Bên mua")
    text = " ".join(words[len(words) // 2 :])
    publish(embedded, content("offer", text[:60], text), owner="Bên đến sau")
    settle(embedded)
    with look(embedded) as work:
        totals = [one.total for one in matches.of_listing(work, demand, limit=50)]
    assert len(totals) == 3
    assert totals == sorted(totals, reverse=True)


def test_an_offer_found_again_with_the_same_total_stays_where_it_stood(embedded: Runtime) -> None:
    """Else matching a flood once more would bring it to the top of every list it was lowered in."""
    publish(embedded, content("demand", SALT[:60], SALT), owner="Bên mua")
    (offer,) = publish(embedded, content("offer", SALT[:60], SALT), owner="Bên bán")
    settle(embedded)
    with begin(embedded) as work:
        work.session.execute(update(Match).values(place=7, lowered="crowd"))
        matchmaking.keep(work, [matchmaking.find(work, offer, matchmaking.measure(work))])
    with look(embedded) as work:
        assert work.session.execute(select(Match.place, Match.lowered)).all() == [(7, "crowd")]


def matched(runtime: Runtime) -> tuple[str, str]:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    (demand,) = publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    return demand, offer


def matching_again(runtime: Runtime, demand: str) -> Callable[[], None]:
    """What the reader at night has computed of this demand, not yet stored."""
    with look(runtime) as work:
        row = feed.row(work, demand)
    assert row is not None
    keep = Rematching().handle(runtime, [row])

    def store() -> None:
        with begin(runtime) as work:
            keep(work)

    return store


@pytest.mark.parametrize("side", [0, 1], ids=["demand", "offer"])
def test_what_is_erased_while_it_is_matched_again_does_not_come_back(runtime: Runtime, side: int) -> None:
    pair = matched(runtime)
    store = matching_again(runtime, pair[0])
    with begin(runtime) as work:
        erasure.erase(work, SYSTEM, pair[side])
    settle(runtime)
    store()
    assert pairs(runtime) == set()


@pytest.mark.parametrize("side", [0, 1], ids=["demand", "offer"])
def test_what_was_revised_while_it_is_matched_again_keeps_its_newer_match(
    runtime: Runtime, side: int
) -> None:
    pair = matched(runtime)
    store = matching_again(runtime, pair[0])
    revise(runtime, pair[side], SALT + ", chạy bằng pin mặt trời")
    settle(runtime)
    store()
    with look(runtime) as work:
        match = work.session.get_one(Match, pair)
        assert (match.demand_rev, match.offer_rev) == ((2, 1) if side == 0 else (1, 2))


def revise(runtime: Runtime, uid: str, text: str) -> None:
    with begin(runtime) as work:
        row = feed.row(work, uid)
        assert row is not None
        kind: Kind = "demand" if row.kind == "demand" else "offer"
        body = {**row.body, "content": as_record(content(kind, SALT[:50], text))}
        feed.publish(work, uid=uid, kind=kind, body=body)


def test_a_match_that_came_too_late_all_the_same_is_swept_away(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="C")
    matched(runtime)
    with begin(runtime) as work:
        work.session.execute(update(Published).where(Published.id == offer).values(op="delete"))
    assert len(pairs(runtime)) == 2
    forget_what_is_over(runtime)
    assert len(pairs(runtime)) == 1


@pytest.mark.parametrize("seconds", [-90, 90])
def test_both_sides_are_told_whatever_the_clock_of_the_machine_that_matches(
    runtime: Runtime, clock: HandMovedClock, seconds: int
) -> None:
    people = {member_of(runtime, "A"), member_of(runtime, "B")}
    publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    as_if_posted_on_a_page(runtime)
    clock.move(timedelta(seconds=seconds))
    settle(runtime)
    assert {user for user, _ in notices(runtime)} == people


def as_if_posted_on_a_page(runtime: Runtime) -> None:
    """Of an import its owner hears once."""
    with begin(runtime) as work:
        work.session.execute(update(Listing).values(source_id=None))


def test_a_revision_tells_nobody_of_what_was_found_before(runtime: Runtime, clock: HandMovedClock) -> None:
    owner = member_of(runtime, "A")
    (demand, offer) = matched(runtime)
    as_if_posted_on_a_page(runtime)
    told = notices(runtime)
    clock.move(timedelta(days=1))
    rematch_all(runtime)
    settle(runtime)
    revise(runtime, offer, SALT + ", chạy bằng pin mặt trời")
    settle(runtime)
    assert pairs(runtime) == {(demand, offer)}
    assert notices(runtime) == told
    assert [user for user, _ in told] == [owner]


def test_each_side_is_told_once(runtime: Runtime) -> None:
    seeker = member_of(runtime, "B")
    publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    settle(runtime)
    drain(followers(runtime))
    assert [what for user, what in notices(runtime) if user == seeker] == ["new_match"]


def simultaneous(runtime: Runtime, count: int) -> int:
    """Both sides of every pair published at the same moment, from two threads, while the readers run.

    How many of the pairs were found.
    """

    def post(kind: str) -> None:
        for n in range(count):
            words = f"thiết bị đo chỉ số {n * 7919} cho dây chuyền {n * 104729} của xưởng {n * 1299709}"
            publish(runtime, content(kind, words), owner=f"Bên {kind}", start=n)

    posting = [threading.Thread(target=post, args=(kind,)) for kind in ("offer", "demand")]
    for thread in posting:
        thread.start()
    while any(thread.is_alive() for thread in posting):
        settle(runtime)
    settle(runtime)
    with look(runtime) as work:
        titles = {
            row.uid: row.body["content"]["texts"]["vi"]["title"] for row in feed.after(work, 0, 10 * count)
        }
    return len({(demand, offer) for demand, offer in pairs(runtime) if titles[demand] == titles[offer]})


def test_both_sides_published_at_once_always_find_each_other(embedded: Runtime) -> None:
    assert simultaneous(embedded, 25) == 25


@pytest.mark.soak
def test_both_sides_published_at_once_a_thousand_times(embedded: Runtime) -> None:
    assert simultaneous(embedded, 1000) == 1000


def test_new_statistics_match_everything_again_and_tell_nobody_twice(runtime: Runtime) -> None:
    seeker = member_of(runtime, "B")
    (offer,) = publish(runtime, content("offer", SALT[:60], SALT), owner="A")
    (demand,) = publish(runtime, content("demand", SALT[:50], SALT), owner="B")
    settle(runtime)
    told = notices(runtime)
    with begin(runtime) as work:
        statistics.store(work, statistics.collected(work))
        version = statistics.current(work).version
    settle(runtime)
    with look(runtime) as work:
        assert work.session.get_one(Match, (demand, offer)).statistics_version == version
    assert notices(runtime) == told
    assert [user for user, _ in told].count(seeker) == 1
