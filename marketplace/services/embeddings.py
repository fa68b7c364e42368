"""What the sentence model makes of listings: made by whoever follows the feed, stored, and read by everybody else.

A page never waits for it: of published listings it reads what is stored, and only the one text that is not published
yet goes through the model.

The database keeps a direction for each revision, for scores that are made again; the engine keeps the newest of each
listing beside its index, to find the nearest. The second is filled from the first wherever it was lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from marketplace.encoder import Encoder, Kind
from marketplace.models.feed import Published
from marketplace.models.matches import Embedding
from marketplace.services import feed
from marketplace.services.clusters import showing
from marketplace.services.feed import Row
from marketplace.work import Work
from matching.profile import Profile
from search.vectors import Filled, Placed
from vocabulary.listing import Content, Text, from_record

READ = 8_000
"""Characters of a text that are given to the model at most: more than it reads, and no listing takes long."""
KEPT = 4_000
_MADE: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
"""What this process made last: several demands of one batch meet the same offers before anything is stored."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The direction of one revision by the model of that version."""

    uid: str
    rev: int
    encoder: str
    direction: bytes


def made(work: Work, rows: Sequence[Row]) -> tuple[Embedded, ...]:
    """What the model makes of those of these listings it has not seen and whose language it reads."""
    model = work.runtime.sentence_model
    if model is None:
        return ()
    known = stored(work, [row.uid for row in rows], model.version)
    missing = [row for row in rows if (row.uid, row.rev) not in known]
    fresh = [row for row in missing if (row.uid, row.rev, model.version) not in _MADE]
    for kind in sorted(feed.MATCHED):
        _make(model, [row for row in fresh if row.kind == kind], _asked_as(kind))
    keys = [(row.uid, row.rev, model.version) for row in missing]
    found = tuple(Embedded(*key, direction) for key in keys if (direction := _MADE.get(key)))
    while len(_MADE) > KEPT:
        _MADE.popitem(last=False)
    return found


def unseen(work: Work, uids: Iterable[str]) -> list[Row]:
    """Those of these published listings of which nothing is stored for the model, whether it reads them or not."""
    model, wanted = work.runtime.sentence_model, list(uids)
    if model is None:
        return []
    known = stored(work, wanted, model.version)
    missing = [uid for uid, (rev, _) in feed.public(work, wanted).items() if (uid, rev) not in known]
    return [row for row in feed.rows(work, missing).values() if row.live] if missing else []


def _make(model: Encoder, rows: Iterable[Row], kind: Kind) -> None:
    texts = [(row, text) for row in rows if (text := _text(from_record(row.body["content"]), model))]
    directions = model.encode([text for _, text in texts], kind) if texts else ()
    for (row, _), direction in zip(texts, directions, strict=True):
        _MADE[row.uid, row.rev, model.version] = direction.tobytes()


def _asked_as(kind: str) -> Kind:
    return "query" if kind == "demand" else "passage"


def _text(content: Content, model: Encoder) -> str:
    """The title and the rest in the listing's own language, else in another one that the model reads; else nothing."""
    spoken = [name for name in (content.language, *sorted(content.texts)) if model.speaks(name)]
    text = next((content.texts[name] for name in spoken if name in content.texts), Text())
    parts = (text.title, text.summary, text.problem, text.description)
    return "\n".join(part for part in parts if part)[:READ]


def alone(work: Work, row: Row) -> tuple[Embedded, ...]:
    """What the model makes of a listing that is published nowhere: nothing of it is remembered."""
    model = work.runtime.sentence_model
    text = _text(from_record(row.body["content"]), model) if model else ""
    if model is None or not text:
        return ()
    (direction,) = model.encode([text], _asked_as(row.kind))
    return (Embedded(row.uid, row.rev, model.version, direction.tobytes()),)


def direction(work: Work, row: Row, made: Iterable[Embedded]) -> bytes:
    """Of one listing, as it is stored or was just made; empty where the model makes nothing of it."""
    model = work.runtime.sentence_model
    known = directions(work, [row.uid], model.version if model else "", made)
    return known.get((row.uid, row.rev), b"")


def nearest(work: Work, direction: bytes, kind: str, count: int) -> list[str]:
    """Published listings of a kind that mean nearly the same, the nearest first. Raises `SearchError`."""
    model = work.runtime.sentence_model
    if model is None or not direction:
        return []
    near = work.runtime.engine.vectors.nearest(model.version, direction, kind, count)
    hidden = showing.stood_for(work, near)
    return [uid for uid in near if uid not in hidden]


