"""The first load of a feed reader: all of the national feed at one moment, and then what has changed since."""

from __future__ import annotations

import io
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from exchange.changes import Page
from exchange.items import Item
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.snapshots import Digested, Head, Line, read_snapshot
from marketplace.models.exchanges import Overlay
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound
from marketplace.network import Unreachable
from marketplace.peering import NoAnswer
from marketplace.readers import Sequencer, drain
from marketplace.server import Server
from marketplace.services import feed
from marketplace.services.feed import Record
from marketplace.services.sync import incoming, outgoing, snapshots
from marketplace.services.sync.incoming import Overtaken, Part
from marketplace.sockets import Sockets
from marketplace.work import begin, look
from tests.exchange.making import ulid
from tests.support.compiled import application
from tests.sync.conftest import Pair
from tests.sync.test_enrolment import peering
from tests.sync.test_faults import outgoing_line, sender

KIND = "national_link"


def say(pair: Pair, start: int, end: int, word: str = "first", *, kind: str = KIND, **more: str) -> list[str]:
    """The national exchange says something in its feed about records of these numbers."""
    uids = [f"national:{kind}:{ulid(number)}" for number in range(start, end)]
    with begin(pair.national) as work:
        feed.write(work, [Record(uid, kind, "upsert", {"about": uid, "word": word}, **more) for uid in uids])
    drain([Sequencer(pair.national)])
    return uids


def snapshot(pair: Pair, kinds: str = "") -> tuple[Head, list[Item]]:
    file = io.BytesIO()
    peering(pair).fetch(f"/sync/v1/snapshot?kinds={kinds}", file)
    head, lines = read_snapshot(file)
    return head, [line.item for line in lines if isinstance(line.item, Item)]


def changes(pair: Pair, since: str) -> list[Item]:
    found: list[Item] = []
    while True:
        page = Page.read(peering(pair).ask("GET", f"/sync/v1/changes?since={since}"))
        found += [item for item in page.items if isinstance(item, Item)]
        since = str(page.next)
        if not page.more:
            return found


def laid(pair: Pair) -> dict[str, str]:
    """What the local exchange holds of what the national one says: id -> word."""
    with look(pair.local) as work:
        rows = work.session.scalars(select(Overlay).where(Overlay.layer == KIND))
        return {row.uid: row.body["word"] for row in rows}


def cursor(pair: Pair) -> str:
    with look(pair.local) as work:
        line = outgoing.line(work)
    assert line is not None
    return line.cursor


def asked(pair: Pair, path: str) -> int:
    return sum(f"/sync/v1/{path}" in one.url for one in pair.wires.sent)


@pytest.fixture
def large(pair: Pair) -> Pair:
    """In touch; to this local exchange a feed of 600 places more is a large one."""
    pair.uplink.large_feed = 600
    return pair


# -- what is served ---------------------------------------------------------------------------------------------------


def test_e7_a_snapshot_holds_every_record_as_it_stands_at_its_head_and_changes_go_on_from_there(
    pair: Pair,
) -> None:
    say(pair, 0, 30)
    with begin(pair.national) as work:
        # Not numbered yet: it has no place before the head, and will have one after it.
        feed.write(
            work, [Record(f"national:{KIND}:{ulid(3)}", KIND, "upsert", {"about": "", "word": "waits"})]
        )
    head, items = snapshot(pair)
    assert (head.node, head.head_seq) == ("national", 30)
    assert {item.uid for item in items} == {f"national:{KIND}:{ulid(n)}" for n in range(30) if n != 3}
    assert [item.seq for item in items] == sorted(item.seq for item in items)
    say(pair, 30, 32)
    later_on = changes(pair, str(head.cursor))
    assert {item.uid.split(":")[2] for item in later_on} == {ulid(3), ulid(30), ulid(31)}


def test_e7_a_snapshot_is_of_one_moment_while_others_write(pair: Pair) -> None:
    """Between any two of its records somebody writes another and revises one that has yet to come."""
    say(pair, 0, 300)
    fresh, before = iter(range(1_000, 1_050)), {}
    with look(pair.national) as work:
        before = {row.id: row.rev for row in work.session.scalars(select(Published))}

    def between(items: Iterator[Item]) -> Iterator[Item]:
        for place, item in enumerate(items):
            if place % 50 == 0:
                number = next(fresh)
                say(pair, number, number + 1)
                say(pair, 299 - number % 1_000, 300 - number % 1_000, word=f"at {place}")
            yield item

    with look(pair.national) as work:
        state = feed.state(work)
        items = list(between(snapshots._items(work, "can-tho", ())))
    assert {item.uid: item.rev for item in items} == before, "each once, as it stood"
    after = changes(pair, f"{state.epoch}.{state.head}")
    assert len(after) == len({item.uid for item in after}) == 12
    with look(pair.national) as work:
        now = {row.id: row.rev for row in work.session.scalars(select(Published))}
    assert before | {item.uid: item.rev for item in after} == now, "none is lost"


