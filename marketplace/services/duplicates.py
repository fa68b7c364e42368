"""Listings that may say the same: for moderators before they decide, for owners before they send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.models.listings import Listing, Revision
from marketplace.services import indexing
from marketplace.services.feed import Row
from marketplace.services.lifecycle import PUBLISHED_ONCE
from marketplace.work import Work
from search.document import Document
from search.query import Query
from vocabulary.listing import Content, as_record
from vocabulary.text import fold, pairs, tokens

SHOWN = 3
SAME_NAMES_LOOKED_AT = 20
OWN_LOOKED_AT = 500
ALIKE = 0.5
"""Share of common words and syllable pairs from which two titles of one owner are worth a question."""
STANDING = ("draft", "in_review", *PUBLISHED_ONCE)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A listing like the one in question. `public` says whether it has a public page now."""

    uid: str
    title: str
    organisation_id: str
    public: bool
    same_title: bool


def likely(work: Work, uid: str, content: Content) -> list[Likeness]:
    """For moderators: all with the same title, then the three most alike. Raises `SearchError`."""
    engine = work.runtime.engine
    document = _document(work, uid, content)
    query = Query(kinds=(content.kind,), exclude=(uid,), size=SHOWN)
    alike = [hit.uid for hit in engine.like(document, query).hits]
    named = Query(
        text=content.title,
        kinds=(content.kind,),
        exclude=(uid,),
        size=SAME_NAMES_LOOKED_AT,
        forgiving=False,
    )
    found = _described(work, [hit.uid for hit in engine.search(named).hits], content.title)
    same = [one for one in (*found, *_not_public(work, uid, content)) if one.same_title]
    rest = _described(work, [uid for uid in alike if uid not in {one.uid for one in same}], content.title)
    return [*_once(same), *rest]


def own(work: Work, organisation_id: str, uid: str, content: Content) -> list[Likeness]:
    """For the owner: up to three other listings of the organisation whose titles say nearly the same."""
    others = select(Listing.uid, Revision.title, Listing.status).join(
        Revision, Revision.id == Listing.working_id
    )
    ours = others.where(
        Listing.organisation_id == organisation_id,
        Listing.kind == content.kind,
        Listing.uid != uid,
        Listing.status.in_(STANDING),
    )
    rows = work.session.execute(ours.order_by(Listing.updated_at.desc()).limit(OWN_LOOKED_AT))
    scored = sorted(
        ((_overlap(content.title, title), uid, title, status) for uid, title, status in rows), reverse=True
    )
    return [
        Likeness(uid, title, organisation_id, status == "published", fold(title) == fold(content.title))
        for overlap, uid, title, status in scored[:SHOWN]
        if overlap >= ALIKE
    ]


def _document(work: Work, uid: str, content: Content) -> Document:
    body = {"content": as_record(content)}
    return indexing.document(Row(uid, content.kind, "", 0, "upsert", body, 0, work.now))


def _described(work: Work, uids: list[str], title: str) -> list[Likeness]:
    """The listings of these uids that have their home here, in the given order."""
    told = select(Listing.uid, Revision.title, Listing.organisation_id, Listing.status).join(
        Revision, Revision.id == Listing.live_id
    )
    rows = {row.uid: row for row in work.session.execute(told.where(Listing.uid.in_(uids)))}
    return [
        Likeness(
            uid, row.title, row.organisation_id, row.status == "published", fold(row.title) == fold(title)
        )
        for uid in uids
        if (row := rows.get(uid)) is not None
    ]


def _not_public(work: Work, uid: str, content: Content) -> list[Likeness]:
    """Listings of the very same title that search cannot know: they wait, or are paused."""
    told = select(Listing.uid, Revision.title, Listing.organisation_id).join(
        Revision, Revision.id == Listing.working_id
    )
    waiting = told.where(
        Revision.title == content.title,
        Listing.kind == content.kind,
        Listing.uid != uid,
        Listing.status.in_(("in_review", "paused", "suspended")),
    )
    rows = work.session.execute(waiting.limit(SAME_NAMES_LOOKED_AT))
    return [Likeness(uid, title, owner, False, True) for uid, title, owner in rows]


def _once(found: Iterable[Likeness]) -> list[Likeness]:
    return list({one.uid: one for one in found}.values())


def _overlap(first: str, second: str) -> float:
    """Common words and syllable pairs of two titles, as a share of all of them (Jaccard)."""
    left, right = _terms(first), _terms(second)
    return len(left & right) / len(left | right) if left and right else 0.0


def _terms(title: str) -> frozenset[str]:
    words = tokens(fold(title))
    return frozenset((*words, *pairs(words)))
