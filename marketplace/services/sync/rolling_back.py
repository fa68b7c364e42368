"""Copies are taken back to the last batch before a key was stolen: what came under it since then is made undone.

What a record was before is read from the batches, which are kept for ever, by the same rules as when they came. So a
revision falls; that happens between two epochs of our feed only, and every reader begins again. The home is not asked:
a revision of its own that is taken back with the others comes again with its new epoch, or with the next comparison.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, delete, not_, select

from exchange.envelope import read_batch
from exchange.items import Item
from marketplace.errors import Conflict, NotFound
from marketplace.models.exchanges import InBatch, Replica
from marketplace.models.peers import PeerKey
from marketplace.services import audit, feed
from marketplace.services.feed import Received
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import issues, receive, trust
from marketplace.work import Work

T = TypeVar("T")
AT_ONCE = 20
"""Batches whose bytes are in memory; of all only what they say of these records is."""
ROWS = 500
NEVER = 1
"""The revision of what nobody has published before: whatever its home says of it is not older."""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """How many records are as they were, were not there before, and stay erased, which is final."""

    restored: int = 0
    removed: int = 0
    erased: int = 0


def roll_back(work: Work, actor: Actor, kid: str) -> RolledBack:
    """Make undone what came under this key since others may have had it.

    Raises `NotFound` for an unknown key, and `Conflict`: `not_compromised` unless it is revoked and known since when,
    `nothing_to_roll_back` when no copy rests on such a batch any more.
    """
    permit(actor, "exchanges.manage")
    key = work.session.get(PeerKey, kid)
    if key is None:
        raise NotFound("not_found")
    if key.revoked_at is None or key.compromised_since is None:
        raise Conflict("not_compromised")
    doubtful = and_(*trust.doubtful(kid, key.node_id, key.compromised_since))
    rests = Replica.batch_id.in_(select(InBatch.batch_id).where(doubtful))
    copies = work.session.scalars(select(Replica).where(rests).order_by(Replica.uid).with_for_update()).all()
    taken = [one for one in copies if one.op != "erase"]
    if not taken:
        raise Conflict("nothing_to_roll_back")
    uids = {one.uid for one in taken}
    _forget(work, key.node_id, taken)
    restored = _read_again(work, key.node_id, uids, not_(doubtful))
    feed.begin_new_epoch(work)
    done = RolledBack(len(restored), len(uids) - len(restored), len(copies) - len(taken))
    audit.record(
        work, actor, "exchange.roll_back", key.node_id,
        kid=kid, restored=done.restored, removed=done.removed, erased=done.erased,
    )  # fmt: skip
    return done


def _forget(work: Work, node_id: str, copies: Sequence[Replica]) -> None:
    """The copies as if they had never come; whoever has seen them meets a tombstone."""
    for part in _parts(copies):
        uids = [one.uid for one in part]
        shown = feed.rows(work, uids)
        gone = [
            Received(one.uid, one.schema, NEVER, "delete", one.hash, receive.HIDDEN, one.audience)
            for one in part
            if one.uid in shown
        ]
        feed.receive(work, gone)
        issues.close(work, uids, origin=node_id)
        work.session.execute(
            delete(Replica).where(Replica.uid.in_(uids)), execution_options={"synchronize_session": "fetch"}
        )


def _read_again(work: Work, node_id: str, uids: Collection[str], clean: ColumnElement[bool]) -> set[str]:
    """What the clean batches say of these records, taken in once more in their order; those of which there is a copy."""
    for batch_id, items in list(_said(work, node_id, uids, clean)):
        receive.take_items(work, node_id, items, batch_id=batch_id)
    return {
        uid
        for part in _parts(sorted(uids))
        for uid in work.session.scalars(select(Replica.uid).where(Replica.uid.in_(part)))
    }


def _said(
    work: Work, node_id: str, uids: Collection[str], clean: ColumnElement[bool]
) -> Iterator[tuple[str, list[Item]]]:
    its = (InBatch.origin == node_id, InBatch.probe.is_not(True), clean)
    which = select(InBatch.batch_id, InBatch.body).where(*its).order_by(InBatch.received_at, InBatch.to_seq)
    found = work.session.execute(which.execution_options(yield_per=AT_ONCE))
    for batch_id, body in found:
        read = read_batch(gzip.decompress(body)).items
        # What was erased meanwhile has no body in its batch any more, and so not its hash.
        if items := [one for one in read if isinstance(one, Item) and one.uid in uids]:
            yield batch_id, items


def _parts(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(all_of_them), ROWS):
        yield all_of_them[start : start + ROWS]