def test_e7_only_what_the_reader_may_see_is_in_it(pair: Pair) -> None:
    mine = pair.publish("Trạm đo độ mặn")
    pair.talk()
    say(pair, 0, 2)
    say(pair, 2, 3, kind="cluster", audience="can-tho")
    say(pair, 3, 4, kind="cluster", audience="hue")
    seen = {item.uid.split(":")[2] for item in snapshot(pair)[1] if item.kind in (KIND, "cluster")}
    assert seen == {ulid(0), ulid(1), ulid(2)}
    assert not {item.uid for item in snapshot(pair)[1]} & set(mine), "nobody gets his own records back"
    with look(pair.national) as work:
        assert feed.row(work, mine[0]) is not None
    assert {item.kind for item in snapshot(pair, "cluster")[1]} == {"cluster"}
    assert snapshot(pair, "offer")[1] == []


@pytest.mark.parametrize("kinds", ["offers", "offer,", "offer&kinds=demand", "a" * 5_000])
def test_e7_kinds_that_are_none_are_refused(pair: Pair, kinds: str) -> None:
    with pytest.raises(Refused) as refused:
        snapshot(pair, kinds)
    assert refused.value.problem.code == "malformed"


def test_e7_nobody_gets_a_snapshot_without_a_signature(pair: Pair) -> None:
    say(pair, 0, 2)
    answer = application(pair.national).test_client().get("/sync/v1/snapshot")
    assert answer.status_code == 401
    assert b"first" not in answer.data


def test_e7_a_snapshot_whose_bytes_were_changed_is_none(pair: Pair) -> None:
    say(pair, 0, 50)

    class Changes:
        def send(self, request: Request) -> Answer:
            return pair.wires.send(request)

        def fetch(self, request: Request, into: Digested) -> Answer:
            answer = pair.wires.send(request)
            into.write(answer.body[:-9] + bytes([answer.body[-9] ^ 1]) + answer.body[-8:])
            return replace(answer, body=b"")

    with _instead(pair, Changes()), pytest.raises(NoAnswer, match="Content-Digest"):
        snapshot(pair)


def test_one_snapshot_is_made_at_a_time_and_whoever_comes_second_is_told_when_to_come_again(
    pair: Pair,
) -> None:
    with snapshots.place(pair.national), pytest.raises(Refused) as refused:
        snapshot(pair)
    assert (refused.value.problem.code, refused.value.problem.retry_after) == ("slow_down", snapshots.LATER)
    snapshot(pair)


def test_d2_what_a_snapshot_hands_out_is_remembered(pair: Pair) -> None:
    say(pair, 0, 20)
    head, _ = snapshot(pair)
    with look(pair.national) as work:
        assert work.session.get_one(Inbound, "can-tho").handed == str(head.cursor)


# -- what is made of it -----------------------------------------------------------------------------------------------


def test_the_first_load_of_a_large_feed_is_one_snapshot_and_then_changes(large: Pair) -> None:
    say(large, 0, 1_100)
    large.talk()
    assert laid(large) == {f"national:{KIND}:{ulid(n)}": "first" for n in range(1_100)}
    assert (asked(large, "snapshot"), asked(large, "changes")) == (1, 2)
    say(large, 10, 12, "second")
    large.talk(after=61)
    assert laid(large)[f"national:{KIND}:{ulid(10)}"] == "second"
    assert asked(large, "snapshot") == 1, "who is nearly there reads pages"
    assert sender(large).reason == ""


def test_a_small_feed_is_read_by_pages(pair: Pair) -> None:
    say(pair, 0, 1_060)
    pair.talk()
    assert len(laid(pair)) == 1_060
    assert (asked(pair, "snapshot"), asked(pair, "changes")) == (0, 3)


def test_a_new_epoch_of_a_large_feed_is_loaded_anew_and_drops_what_is_said_no_more(large: Pair) -> None:
    say(large, 0, 1_100)
    large.talk()
    with begin(large.national) as work:
        gone = f"national:{KIND}:{ulid(1_050)}"
        work.session.delete(work.session.get_one(Published, gone))
        epoch = feed.begin_new_epoch(work)
    large.talk(after=61)
    assert asked(large, "snapshot") == 2
    assert set(laid(large)) == {f"national:{KIND}:{ulid(n)}" for n in range(1_100)} - {gone}
    assert cursor(large) == f"{epoch}.1100"


class _Cuts:
    """Carries requests; of a snapshot what `of` makes of it, which the national exchange would have signed."""

    def __init__(self, pair: Pair, of: Callable[[bytes], bytes]) -> None:
        self._pair, self._of = pair, of

    def send(self, request: Request) -> Answer:
        return self._pair.wires.send(request)

    def fetch(self, request: Request, into: Digested) -> Answer:
        answer = self._pair.wires.send(request)
        into.write(self._of(answer.body))
        raise Unreachable("cut")


