"""A pass through a source: each page is kept in one transaction with where to go on.

Records go the way of pushed ones, as revisions that we number. A list that was known before is believed only at its end:
until then what is new in it waits, and what is said to be deleted stays (`settling`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select

from exchange import changes, dublin_core
from exchange.canonical import content_hash
from exchange.items import Item
from exchange.oai_identity import Identity
from exchange.oai_pages import Harvest, Page, question
from exchange.passes import WHOLE_EVERY, Progress, suspicious, unclear
from marketplace.db import new_id
from marketplace.errors import Conflict, NotFound
from marketplace.models.exchanges import Replica
from marketplace.models.peers import Peer
from marketplace.models.sources import Harvested, HarvestKey, Source
from marketplace.services.feed import SCHEMA_VERSION
from marketplace.services.sync import receive
from marketplace.work import Work
from vocabulary.listing import Kind

OAI, DCAT, FEED = "oai", "dcat", "feed"
"""How a source can be read."""
KINDS = ("offer", "demand")
"""What the records of a source can be; those of a feed say so themselves."""
PAGE = 100
"""Records of a feed that are asked for at once: so many of the largest fit into what is read of a page."""
LISTED, WAITING, GONE = "listed", "waiting", "gone"
AT_ONCE = 500
LONGEST = timedelta(days=2)
"""A pass that has not come to the end of the list by then is given up, and another begins."""
MOMENTS = ("published_at", "updated_at")
NONE_YET: Mapping[str, int] = {"new": 0, "changed": 0, "gone": 0, "lost": 0}


def begin_pass(work: Work, node_id: str) -> None:
    """Go on with the pass under way, else begin one. Raises `NotFound`, or `Conflict` for a source that is not read."""
    source = held(work, node_id)
    stuck = source.begun_at is not None and work.now - source.begun_at > LONGEST
    if source.deciding or source.stage == "settling" or (source.stage and not stuck):
        return
    lately = source.whole_at is not None and work.now - source.whole_at < WHOLE_EVERY
    source.counts, source.begun_at = dict(NONE_YET), work.now
    _open(work, source, since=source.since if lately else "")


def read_whole(work: Work, source: Source) -> None:
    """Go on with a pass that was incremental through the whole list, at once: what it found is not clear without."""
    _open(work, source, since="")


def identified(work: Work, node_id: str, step: int, identity: Identity) -> None:
    """Keep what the source says of itself; its list comes next."""
    source = held(work, node_id, step)
    source.granularity, source.deletions, source.stage = identity.granularity, identity.deletions, "listing"
    source.step += 1


def held(work: Work, node_id: str, step: int | None = None) -> Source:
    """The source, for writing. Raises `NotFound`, and `Conflict` when it may not be read, or when since `step` another
    process has gone on with it."""
    source = work.session.get(Source, node_id, with_for_update=True)
    if source is None:
        raise NotFound("not_found")
    if work.session.get_one(Peer, node_id).status != "active":
        raise Conflict("source_not_active", node=node_id)
    if step is not None and source.step != step:
        raise Conflict("source_read_elsewhere", node=node_id)
    return source


def asked(source: Source) -> str:
    """The address of the next page."""
    progress = Progress.read(source.progress)
    if source.format == DCAT:
        return progress.token or source.url
    if source.format == FEED:
        since = progress.token or progress.since
        return changes.question(source.url, since=since, kinds=KINDS, limit=PAGE)
    return question(source.url, chosen=source.chosen, since=progress.since, token=progress.token)


def listed(work: Work, node_id: str) -> int:
    """Records that are in the list of the source as far as it was believed."""
    mine = Harvested.node_id == node_id, Harvested.state == LISTED
    return work.session.scalar(select(func.count()).where(*mine)) or 0


def take(work: Work, node_id: str, step: int, page: Page, records: Sequence[Harvest] | None = None) -> None:
    """Keep a page and where to go on. `records` are those of it that are not kept yet, else all.

    Raises `Refused` when the list cannot be gone on with.
    """
    source = held(work, node_id, step)
    progress = Progress.read(source.progress).after(page)
    _keep(work, source, page.records if records is None else records)
    source.progress = progress.as_record()
    if progress.done:
        end(work, source, progress)


def take_some(work: Work, node_id: str, step: int, records: Sequence[Harvest]) -> int:
    """Keep a part of a page whose rest follows; the step to go on with. Should it not, the page is read once more."""
    source = held(work, node_id, step)
    _keep(work, source, records)
    return source.step


def _keep(work: Work, source: Source, listed: Sequence[Harvest]) -> None:
    records = {one.identifier: one for one in listed}
    rows = _rows(work, source, list(records))
    _note(source, rows.values(), records)
    fresh = [one for name, one in records.items() if name not in rows and not one.deleted]
    rows |= {one.identifier: _new(work, source, one) for one in fresh}
    work.session.flush()
    owner = _owner(work, source.node_id)
    bodies = {
        rows[name].uid: dublin_core.body(one, kind=_kind(source), owner=owner, met=work.now)
        for name, one in records.items()
        if name in rows and not one.deleted
    }
    waiting = {row.uid: row for row in rows.values() if row.state == WAITING}
    for uid in waiting.keys() & bodies.keys():
        waiting[uid].body = bodies[uid]
    put(work, source, {uid: said for uid, said in bodies.items() if uid not in waiting})
    keys = {name: dublin_core.hard_keys(one) for name, one in records.items() if not one.deleted}
    keep_keys(work, {rows[name].uid: own for name, own in keys.items()})
    source.step += 1


def fail(work: Work, node_id: str, step: int, alarm: str, detail: str, *, anew: bool = False) -> None:
    """The page could not be had: the next run asks for it again, or begins `anew` where the list cannot be gone on with."""
    source = held(work, node_id, step)
    source.alarm, source.detail, source.step = alarm, detail[:300], source.step + 1
    source.progress = Progress.read(source.progress).failed().as_record()
    if anew:
        source.stage, source.since = "", ""


def put(work: Work, source: Source, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """Publish these bodies where they say something else than what is kept; the counts of the pass follow."""
    before = {one.uid: one for one in work.session.scalars(select(Replica).where(Replica.uid.in_(bodies)))}
    items = []
    for uid, said in bodies.items():
        known = before.get(uid)
        if known is not None and (known.op == "erase" or _says_the_same(known, said)):
            continue
        told = dict(said)
        if known is not None and known.op == "upsert":
            told["published_at"] = known.body["published_at"]
        items.append(_item(uid, known.rev + 1 if known else 1, "upsert", told))
        count(source, "changed" if known is not None else "new")
    _receive(work, source, items)


def archive(work: Work, source: Source, rows: Collection[Harvested]) -> None:
    """These records are not in the list any more: tombstones, as if their home had withdrawn them."""
    revisions = dict(
        work.session.execute(
            select(Replica.uid, Replica.rev).where(
                Replica.uid.in_([row.uid for row in rows]), Replica.op == "upsert"
            )
        ).all()
    )
    _receive(work, source, [_item(uid, rev + 1, "delete", "withdrawn") for uid, rev in revisions.items()])
    for row in rows:
        row.state, row.deleted, row.misses, row.missing_since = GONE, False, 0, None
        count(source, "gone")


def keep_keys(work: Work, keys: Mapping[str, Iterable[str]]) -> None:
    """Record -> its hard keys, in place of those it had."""
    work.session.execute(delete(HarvestKey).where(HarvestKey.uid.in_(keys)))
    rows = [{"key": key, "uid": uid} for uid, own in keys.items() for key in own]
    if rows:
        work.session.execute(insert(HarvestKey), rows)


def lost(work: Work, source: Source) -> int:
    """Listed records that the last list did not name, or said to be deleted; the latter alone in an incremental pass."""
    unseen = [] if Progress.read(source.progress).incremental else [Harvested.seen_pass < source.pass_no]
    return _count_of(work, source, LISTED, or_(Harvested.deleted, *unseen))


def _count_of(work: Work, source: Source, state: str, which: ColumnElement[bool] | None = None) -> int:
    mine = [Harvested.node_id == source.node_id, Harvested.state == state]
    mine += [] if which is None else [which]
    return work.session.scalar(select(func.count()).where(*mine)) or 0


def _open(work: Work, source: Source, *, since: str) -> None:
    source.pass_no += 1
    source.stage = "listing" if since or source.format != OAI else "identifying"
    source.progress = Progress.starting(since).as_record()
    source.known = listed(work, source.node_id)
    source.step += 1


def end(work: Work, source: Source, progress: Progress) -> None:
    """The list was read to its end: whether it is believed, and what is to be settled."""
    work.session.flush()
    missing = lost(work, source)
    new = _count_of(work, source, WAITING) if progress.incremental else 0
    if progress.incremental and unclear(known=source.known, new=new, lost=missing):
        read_whole(work, source)
        return
    doubted = not progress.incremental and suspicious(
        known=source.known, seen=progress.seen, lost=missing, confirmed=source.confirmed
    )
    source.stage, source.alarm, source.detail = "settling", "suspicious_zero" if doubted else "", ""
    source.counts = {**source.counts, "lost": missing}
    if not doubted and not missing:
        source.confirmed = 0


def _note(source: Source, rows: Iterable[Harvested], records: Mapping[str, Harvest]) -> None:
    """They were in the list."""
    for row in rows:
        gone = records[row.identifier].deleted
        # What waited and is deleted now is forgotten with those that were not seen.
        row.seen_pass = 0 if gone and row.state == WAITING else source.pass_no
        row.deleted = gone and row.state == LISTED
        if not gone:
            row.misses, row.missing_since = 0, None
            row.state = LISTED if row.state == GONE else row.state


def _new(work: Work, source: Source, record: Harvest) -> Harvested:
    row = Harvested(
        uid=f"{source.node_id}:{source.kind}:{new_id()}", node_id=source.node_id, identifier=record.identifier,
        state=WAITING if source.known else LISTED, seen_pass=source.pass_no, body={},
    )  # fmt: skip
    work.session.add(row)
    return row


def _rows(work: Work, source: Source, identifiers: list[str]) -> dict[str, Harvested]:
    found: dict[str, Harvested] = {}
    for start in range(0, len(identifiers), AT_ONCE):
        some = Harvested.identifier.in_(identifiers[start : start + AT_ONCE])
        statement = select(Harvested).where(Harvested.node_id == source.node_id, some)
        found |= {row.identifier: row for row in work.session.scalars(statement)}
    return found


def _says_the_same(known: Replica, said: Mapping[str, Any]) -> bool:
    """Moments aside: many sources stamp all their records anew and change nothing."""
    if known.op != "upsert":
        return False
    return {name: known.body.get(name) for name in said if name not in MOMENTS} == {
        name: value for name, value in said.items() if name not in MOMENTS
    }


def _item(uid: str, rev: int, op: str, body: Any) -> Item:
    kind = uid.split(":")[1]
    schema = f"{kind}/{SCHEMA_VERSION}"
    digest = content_hash(uid=uid, kind=kind, schema=schema, op=op, body=body)
    return Item(uid, kind, schema, op, rev, rev, digest, body)


def _receive(work: Work, source: Source, items: list[Item]) -> None:
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        receive.take_items(work, source.node_id, some, batch_id=f"harvest-{source.pass_no}")


def count(source: Source, name: str) -> None:
    """One more of these in the pass under way."""
    # A new mapping: a change inside the old one would not be noticed.
    source.counts = {**source.counts, name: source.counts[name] + 1}


def _owner(work: Work, node_id: str) -> str:
    peer = work.session.get_one(Peer, node_id)
    return peer.name_vi or peer.name_en or node_id


def _kind(source: Source) -> Kind:
    return "demand" if source.kind == "demand" else "offer"
