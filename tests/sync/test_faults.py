"""What may break between two exchanges, each case with its number: nothing is lost, doubled or shown again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from exchange.messages import Answer, Request
from exchange.reconcile import Choice
from exchange.sender import Phase, Sender
from marketplace.models.exchanges import InBatch, OutBatch, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound, Outbound
from marketplace.network import Unreachable
from marketplace.readers import Sequencer, drain
from marketplace.restarting import restart
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, outgoing, outlook
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from tests.support.market import settle
from tests.sync.conftest import Pair
from tests.sync.test_pushing import found, withdraw


def sender(pair: Pair) -> Sender:
    with look(pair.local) as work:
        line = outgoing.line(work)
    assert line is not None
    return line.sender


def received(pair: Pair) -> int:
    """Batches that the national exchange has taken."""
    with look(pair.national) as work:
        return work.session.scalar(select(func.count()).select_from(InBatch)) or 0


def batches_sent(pair: Pair) -> list[Request]:
    return [one for one in pair.wires.sent if one.url.endswith("/sync/v1/batches")]


def later(pair: Pair, seconds: int = 61) -> None:
    pair.clock.move(timedelta(seconds=seconds))
    pair.push()


@contextmanager
def answering(pair: Pair, answer: Answer) -> Iterator[None]:
    """Somebody in between answers in the place of the national exchange."""
    before = pair.local.peers
    pair.local.__dict__.pop("network", None)
    pair.local.peers = _Between(answer)
    yield
    pair.local.__dict__.pop("network", None)
    pair.local.peers = before


class _Between:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def send(self, request: Request) -> Answer:
        return self._answer


class _Cuts:
    """A wire that is cut when a batch is about to be sent."""

    def __init__(self, pair: Pair) -> None:
        self._wires = pair.wires

    def send(self, request: Request) -> Answer:
        if request.url.endswith("/batches"):
            raise Unreachable("killed before sending")
        return self._wires.send(request)


def test_f2_a_batch_that_was_kept_and_never_sent_is_sent_as_it_was(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.local.__dict__.pop("network", None)
    pair.local.peers = _Cuts(pair)
    pair.push()
    with look(pair.local) as work:
        kept = work.session.scalars(select(OutBatch)).one()
        body, name = kept.body, kept.batch_id
    pair.local.__dict__.pop("network", None)
    pair.local.peers = pair.wires
    restarted = Uplink(pair.local, chance=lambda: 0.0)
    pair.uplink.give_back()
    drain([restarted])
    assert [one.body for one in batches_sent(pair)] == [body]
    with look(pair.national) as work:
        assert work.session.scalars(select(InBatch.batch_id)).all() == [name]


def test_f5_a_lost_answer_is_given_again_and_nothing_is_applied_twice(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.wires.lost_answers.add(pair.national.settings.base_url)
    pair.push()
    pair.wires.lost_answers.clear()
    later(pair)
    assert sender(pair).phase is Phase.IDLE
    assert received(pair) == 1
    assert found(pair.national, "độ mặn") == [uid]


def test_f8_the_same_batch_ten_times_has_one_effect_and_the_same_answer(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    batch = batches_sent(pair)[0]
    peering = pair.uplink._peering(outgoing_line(pair))
    more = (("Content-Encoding", "gzip"), ("XS-Fence", sender(pair).fence))
    answers = {peering.ask("POST", "/sync/v1/batches", batch.body, *more) for _ in range(10)}
    assert len(answers) == 1
    assert b'"replayed":true' in answers.pop()
    assert received(pair) == 1


def outgoing_line(pair: Pair) -> outgoing.Line:
    with look(pair.local) as work:
        line = outgoing.line(work)
    assert line is not None
    return line


@pytest.mark.parametrize("hours", [1, 31 * 24])
def test_f10_a_duplicate_that_comes_late_is_refused_for_its_age(pair: Pair, hours: int) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    batch = batches_sent(pair)[0]
    pair.clock.move(timedelta(hours=hours))
    answer = pair.wires.deliver(batch)
    assert (answer.status, b'"clock_skew"' in answer.body) == (401, True)
    assert received(pair) == 1


def test_f12_a_body_that_was_cut_off_is_refused_before_it_is_read(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    batch = batches_sent(pair)[0]
    answer = pair.wires.deliver(replace(batch, body=batch.body[: len(batch.body) // 2]))
    assert answer.status == 400
    assert b"digest_mismatch" in answer.body


def test_f22_after_three_days_without_a_connection_only_the_newest_state_is_sent(pair: Pair) -> None:
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa", "Phân bón lá")
    pair.wires.cut.add(pair.national.settings.base_url)
    for _ in range(6):
        later(pair, 12 * 3600)
    withdraw(pair.local, uids[0])
    later(pair)
    with look(pair.local) as work:
        seen = outlook.outlook(work, SYSTEM)
    assert (seen.state, seen.waiting) == ("retrying", 3)
    settle(pair.local)
    assert found(pair.local, "thăng hoa") == [uids[1]], "a local exchange works without the national one"
    pair.wires.cut.clear()
    later(pair, 901)
    assert found(pair.national, "thăng hoa") == [uids[1]]
    assert found(pair.national, "độ mặn") == []
    with look(pair.national) as work:
        revs = work.session.execute(select(Replica.uid, Replica.rev)).all()
    assert sorted(tuple(one) for one in revs) == sorted([(uids[0], 2), (uids[1], 1), (uids[2], 1)])


def test_f23_when_the_other_side_is_back_what_waits_goes_without_a_new_edit(pair: Pair) -> None:
    pair.wires.cut.add(pair.national.settings.base_url)
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    pair.wires.cut.clear()
    later(pair)
    assert found(pair.national, "độ mặn") == [uid]


@pytest.mark.parametrize("status", [403, 404])
def test_f26_an_unsigned_refusal_of_a_proxy_blocks_and_is_no_success(pair: Pair, status: int) -> None:
    pair.publish("Trạm đo độ mặn")
    with answering(pair, Answer(status, (("Content-Type", "text/html"),), b"<h1>nginx</h1>")):
        pair.push()
    with look(pair.local) as work:
        seen = outlook.outlook(work, SYSTEM)
    assert (seen.state, seen.reason, seen.waiting) == ("blocked", f"http_{status}", 1)
    with begin(pair.local) as work:
        choosing.go_on(work, SYSTEM)
    later(pair)
    assert len(found(pair.national, "độ mặn")) == 1


def test_f27_an_error_page_with_status_200_is_no_answer(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    with answering(pair, Answer(200, (("Content-Type", "text/html"),), b"<h1>Maintenance</h1>")):
        pair.push()
    assert sender(pair).phase is Phase.BACKOFF
    later(pair)
    assert len(found(pair.national, "độ mặn")) == 1


def copied(runtime: Runtime, folder: Path) -> Path:
    """A backup of an exchange's database."""
    runtime.database.dispose()
    target = folder / f"{runtime.settings.node_id}.db"
    with runtime.database.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    runtime.database.dispose()
    shutil.copy(runtime.settings.data_dir / "giao.db", target)
    return target


