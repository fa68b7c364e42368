"""A local exchange that was restored from a backup goes on in a new epoch, as its operator chooses.

The national exchange has revisions that are lost here. Either they are taken back, for its copies are exact, or what is
here counts. Then everything is sent again, most of it unchanged, and both sides are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange import sender as machine
from exchange.comparison import Comparison
from exchange.envelope import written
from exchange.items import Item, hash_flaw, read_item
from exchange.problems import Refused
from exchange.reading import read_json
from exchange.reconcile import Choice, Difference, Line, Repair, differences, settle
from exchange.sender import Phase
from exchange.sessions import SessionAnswer
from marketplace.db import new_id
from marketplace.enrolling import pins
from marketplace.errors import Conflict, Unavailable
from marketplace.peering import NoAnswer, Peering
from marketplace.runtime import Runtime
from marketplace.services import audit, feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outgoing, taking_back
from marketplace.services.sync.outgoing import Line as Peer
from marketplace.uplink import Uplink
from marketplace.work import Work, begin, look

LISTED_WHOLE = 20_000
"""So many records are listed in one answer; more of them bucket by bucket."""
FETCHED = 100
"""Records asked for at once; each may have a quarter of a megabyte."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """How many records were taken back, published again above what is there, and said to be gone."""

    taken_back: int = 0
    raised: int = 0
    buried: int = 0


def restart(runtime: Runtime, choice: Choice) -> Restarted:
    """Raises `Conflict` unless the sender has stopped for a restore, and `Unavailable`, and then nothing was changed."""
    with look(runtime) as work:
        peer = outgoing.line(work)
    if peer is None or peer.sender.phase is not Phase.REWOUND:
        raise Conflict("not_rewound")
    try:
        return _restart(runtime, peer, choice)
    except (NoAnswer, Refused) as error:
        raise Unavailable("national_away", url=peer.base_url, why=str(error)) from None


def _restart(runtime: Runtime, peer: Peer, choice: Choice) -> Restarted:
    peering = Peering(runtime, peer.node, peer.base_url, pins(runtime, peer.node), peer.sender.offset)
    theirs = _there(runtime, peering, peer)
    with look(runtime) as work:
        found = differences(taking_back.own_lines(work), theirs)
        edited = taking_back.edited_since(work, [one.uid for one in found])
    items = {
        item.uid: item for item in _fetched(peering, [one.uid for one in found if one.theirs is not None])
    }
    with begin(runtime) as work:
        repairs = [_repair(work, one, choice, items, edited) for one in found]
        outgoing.drop(work, peer.node)
        sender = machine.in_new_epoch(
            peer.sender, new_id().lower(), head_seq=feed.state(work).head + len(found)
        )
        outgoing.keep(work, peer.node, sender, detail="")
        audit.record(work, SYSTEM, "sync.restart", peer.node, choice=str(choice), records=len(found))
    return Restarted(
        repairs.count(Repair.TAKE_BACK), repairs.count(Repair.RAISE), repairs.count(Repair.TOMBSTONE)
    )


def _there(runtime: Runtime, peering: Peering, peer: Peer) -> list[Line]:
    """All that the national exchange has of ours, at the place it has reached."""
    with look(runtime) as work:
        greeting = Uplink(runtime).greeting(work, peer)
    answer = SessionAnswer.read(peering.ask("POST", "/sync/v1/session", greeting.written()))
    epoch, place = peer.sender.epoch, answer.acked_seq
    count = int(_compared(peering, Comparison(epoch, place, 0))["count"])
    prefixes = [f"{number:02x}" for number in range(256)] if count > LISTED_WHOLE else [""]
    lines: list[Line] = []
    for prefix in prefixes:
        said = _compared(peering, Comparison(epoch, place, len(prefix) // 2, prefix, lines=()))
        lines += [Line(one["id"], one["rev"], one["hash"]) for one in said["lines"]]
    return sorted(lines)


def _compared(peering: Peering, asked: Comparison) -> dict[str, Any]:
    said: dict[str, Any] = read_json(peering.ask("POST", "/sync/v1/reconcile", asked.written()))
    return said


def _fetched(peering: Peering, uids: Sequence[str]) -> Iterator[Item]:
    for start in range(0, len(uids), FETCHED):
        body = written({"ids": list(uids[start : start + FETCHED])})
        said = read_json(peering.ask("POST", "/sync/v1/records/fetch", body))
        for value in said["items"]:
            item = read_item(value)
            if isinstance(item, Item) and hash_flaw(item) is None:
                yield item


def _repair(
    work: Work, one: Difference, choice: Choice, items: Mapping[str, Item], edited: frozenset[str]
) -> Repair:
    item = items.get(one.uid)
    erased = item is not None and item.op == "erase"
    repair = settle(one, choice, edited=one.uid in edited, erased=erased)
    if repair is Repair.TAKE_BACK and item is not None:
        taking_back.take_back(work, item)
    elif repair is Repair.RAISE and one.theirs is not None:
        taking_back.lift(work, one.uid, one.theirs.rev)
    elif repair is Repair.TOMBSTONE and one.theirs is not None:
        taking_back.bury(work, one.uid, one.theirs.rev)
    return repair