@contextmanager
def _instead(pair: Pair, network: object) -> Iterator[None]:
    before = pair.local.peers
    pair.local.__dict__.pop("network", None)
    pair.local.peers = network  # type: ignore[assignment]
    yield
    pair.local.__dict__.pop("network", None)
    pair.local.peers = before


def test_a_snapshot_that_is_cut_off_loses_nothing(large: Pair) -> None:
    """Its signature cannot be proved, so nothing of it is taken in; the pages bring what it has not."""
    say(large, 0, 1_100)
    with _instead(large, _Cuts(large, lambda body: body[: len(body) // 2])):
        large.talk()
    assert len(laid(large)) == 1_100
    assert (asked(large, "snapshot"), asked(large, "changes")) == (1, 3)


def test_a_national_exchange_without_snapshots_is_read_by_pages(large: Pair) -> None:
    say(large, 0, 1_100)
    large.wires.cut_paths.add("/sync/v1/snapshot")
    large.talk()
    assert len(laid(large)) == 1_100


def test_a_bad_line_in_the_middle_is_named_and_the_pages_bring_all(large: Pair) -> None:
    """A signed snapshot that its maker has spoilt: what came before the line is here already, and comes once more."""
    say(large, 0, 1_100)
    downlink = large.uplink._downlink(outgoing_line(large))
    first = downlink._page()
    assert first is not None
    head, items = snapshot(large)
    bad = [Line(place, item) for place, item in enumerate(items[:1_060], start=2)]

    def spoilt() -> Iterator[Line]:
        yield from bad
        raise Refused("malformed", "line 1062: not JSON")

    with pytest.raises(Refused, match="line 1062"):
        downlink._take_in(head, spoilt(), first.next)
    assert len(laid(large)) == 1_000, "whole transactions"
    assert cursor(large) == str(first.next), "no place is claimed that was not reached"
    large.talk()
    assert len(laid(large)) == 1_100


def test_an_unreadable_record_stops_no_other_and_its_line_is_logged(
    large: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    uids = say(large, 0, 1_100)
    with begin(large.national) as work:
        work.session.get_one(Published, uids[1_050]).hash = "sha-256:" + "0" * 64
    large.talk()
    assert len(laid(large)) == 1_099
    assert "record 1052 in the feed of national is unreadable" in caplog.text


def test_whoever_was_overtaken_takes_nothing_in(large: Pair) -> None:
    """Another process has read on while the snapshot came: what is older must not take the place of what is newer."""
    say(large, 0, 1_100)
    downlink = large.uplink._downlink(outgoing_line(large))
    first = downlink._page()
    assert first is not None
    head, items = snapshot(large)
    say(large, 1_050, 1_051, "second")
    large.talk()
    with pytest.raises(Overtaken):
        downlink._take_in(head, iter([Line(2, items[1_050])]), first.next)
    assert laid(large)[f"national:{KIND}:{ulid(1_050)}"] == "second"
    stale = Part([(1, items[1_050])], "", head.cursor, last=True)
    with pytest.raises(Overtaken), begin(large.local) as work:
        incoming.take_in(work, "national", stale)


def test_who_has_lost_the_right_to_read_stops_and_another_goes_on(large: Pair) -> None:
    say(large, 0, 1_100)
    downlink = large.uplink._downlink(outgoing_line(large))
    turns = iter([True, True, False, False])
    replace(downlink, hold=lambda: next(turns)).read()
    assert len(laid(large)) == 1_000, "a page more than what was had under the lease, and then no more"
    large.talk()
    assert len(laid(large)) == 1_100


# -- over sockets -----------------------------------------------------------------------------------------------------


class _Short(socketserver.StreamRequestHandler):
    """Promises more than it sends."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 70_000)


def test_an_answer_that_ends_before_its_length_is_none() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Short) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        with pytest.raises(Unreachable):
            Sockets().fetch(
                Request("GET", f"http://127.0.0.1:{server.server_address[1]}/"), Digested(io.BytesIO())
            )
        thread.join(10)


class _OverSockets:
    """Carries requests to a web server, wherever it listens."""

    def __init__(self, port: int) -> None:
        self._port, self._sockets = port, Sockets()

    def _to(self, request: Request) -> Request:
        return replace(request, url=request.url.replace(":9100", f":{self._port}", 1))

    def send(self, request: Request) -> Answer:
        return self._sockets.send(self._to(request))

    def fetch(self, request: Request, into: Digested) -> Answer:
        return self._sockets.fetch(self._to(request), into)


def test_a_snapshot_comes_over_sockets_as_it_was_signed_and_so_does_a_refusal(pair: Pair) -> None:
    say(pair, 0, 40)
    server, stop = Server(application(pair.national), host="127.0.0.1", port=0), threading.Event()
    thread = threading.Thread(target=server.serve, args=[stop], daemon=True)
    thread.start()
    try:
        with _instead(pair, _OverSockets(server.port)):
            assert len(snapshot(pair)[1]) == 40
            with pytest.raises(Refused, match="no kind"):
                snapshot(pair, "offers")
    finally:
        stop.set()
        thread.join(20)