def restored(runtime: Runtime, backup: Path) -> None:
    runtime.database.dispose()
    for name in ("giao.db-wal", "giao.db-shm"):
        (runtime.settings.data_dir / name).unlink(missing_ok=True)
    shutil.copy(backup, runtime.settings.data_dir / "giao.db")


def test_f28_a_sender_restored_from_a_backup_stops_and_nothing_is_lost_there(
    pair: Pair, tmp_path: Path
) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    backup = copied(pair.local, tmp_path)
    lost = pair.publish("Máy sấy thăng hoa")[0]
    pair.push()
    restored(pair.local, backup)
    later(pair)
    assert sender(pair).phase is Phase.REWOUND
    assert found(pair.national, "thăng hoa") == [lost]


@pytest.mark.parametrize("choice", [Choice.ADOPT, Choice.OVERRIDE])
def test_f28_its_operator_chooses_and_afterwards_both_are_equal(
    pair: Pair, tmp_path: Path, choice: Choice
) -> None:
    kept = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    backup = copied(pair.local, tmp_path)
    lost = pair.publish("Máy sấy thăng hoa")[0]
    withdraw(pair.local, kept)
    pair.push()
    restored(pair.local, backup)
    later(pair)
    done = restart(pair.local, choice)

    later(pair)
    later(pair)
    adopted = choice is Choice.ADOPT
    settle(pair.local)
    for side in (pair.local, pair.national):
        assert found(side, "thăng hoa") == ([lost] if adopted else []), side.settings.node_id
        assert found(side, "độ mặn") == ([] if adopted else [kept]), side.settings.node_id
    assert (done.taken_back, done.raised, done.buried) == ((2, 0, 0) if adopted else (0, 1, 1))
    with look(pair.local) as work:
        assert work.session.get_one(Outbound, "national").proof["equal"]
    assert sender(pair).phase is Phase.IDLE