def attached(
    work: Work, profiles: Sequence[Profile], encoder: str, made: Iterable[Embedded] = ()
) -> list[Profile]:
    """These profiles with what the model of this version made of them, as it is stored or was just made."""
    if not encoder:
        return list(profiles)
    known = directions(work, [one.uid for one in profiles], encoder, made)
    return [replace(one, embedding=known.get((one.uid, one.rev), b"")) for one in profiles]


def directions(
    work: Work, uids: Iterable[str], encoder: str, made: Iterable[Embedded] = ()
) -> Mapping[tuple[str, int], bytes]:
    """(uid, revision) -> direction by the model of this version, as it is stored or was just made; without one, nothing."""
    if not encoder:
        return {}
    return {**stored(work, uids, encoder), **{(one.uid, one.rev): one.direction for one in made}}


def stored(work: Work, uids: Iterable[str], encoder: str) -> Mapping[tuple[str, int], bytes]:
    """(uid, revision) -> direction by the model of this version."""
    statement = select(Embedding.uid, Embedding.rev, Embedding.direction)
    rows = work.session.execute(statement.where(Embedding.uid.in_(list(uids)), Embedding.encoder == encoder))
    return {(uid, rev): direction for uid, rev, direction in rows}


def keep(work: Work, embeddings: Sequence[Embedded]) -> None:
    """Store those of what is still public as it was read, as far as nobody else has done so meanwhile, in place of those
    of older revisions."""
    if not embeddings:
        return
    encoder, now = embeddings[0].encoder, feed.public(work, {one.uid for one in embeddings})
    newest = {one.uid: one.rev for one in embeddings if now.get(one.uid, (0,))[0] == one.rev}
    known = stored(work, newest, encoder)
    fresh = [one for one in embeddings if newest.get(one.uid) == one.rev and (one.uid, one.rev) not in known]
    for uid in {uid for uid, rev in known if rev < newest[uid]}:
        work.session.execute(delete(Embedding).where(Embedding.uid == uid, Embedding.rev < newest[uid]))
    if fresh:
        insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        work.session.execute(insert(Embedding).on_conflict_do_nothing(), [asdict(one) for one in fresh])


# -- beside the index -------------------------------------------------------------------------------------------------


def ready(work: Work) -> Filled:
    """How far the vectors beside the index go, begun anew for another model or epoch. Raises `SearchError`."""
    model, epoch = work.runtime.sentence_model, feed.state(work).epoch
    if model is None:
        return Filled()
    vectors = work.runtime.engine.vectors
    filled = vectors.filled()
    if (filled.epoch, filled.model) == (epoch, model.version):
        return filled
    vectors.start(epoch, model.version, model.dimension)
    return Filled(epoch, model.version)


def place(work: Work, rows: Sequence[Row], position: int = 0) -> tuple[Embedded, ...]:
    """Let these listings be found by their meaning, or no longer; what was made for it, to be kept. All up to `position`
    are in then. Raises `SearchError`."""
    model = work.runtime.sentence_model
    if model is None:
        return ()
    ready(work)
    rows = [row for row in rows if row.kind in feed.MATCHED]
    live = [row for row in rows if row.live]
    fresh = made(work, live)
    known = directions(work, [row.uid for row in live], model.version, fresh)
    placed = [_placed(row, known.get((row.uid, row.rev), b"")) for row in rows]
    work.runtime.engine.vectors.apply(placed, position)
    return fresh


def _placed(row: Row, direction: bytes) -> Placed:
    """Nowhere, where it is not public, nothing is made of it, or the model says nothing with all its numbers."""
    return Placed(row.uid, row.sequence, row.kind, direction if row.live and any(direction) else b"")


def forget(work: Work, uid: str) -> None:
    """The listing is no longer public: nothing made of its texts stays."""
    work.session.execute(delete(Embedding).where(Embedding.uid == uid))


def sweep(work: Work) -> None:
    """Remove what came too late for `forget`."""
    public = exists().where(Published.id == Embedding.uid, Published.op == "upsert")
    work.session.execute(delete(Embedding).where(~public).execution_options(synchronize_session=False))
