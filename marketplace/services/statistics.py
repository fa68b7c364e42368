"""The snapshots of word statistics that scores rest on.

A snapshot never changes; a newer one is made when the exchange has grown by a quarter, so that scores stay the same
from day to day and the reason for a change can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module

from sqlalchemy import select, update

from marketplace.models.matches import Statistics as Row
from marketplace.services import facts, feed, standing, term_tables
from marketplace.work import Work
from matching.building import profile
from matching.facts import NOTHING_KNOWN, Facts
from matching.profile import Profile
from matching.statistics import DEFAULT, Statistics, collect, from_bytes, speaking, to_bytes
from vocabulary.bilingual import EMPTY, TermTable
from vocabulary.listing import from_record

GROWTH = 1.25
FEWEST = 200
"""Published listings below which word counts say more about chance than about words: the snapshot that every new
exchange begins with, made of the demonstration listings, serves better until then."""
PAGE = 500
LEARNING = "matching.latent"
"""Imported by the process that learns, when it does: only that one needs the memory of SciPy."""

KEPT_OPEN = 4
_OPENED: dict[str, Statistics] = {}
"""Snapshots that were read, by version, which names their content: some megabytes each, and asked for with every
match."""

MATCHMAKING, REMATCHING, REMATCHED_UNTIL = "matchmaking", "rematching", "rematching.until"
"""Cursors: of the reader of new listings; of the one that matches the others again; and where that one may stop."""


def current(work: Work) -> Statistics:
    """The snapshot new scores use; before the first one is made, the empty one."""
    version = work.session.scalar(select(Row.version).where(Row.current))
    counted = _counted(work, version) if version else DEFAULT
    model = work.runtime.sentence_model
    encoder = model.version if model else ""
    return _speaking(counted, term_tables.current(work), encoder, facts.current(work))


def of_version(work: Work, version: str) -> Statistics:
    """The snapshot an older score names, with the term table, the sentence model and the facts it names, so that it can be
    computed again."""
    counted, table, encoder, known = f"{version}---".split("-")[:4]
    return _speaking(
        _counted(work, counted),
        term_tables.of_version(work, table) if table else EMPTY,
        encoder,
        facts.of_version(work, known) if known else NOTHING_KNOWN,
    )


@lru_cache(maxsize=4)
def _speaking(counted: Statistics, table: TermTable, encoder: str, known: Facts) -> Statistics:
    """Kept, because the weights of all words are worked out on the way."""
    return speaking(counted, table, encoder, known)


def _counted(work: Work, version: str) -> Statistics:
    if version == DEFAULT.version:
        return DEFAULT
    if version not in _OPENED:
        body = work.session.scalars(select(Row.body).where(Row.version == version)).one()
        for oldest in list(_OPENED)[: 1 - KEPT_OPEN]:
            _OPENED.pop(oldest, None)
        _OPENED[version] = from_bytes(body)
    return _OPENED[version]


def outgrown(work: Work) -> bool:
    """Whether the exchange has a quarter more listings than the current snapshot knew."""
    return standing.count(work) > max(documents(work) * GROWTH, FEWEST)


def documents(work: Work) -> int:
    """How many listings the current snapshot knows, without reading it; 0 before the first one is made."""
    return work.session.scalar(select(Row.documents).where(Row.current)) or 0


def collected(work: Work) -> Statistics:
    """A snapshot of all that is published now, with what its words mean, not yet stored."""
    counted = collect(_profiles(work, lambda uid: True))
    latent = import_module(LEARNING)
    sample = _profiles(work, lambda uid: latent.is_sampled(uid, counted.documents))
    learned: Statistics = latent.with_meaning(counted, sample)
    return learned


def store(work: Work, snapshot: Statistics) -> None:
    """Make `snapshot` the current one. Older ones stay: matches name them.

    All that was matched so far is matched again by a reader of its own, beside the one for new listings.
    """
    work.session.execute(update(Row).values(current=False))
    stored = work.session.get(Row, snapshot.version)
    if stored is None:
        stored = Row(
            version=snapshot.version, body=to_bytes(snapshot), documents=snapshot.documents, made_at=work.now
        )
        work.session.add(stored)
    stored.current = True
    work.session.flush()
    rematch(work, anew=True)


def rematch(work: Work, *, anew: bool = False) -> None:
    """Match everything again that was matched so far. A run that is under way goes on, unless it is to begin `anew`
    because what it rests on has changed."""
    if anew or not _under_way(work):
        feed.place(work, REMATCHING, 0)
    feed.place(work, REMATCHED_UNTIL, feed.position(work, MATCHMAKING))


def rematched(work: Work) -> tuple[int, int]:
    """How far the feed was matched again, and how far it will be."""
    return feed.position(work, REMATCHING), feed.position(work, REMATCHED_UNTIL)


def _under_way(work: Work) -> bool:
    done, until = rematched(work)
    return 0 < done < until


def _profiles(work: Work, wanted: Callable[[str], bool]) -> Iterator[Profile]:
    """The published offers and demands whose uid is wanted, one at a time."""
    position = 0
    while rows := feed.after(work, position, PAGE):
        position = rows[-1].sequence
        for row in rows:
            if row.live and row.kind in feed.MATCHED and wanted(row.uid):
                yield profile(from_record(row.body["content"]), uid=row.uid, rev=row.rev, owner="")
