"""Sessions and the places of batches: who may send, from where on, and what is noticed on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.changes import Page, Reading, lost, page, refuse_cursor, took
from exchange.envelope import Receipt, Result
from exchange.problems import Refused
from exchange.receiver import (
    FLAPPING,
    Standing,
    Status,
    is_replay,
    open_session,
    read_ahead,
    refuse_fenced,
    refuse_misplaced,
    too_many_held,
)
from exchange.reconcile import Difference, Line, Outcome
from exchange.sender import (
    Do,
    Mine,
    Outstanding,
    Phase,
    Sender,
    acknowledged,
    in_new_epoch,
    landed,
    opened,
    paused,
    reconcile_soon,
    reconciled,
    resumed,
    wanted,
)
from exchange.sessions import Action, AuditHead, Cursor, Root, SessionAnswer, SessionRequest
from exchange.setbacks import BREAKER_FOR, LONGEST, Refusal, failed, refused
from tests.exchange.making import NOW, batch, item, ulid

STANDING = Standing("cantho", epoch="e1", acked_seq=7, last_batch_id=ulid(7), fence="f1", instance="i1")
ASKED = SessionRequest("cantho", "i1", "e1", 9, 7, ulid(7))
SENDER = Sender("e1", Phase.DRAINING, 7, ulid(7), fence="f1", heartbeat_at=NOW + 60)
ANSWER = SessionAnswer("f1", 7, ulid(7), True, Action.PUSH, NOW)
MINE = Mine(9, True)


def refusal_of(act: object, *given: object) -> str:
    with pytest.raises(Refused) as error:
        act(*given)  # type: ignore[operator]
    return error.value.problem.code


def session(standing: Standing = STANDING, now: int = NOW, **asked: object):  # type: ignore[no-untyped-def]
    return open_session(standing, replace(ASKED, **asked), fence="fresh", now=now, feed_epoch="n1")


# -- the receiver -----------------------------------------------------------------------------------------------------


def test_a_heartbeat_leaves_the_fence_and_another_process_gets_its_own() -> None:
    assert session().standing.fence == "f1"
    assert session(instance="i2").standing.fence == "fresh"


def test_f33_the_older_of_two_senders_is_refused() -> None:
    standing = session(instance="i2").standing
    assert refusal_of(refuse_fenced, standing, "f1") == "fenced"
    refuse_fenced(standing, "fresh")


def test_s6_two_senders_that_take_turns_freeze_the_exchange_and_restarts_do_not() -> None:
    twice = once = STANDING
    for turn in range(2 * FLAPPING):
        twice = session(twice, NOW + turn, instance=f"i{turn % 2}").standing
        once = session(once, NOW + turn, instance=f"new{turn}").standing
    assert (twice.status, once.status) == (Status.FROZEN, Status.ACTIVE)
    assert session(twice).action is Action.HALT
    assert refusal_of(refuse_fenced, twice, twice.fence) == "node_suspended"
    assert session(twice.released()).action is Action.PUSH


@pytest.mark.parametrize("status", [Status.PENDING, Status.SUSPENDED, Status.REVOKED])
def test_who_is_not_active_is_not_let_in(status: Status) -> None:
    assert refusal_of(session, replace(STANDING, status=status)) == "node_suspended"


def test_the_first_epoch_is_taken_and_another_only_after_the_one_that_is_known() -> None:
    assert session(replace(STANDING, epoch="", acked_seq=0)).epoch_known
    unknown = session(epoch="e2")
    assert (unknown.epoch_known, unknown.action, unknown.alarms) == (False, Action.HALT, ("epoch_unknown",))
    chosen = session(epoch="e2", former_epochs=("e0", "e1"))
    assert (chosen.epoch_known, chosen.standing.acked_seq, chosen.action) == (True, 0, Action.RECONCILE)
    assert not session(chosen.standing, epoch="e1").epoch_known
    assert not session(chosen.standing, epoch="e1", former_epochs=("e2",)).epoch_known


def test_f30_a_receiver_that_has_forgotten_gives_a_new_fence() -> None:
    found = session(acked_seq=9)
    assert (found.standing.fence, found.alarms) == ("fresh", ("receiver_rewound",))


def test_d2_a_peer_that_read_further_than_it_was_handed_tells_of_a_restore() -> None:
    handing = STANDING.handing(Cursor("n1", 5)).handing(Cursor("n1", 3))
    assert handing.handed == Cursor("n1", 5)
    assert not session(handing, down_cursor=Cursor("n1", 5)).down_rewound
    assert session(handing, down_cursor=Cursor("n1", 6)).down_rewound
    assert not session(handing, down_cursor=Cursor("n0", 600)).down_rewound
    assert read_ahead(None, Cursor("n1", 1), "n1")


@pytest.mark.parametrize(
    ("prev", "epoch", "expected"), [(8, "e1", "seq_gap"), (6, "e1", "forked"), (7, "e2", "epoch_unknown")]
)
def test_f9_a_batch_follows_on_the_one_before_or_is_refused(prev: int, epoch: str, expected: str) -> None:
    assert refusal_of(refuse_misplaced, STANDING, batch(prev=prev, to=20, epoch=epoch)) == expected
    refuse_misplaced(STANDING, batch(prev=7, to=20))


def test_f8_a_batch_that_comes_again_is_answered_as_before_and_another_of_its_name_is_refused() -> None:
    made = replace(batch(), digest="d1")
    assert not is_replay(made, None)
    assert is_replay(made, "d1")
    assert refusal_of(is_replay, made, "d2") == "idempotency_mismatch"


def test_c2_a_batch_of_which_too_much_is_held_calls_a_person() -> None:
    def ended(held: int, of: int) -> list[Result]:
        return [Result(place, "", 1, "held" if place < held else "applied") for place in range(of)]

    assert too_many_held(ended(500, 500))
    assert not too_many_held(ended(100, 500))
    assert too_many_held(ended(101, 500))
    assert not too_many_held(ended(5, 5))


# -- what they say ----------------------------------------------------------------------------------------------------


def test_a_session_is_read_as_it_was_written() -> None:
    asked = replace(
        ASKED, down_cursor=Cursor("n1", 4), former_epochs=("e0",), root=Root(7, 3, "sha-256:" + "0" * 64),
        audit_head=AuditHead(3, "h"), schemas={"offer": ("1.0",)}, clock=NOW,
    )  # fmt: skip
    assert SessionRequest.read(asked.written()) == asked
    answer = replace(ANSWER, root_equal=False, feed_epoch="n1", schemas_supported={"offer": ("1.0", "1.1")})
    assert SessionAnswer.read(answer.written()) == answer
    assert SessionRequest.read(ASKED.written()) == ASKED


@pytest.mark.parametrize("text", ["", "e1", "e1.", "e1.x", ".5", "e1.99999999999999999", "E1.5"])
def test_a_cursor_is_an_epoch_and_a_place(text: str) -> None:
    assert refusal_of(Cursor.read, text) == "malformed"


# -- the sender -------------------------------------------------------------------------------------------------------


def next_step(sender: Sender, *, now: float = NOW, head: int = 9, outstanding: bool = False) -> Do:
    return wanted(sender, now=now, head_seq=head, outstanding=outstanding)


def test_s3_a_session_comes_before_the_first_batch_and_every_minute() -> None:
    assert next_step(replace(SENDER, fence="")) is Do.OPEN
    assert next_step(SENDER) is Do.SEND
    assert next_step(SENDER, head=7) is Do.WAIT
    assert next_step(SENDER, head=7, outstanding=True) is Do.SEND
    assert next_step(SENDER, now=NOW + 60, head=7) is Do.OPEN


def test_f28_a_peer_that_knows_what_we_do_not_stops_the_sender() -> None:
    for answer, mine in (
        (ANSWER, replace(MINE, knows_last=False)),
        (replace(ANSWER, acked_seq=12), MINE),
        (replace(ANSWER, last_batch_id=ulid(8)), MINE),
        (replace(ANSWER, acked_seq=8, last_batch_id=ulid(8)), MINE),
    ):
        turn = opened(SENDER, answer, mine, now=NOW)
        assert (turn.sender.phase, turn.alarms) == (Phase.REWOUND, ("rewound",))
        assert next_step(turn.sender) is Do.WAIT


def test_f5_a_batch_that_was_applied_without_an_answer_is_sent_again_as_it_is() -> None:
    mine = Mine(9, True, Outstanding(ulid(8), 7, 8))
    turn = opened(SENDER, replace(ANSWER, acked_seq=8, last_batch_id=ulid(8)), mine, now=NOW)
    assert (turn.sender.phase, turn.recut) == (Phase.DRAINING, False)


def test_s5_f30_a_peer_that_has_forgotten_gets_it_again() -> None:
    turn = opened(SENDER, replace(ANSWER, acked_seq=3, last_batch_id=ulid(3)), MINE, now=NOW)
    assert (turn.sender.acked_seq, turn.sender.last_batch_id, turn.recut) == (3, ulid(3), True)
    assert turn.sender.reconcile_at == 7


def test_batches_grow_while_answers_are_quick_and_shrink_when_they_fail() -> None:
    receipt = Receipt.of(batch(item(seq=9), prev=7), [Result(0, "", 1, "applied")], received_at="")
    quick = acknowledged(SENDER, receipt, took=0.3, now=NOW, head_seq=9).sender
    assert (quick.batch_items, quick.acked_seq, quick.phase) == (150, 9, Phase.IDLE)
    slow = acknowledged(SENDER, receipt, took=3, now=NOW, head_seq=9).sender
    assert slow.batch_items == 100
    grown = replace(SENDER, batch_items=490)
    assert acknowledged(grown, receipt, took=0.3, now=NOW, head_seq=9).sender.batch_items == 500
    assert failed(replace(SENDER, batch_items=1), now=NOW, chance=0.5).sender.batch_items == 1


def test_the_pause_grows_to_a_quarter_of_an_hour_and_never_ends_the_trying() -> None:
    sender, pauses = SENDER, []
    for _ in range(40):
        sender = failed(sender, now=NOW, chance=0.999).sender
        pauses.append(sender.retry_at - NOW)
    assert pauses[0] < 5
    assert pauses == sorted(pauses)
    assert LONGEST * 0.99 < pauses[-1] <= LONGEST
    assert next_step(sender) is Do.WAIT
    assert next_step(sender, now=NOW + LONGEST) is Do.OPEN


def test_the_breaker_opens_after_five_failures() -> None:
    sender = SENDER
    alarms = []
    for _ in range(5):
        turn = failed(sender, now=NOW, chance=0.0)
        sender, alarms = turn.sender, [*alarms, *turn.alarms]
    assert sender.retry_at == NOW + BREAKER_FOR
    assert alarms == ["breaker_open"]


def test_a_session_alone_does_not_forget_that_batches_fail() -> None:
    sender = failed(SENDER, now=NOW, chance=0.5).sender
    assert opened(sender, ANSWER, MINE, now=NOW).sender.failures == 1
    assert opened(sender, ANSWER, replace(MINE, head_seq=7), now=NOW).sender.failures == 0


@pytest.mark.parametrize(
    ("refusal", "phase"),
    [
        (Refusal(503, "unavailable", retry_after=120), Phase.BACKOFF), (Refusal(429), Phase.BACKOFF),
        (Refusal(502, proven=False), Phase.BACKOFF), (Refusal(400, "digest_mismatch"), Phase.BACKOFF),
        (Refusal(400, "malformed"), Phase.BLOCKED), (Refusal(403, "forbidden_origin"), Phase.BLOCKED),
        (Refusal(422, "idempotency_mismatch"), Phase.BLOCKED), (Refusal(426, "protocol_unsupported"), Phase.BLOCKED),
        (Refusal(404, proven=False), Phase.BLOCKED), (Refusal(403, proven=False), Phase.BLOCKED),
        (Refusal(401, "bad_signature"), Phase.BLOCKED), (Refusal(401, "unknown_key"), Phase.BLOCKED),
        (Refusal(409, "seq_gap"), Phase.SESSION), (Refusal(409, "fenced"), Phase.SESSION),
        (Refusal(409, "forked"), Phase.FROZEN), (Refusal(413, "too_large"), Phase.SESSION),
    ],
)  # fmt: skip
def test_f6_f26_each_refusal_has_its_consequence(refusal: Refusal, phase: Phase) -> None:
    turn = refused(SENDER, refusal, now=NOW, chance=0.5, sent_items=80)
    assert turn.sender.phase is phase
    assert turn.sender.acked_seq == SENDER.acked_seq
    if refusal.retry_after:
        assert turn.sender.retry_at == NOW + 120
    if phase in (Phase.BLOCKED, Phase.FROZEN):
        assert turn.alarms
        assert next_step(turn.sender, now=NOW + 10**6) is Do.WAIT


def test_too_large_a_batch_is_halved_and_one_record_alone_blocks() -> None:
    turn = refused(SENDER, Refusal(413, "too_large"), now=NOW, chance=0.5, sent_items=80)
    assert (turn.sender.batch_items, turn.recut) == (40, True)
    alone = refused(SENDER, Refusal(413, "too_large"), now=NOW, chance=0.5, sent_items=1)
    assert alone.sender.phase is Phase.BLOCKED


def test_s6_a_sender_that_keeps_losing_the_fence_stops() -> None:
    sender = SENDER
    for turn in range(4):
        sender = replace(
            refused(sender, Refusal(409, "fenced"), now=NOW + turn, chance=0.1).sender, failures=0
        )
    assert (sender.phase, sender.reason) == (Phase.FROZEN, "fence_flapping")


def test_a3_a_clock_is_corrected_once_and_never_by_more_than_a_day() -> None:
    skewed = Refusal(401, "clock_skew", server_time=NOW + 700)
    turn = refused(SENDER, skewed, now=NOW, chance=0.1)
    assert (turn.sender.offset, turn.sender.phase, turn.alarms) == (700, Phase.SESSION, ("clock_offset",))
    assert refused(turn.sender, skewed, now=NOW, chance=0.1).sender.phase is Phase.BLOCKED
    healed = opened(turn.sender, ANSWER, MINE, now=NOW).sender
    assert refused(healed, skewed, now=NOW, chance=0.1).sender.phase is Phase.SESSION
    year = Refusal(401, "clock_skew", server_time=NOW + 365 * 86_400)
    assert refused(SENDER, year, now=NOW, chance=0.1).sender.phase is Phase.BLOCKED


def test_the_peer_may_ask_to_halt_to_slow_down_or_to_compare() -> None:
    halted = opened(SENDER, replace(ANSWER, action=Action.HALT), MINE, now=NOW).sender
    assert next_step(halted) is Do.WAIT
    assert next_step(halted, now=NOW + 60) is Do.OPEN
    assert opened(SENDER, replace(ANSWER, action=Action.SLOW), MINE, now=NOW).sender.batch_items == 50
    for answer in (replace(ANSWER, action=Action.RECONCILE), replace(ANSWER, root_equal=False)):
        due = opened(SENDER, answer, MINE, now=NOW).sender
        assert next_step(due) is Do.RECONCILE
        assert next_step(due, outstanding=True) is Do.SEND


def line(number: int, rev: int = 1) -> Line:
    return Line(item(number).uid, rev, item(number).hash)


def test_a_comparison_ends_in_peace_in_another_round_or_with_a_person() -> None:
    due = reconcile_soon(SENDER)
    assert reconciled(due, (), pending=(), head_seq=7, now=NOW).sender.phase is Phase.IDLE
    missing = Difference(Outcome.MISSING, line(1), None)
    again = reconciled(due, (missing,), pending=(), head_seq=10, now=NOW)
    assert (again.sender.phase, again.sender.reconcile_at, again.alarms) == (Phase.DRAINING, 10, ("missing",))
    assert reconciled(due, (missing,), pending={missing.uid}, head_seq=10, now=NOW).alarms == ()
    for outcome in (Outcome.EXTRA, Outcome.REWOUND, Outcome.REV_FORK):
        turn = reconciled(due, (Difference(outcome, None, line(1, 5)),), pending=(), head_seq=7, now=NOW)
        assert (turn.sender.phase, turn.alarms) == (Phase.REWOUND, (str(outcome),))


def test_operators_pause_resume_and_begin_a_new_epoch() -> None:
    assert next_step(paused(SENDER), now=NOW + 10**6) is Do.WAIT
    assert next_step(resumed(paused(SENDER))) is Do.OPEN
    frozen = replace(SENDER, phase=Phase.FROZEN)
    assert resumed(frozen).reconcile_at == 7
    with pytest.raises(ValueError, match="new epoch"):
        resumed(replace(SENDER, phase=Phase.REWOUND))
    fresh = in_new_epoch(SENDER, "e2", head_seq=9)
    assert (fresh.epoch, fresh.former_epochs, fresh.acked_seq, fresh.reconcile_at) == ("e2", ("e1",), 0, 9)


def test_what_was_rejected_or_stale_is_not_believed_to_be_there() -> None:
    items = [item(number, seq=number) for number in range(1, 5)]
    results = [
        Result(place, "", 1, status) for place, status in enumerate(("applied", "held", "rejected", "stale"))
    ]
    receipt = Receipt.of(batch(*items), results, received_at="")
    assert landed(items, receipt) == tuple(items[:2])


# -- pages of the feed ------------------------------------------------------------------------------------------------


def test_a_page_hides_what_is_at_home_with_its_reader_and_still_goes_on() -> None:
    rows = [item(1, seq=4), item(2, seq=6, node="hue")]
    made = page("national", Cursor("n1", 3), rows, reader="cantho", head_seq=9, limit=2)
    assert (made.items, made.next, made.more) == ((rows[1],), Cursor("n1", 6), True)
    only_own = page("national", Cursor("n1", 3), rows[:1], reader="cantho", head_seq=4)
    assert (only_own.items, only_own.next, only_own.more) == ((), Cursor("n1", 4), False)
    assert Page.read(made.written()) == made


def test_a_cursor_of_another_epoch_or_beyond_the_end_is_refused() -> None:
    for cursor, expected in ((Cursor("n0", 1), "epoch_changed"), (Cursor("n1", 10), "cursor_in_future")):
        with pytest.raises(Refused) as error:
            refuse_cursor(cursor, epoch="n1", head_seq=9)
        assert error.value.problem.code == expected


def test_d1_a_reader_moves_with_its_pages_and_sweeps_a_new_epoch() -> None:
    reading = lost(Reading(Cursor("n0", 40)), "n1")
    assert reading == Reading(Cursor("n1", 0), sweeping=True)
    first = took(
        reading,
        page("national", Cursor("n1", 0), [item(1, seq=2, node="hue")], reader="x", head_seq=9, limit=1),
    )
    assert (first.reading.cursor, first.swept) == (Cursor("n1", 2), False)
    last = took(
        first.reading, page("national", Cursor("n1", 2), [item(2, seq=9, node="hue")], reader="x", head_seq=9)
    )
    assert (last.reading, last.swept) == (Reading(Cursor("n1", 9)), True)
    with pytest.raises(ValueError, match="begins at"):
        took(last.reading, page("national", Cursor("n1", 2), [], reader="x", head_seq=9))