def test_f30_a_national_exchange_restored_from_a_backup_gets_again_what_it_lost(
    pair: Pair, tmp_path: Path
) -> None:
    kept = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    backup = copied(pair.national, tmp_path)
    lost = pair.publish("Máy sấy thăng hoa")[0]
    pair.push()
    restored(pair.national, backup)
    later(pair)
    later(pair)
    assert found(pair.national, "thăng hoa") == [lost]
    assert found(pair.national, "độ mặn") == [kept]


def test_f33_of_two_senders_of_one_exchange_the_older_is_refused(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    older = sender(pair)
    pair.uplink.give_back()
    other = Uplink(pair.local, chance=lambda: 0.0)
    pair.clock.move(timedelta(seconds=61))
    drain([other])
    assert sender(pair).fence != older.fence
    peering = pair.uplink._peering(outgoing_line(pair))
    more = (("Content-Encoding", "gzip"), ("XS-Fence", older.fence))
    with pytest.raises(Exception, match="fenced"):
        peering.ask("POST", "/sync/v1/batches", batches_sent(pair)[0].body, *more)


def test_what_a_killed_sender_leaves_is_sent_at_once_and_a_living_one_is_not_robbed(pair: Pair) -> None:
    """Without the clock moving: nobody waits for the end of a lease whose holder is seen to be gone."""
    holder = Uplink(pair.local, chance=lambda: 0.0)
    drain([holder])
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    assert received(pair) == 0
    del holder  # What it had locked is free, as after `kill -9`.
    pair.push()
    assert found(pair.national, "độ mặn") == [uid]


def test_f1_what_was_committed_and_not_numbered_is_sent_after_a_restart(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    with look(pair.local) as work:
        assert work.session.get_one(Published, uid).pub_seq is None
    drain([Sequencer(pair.local), Uplink(pair.local, chance=lambda: 0.0)])
    with look(pair.national) as work:
        assert work.session.get(Replica, uid) is not None


def test_an_operator_who_pauses_is_obeyed_and_everything_goes_on_afterwards(pair: Pair) -> None:
    pair.push()
    with begin(pair.local) as work:
        choosing.pause(work, SYSTEM)
    pair.publish("Trạm đo độ mặn")
    later(pair)
    assert received(pair) == 0
    with begin(pair.local) as work:
        choosing.go_on(work, SYSTEM)
    later(pair)
    assert len(found(pair.national, "độ mặn")) == 1


def test_the_national_exchange_knows_how_much_waits_and_when_it_was_heard(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    with look(pair.national) as work:
        inbound = work.session.get_one(Inbound, "can-tho")
        assert inbound.heard_at == pair.clock.now
        assert inbound.acked_seq == 1
