"""What must hold whatever happens between two exchanges, shown on real applications: crashes, losses, leaks, loops.

The cases carry their numbers; those that need a whole history are in `tests/exchange/simulation`.
"""

from __future__ import annotations

import gzip
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from exchange.canonical import canonical
from exchange.messages import Answer, Request
from exchange.sender import Phase
from marketplace.errors import DatabaseAway
from marketplace.models.exchanges import Effect, InBatch, Replica
from marketplace.models.feed import Published
from marketplace.network import Unreachable
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outlook
from marketplace.work import begin, look
from tests.support.market import content, publish, settle
from tests.support.network import Wires
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, found_after, in_session, run, send, written
from tests.sync.test_faults import batches_sent, copied, later, received, restored, sender
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found, withdraw
from vocabulary.listing import Contact

CANARY = "chimhoangyen4711"


class Killed(BaseException):
    """What no rule of the application knows, as it knows no signal: whoever stands in front answers in its place."""


@contextmanager
def at_the_commit(runtime: Runtime, error: BaseException) -> Iterator[None]:
    """Whoever commits a batch that came in meets this error, and nothing is written."""

    def fail(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO in_batches" in statement:
            raise error

    event.listen(runtime.database, "before_cursor_execute", fail)
    yield
    event.remove(runtime.database, "before_cursor_execute", fail)


def test_f4_a_national_exchange_killed_before_its_commit_has_applied_nothing(pair: Pair) -> None:
    in_session(pair)
    uid = pair.publish("Trạm đo độ mặn")[0]
    with at_the_commit(pair.national, Killed()):
        pair.push()
    with look(pair.national) as work:
        assert work.session.get(Replica, uid) is None
        assert work.session.get(Published, uid) is None
    later(pair, 901)
    assert received(pair) == 1
    assert found(pair.national, "độ mặn") == [uid]
    assert {one.body for one in batches_sent(pair)} == {batches_sent(pair)[0].body}


class _Noting:
    """Keeps the last answer that came over the wires."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self.last: Answer | None = None

    def send(self, request: Request) -> Answer:
        self.last = self._wires.send(request)
        return self.last


def test_f6_a_database_that_goes_in_the_midst_of_a_batch_is_503_and_all_comes_when_it_is_back(
    pair: Pair,
) -> None:
    in_session(pair)
    uids = publish(pair.local, *(content("offer", f"Máy sấy {n}") for n in range(30)))
    noting = _Noting(pair.wires)
    pair.local.__dict__.pop("network", None)
    pair.local.peers = noting  # type: ignore[assignment]
    with at_the_commit(pair.national, DatabaseAway()):
        pair.push()
    assert noting.last is not None
    assert (noting.last.status, received(pair)) == (503, 0)
    assert int(dict(noting.last.headers)["Retry-After"]) > 0
    assert sender(pair).phase is Phase.BACKOFF
    with look(pair.national) as work:
        assert not work.session.scalar(select(func.count()).select_from(Replica))
    later(pair, 901)
    with look(pair.national) as work:
        assert set(work.session.scalars(select(Replica.uid))) == set(uids)


class _Lossy:
    """Loses three requests of ten, and three answers of ten that did arrive, by its own dice."""

    def __init__(self, wires: Wires) -> None:
        self._wires, self._dice, self.lost = wires, random.Random(11), 0

    def send(self, request: Request) -> Answer:
        if self._dice.random() < 0.3:
            self.lost += 1
            raise Unreachable("the request was lost")
        answer = self._wires.send(request)
        if self._dice.random() < 0.3:
            self.lost += 1
            raise Unreachable("the answer was lost")
        return answer


def test_f11_with_a_third_of_requests_and_answers_lost_each_record_arrives_once(pair: Pair) -> None:
    in_session(pair)
    uids = publish(pair.local, *(content("offer", f"Máy sấy {n}") for n in range(150)))
    lossy = _Lossy(pair.wires)
    pair.local.__dict__.pop("network", None)
    pair.local.peers = lossy  # type: ignore[assignment]
    for _ in range(60):
        later(pair, 901)
        if sender(pair).acked_seq == len(uids) and lossy.lost >= 5:
            break
    assert sender(pair).acked_seq == len(uids)
    with look(pair.national) as work:
        assert set(work.session.scalars(select(Replica.uid))) == set(uids)
        assert work.session.scalar(select(func.max(Replica.rev))) == 1
        assert not work.session.scalar(select(func.count()).select_from(Effect).where(Effect.rev > 1))
        batches = work.session.scalars(select(InBatch.counts)).all()
    assert sum(counts.get("applied", 0) for counts in batches) == len(uids), "each was applied once"
    assert lossy.lost >= 5


def test_f25_what_still_comes_from_there_clears_no_alarm_about_what_does_not_go_there(pair: Pair) -> None:
    pair.push()
    pair.wires.cut_paths.add("/sync/v1/batches")
    pair.publish("Trạm đo độ mặn")
    for _ in range(3):
        later(pair, 600)
    assert any("/sync/v1/changes" in one.url for one in pair.wires.sent[-6:]), "the other way is open"
    with look(pair.local) as work:
        seen = outlook.outlook(work, SYSTEM)
    assert (seen.state, seen.waiting) == ("retrying", 1)
    pair.wires.cut_paths.clear()
    later(pair, 901)
    assert len(found(pair.national, "độ mặn")) == 1


def test_i7_nothing_as_old_as_a_tombstone_comes_back_to_copies_feed_or_index(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    gone = an_item("withdrawn", seq=1, op="delete", rev=3)
    send(pair, written(pair, gone))
    for place, rev in enumerate((1, 2, 3), start=1):
        send(pair, written(pair, an_item(body, seq=place + 1, uid=gone.uid, rev=rev), prev=place))
        assert found_after(pair) == []
    with begin(pair.national) as work:
        feed.begin_new_epoch(work)
    settle(pair.national)
    assert found_after(pair) == []
    with look(pair.national) as work:
        copy = work.session.get_one(Replica, gone.uid)
        assert (copy.op, copy.rev) == ("delete", 3)


def test_i8_with_its_own_key_an_exchange_changes_no_record_of_another(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    theirs = an_item(body, seq=1, node="ha-noi")
    with begin(pair.national) as work:
        work.session.add(
            Replica(
                uid=theirs.uid, origin="ha-noi", kind="offer", schema=theirs.schema, rev=1, op="upsert",
                hash=theirs.hash, body=body, projection="visible", batch_id="b", received_at=work.now,
            )
        )  # fmt: skip
    before = _rows(pair.national, "ha-noi")
    for place, op in enumerate(("upsert", "delete", "erase")):
        said = {**body, "mark": "ours"} if op == "upsert" else "legal"
        item = an_item(said, seq=place + 1, uid=theirs.uid, op=op, rev=9 + place)
        assert send(pair, written(pair, item, prev=place)).results[0].flaws[0].code == "forbidden_origin"
    assert _rows(pair.national, "ha-noi") == before


def _rows(runtime: Runtime, origin: str) -> list[tuple[object, ...]]:
    with look(runtime) as work:
        found = work.session.scalars(select(Replica).where(Replica.origin == origin).order_by(Replica.uid))
        return [(one.uid, one.rev, one.op, one.hash, canonical(one.body), one.projection) for one in found]


def test_i10_what_must_not_leave_its_home_is_in_no_byte_that_does(
    pair: Pair, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = content("offer", "Trạm đo độ mặn").revised(
        contact=Contact(name=f"Chị {CANARY}", email=f"{CANARY}@example.org", phone=CANARY)
    )
    uid = publish(pair.local, secret)[0]
    pair.push()
    withdraw(pair.local, uid)
    later(pair)
    assert received(pair) == 2
    carried = b"".join(_unpacked(one) for one in pair.wires.sent)
    assert uid.encode() in carried
    assert CANARY.encode() not in carried
    kept = [path for path in pair.national.settings.data_dir.rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []
    assert CANARY not in caplog.text


def _unpacked(request: Request) -> bytes:
    body = gzip.decompress(request.body) if request.body[:2] == b"\x1f\x8b" else request.body
    return b"\n".join((request.url.encode(), repr(request.headers).encode(), body))


def test_i12_what_was_acknowledged_is_there_after_the_database_was_killed(pair: Pair, tmp_path: Path) -> None:
    """A copy of the files as they lie there, journal and all, is what a power cut leaves."""
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    assert sender(pair).acked_seq == 1
    left = tmp_path / "left"
    left.mkdir()
    for path in pair.national.settings.data_dir.glob("giao.db*"):
        (left / path.name).write_bytes(path.read_bytes())
    with closing(sqlite3.connect(left / "giao.db")) as database:
        assert database.execute("SELECT uid, rev FROM replicas").fetchall() == [(uid, 1)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_i20_an_opaque_record_becomes_what_it_would_be_had_it_come_after_the_upgrade(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    early, late = an_item(body, seq=1), an_item(body, seq=2)
    send(pair, written(pair, early))
    with begin(pair.national) as work:
        # As it is at a receiver whose version does not know the schema yet.
        copy = work.session.get_one(Replica, early.uid)
        copy.projection = "opaque"
        work.session.delete(work.session.get_one(Published, early.uid))
    pair.settle_national()
    send(pair, written(pair, late, prev=1))
    run(pair.national, "project_again")
    assert sorted(found_after(pair)) == sorted([early.uid, late.uid])
    with look(pair.national) as work:
        one, other = (work.session.get_one(Replica, item.uid) for item in (early, late))
        assert (one.projection, canonical(one.body)) == (other.projection, canonical(other.body))
        seen, expected = (work.session.get_one(Published, item.uid) for item in (early, late))
        assert (seen.op, seen.rev, seen.body) == (expected.op, expected.rev, expected.body)


def test_i6_after_a_restore_roots_are_equal_within_two_rounds(pair: Pair, tmp_path: Path) -> None:
    pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    pair.push()
    backup = copied(pair.national, tmp_path)
    pair.publish("Phân bón lá")
    pair.push()
    restored(pair.national, backup)
    later(pair)
    later(pair)
    assert compared(pair)["equal"]
