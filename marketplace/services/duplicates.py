"""Listings that may say the same: for moderators before they decide, for owners before they send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing, Revision
from marketplace.services import feed, indexing
from marketplace.services.feed import Row
from marketplace.services.lifecycle import PUBLISHED_ONCE
from marketplace.work import Work
from search.document import Document
from search.query import Query
from vocabulary.listing import Content, as_record, from_record
from vocabulary.text import cut, fold, pairs, tokens

SHOWN = 3
EXCERPT = 280
"""Characters of what a similar listing says."""
SAME_NAMES_LOOKED_AT = 20
OWN_LOOKED_AT = 500
ALIKE = 0.5
"""Share of common words and syllable pairs from which two titles of one owner are worth a question."""
COPIED = 0.2
"""The same share over whole texts. Two listings of one field share less than a tenth; a copy with a few words
changed, more than half."""
STANDING = ("draft", "in_review", *PUBLISHED_ONCE)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A listing like the one in question. `public` says whether it has a public page now."""

    uid: str
    title: str
    organisation: str
    excerpt: str
    """The beginning of what it says, to be laid beside the other."""
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
        typed=False,
    )
    found = _described(work, [hit.uid for hit in engine.search(named).hits], content.title)
    same = [one for one in (*found, *_not_public(work, uid, content)) if one.same_title]
    copied = _copied(work, alike, content)
    rest = _described(work, [uid for uid in copied if uid not in {one.uid for one in same}], content.title)
    return [*_once(same), *rest]


def own(work: Work, organisation_id: str, uid: str, content: Content) -> list[Likeness]:
    """For the owner: up to three other listings of the organisation whose titles say nearly the same."""
    ours = _standing(work, uid, content).where(Listing.organisation_id == organisation_id)
    rows = work.session.execute(ours.order_by(Listing.updated_at.desc()).limit(OWN_LOOKED_AT)).all()
    alike = sorted(((_overlap(content.title, row.title), row.uid, row) for row in rows), reverse=True)
    return [_likeness(row, content.title) for overlap, _, row in alike[:SHOWN] if overlap >= ALIKE]


def _document(work: Work, uid: str, content: Content) -> Document:
    body = {"content": as_record(content)}
    return indexing.document(Row(uid, content.kind, "", 0, "upsert", body, 0, work.now))


def _copied(work: Work, uids: list[str], content: Content) -> list[str]:
    """Those of the listings that say largely the same, not only something about the same."""
    rows = feed.rows(work, uids)
    bodies = {uid: from_record(row.body["content"]) for uid, row in rows.items() if row.live}
    return [uid for uid in uids if uid in bodies and _overlap(_whole(bodies[uid]), _whole(content)) >= COPIED]


def _whole(content: Content) -> str:
    text = content.text
    return f"{text.title} {text.summary} {text.description}"


def _described(work: Work, uids: list[str], title: str) -> list[Likeness]:
    """The listings of these uids that have their home here, in the given order."""
    told = select(*_COLUMNS).join(Revision, Revision.id == Listing.live_id)
    told = told.join(Organisation, Organisation.id == Listing.organisation_id)
    rows = {row.uid: row for row in work.session.execute(told.where(Listing.uid.in_(uids)))}
    return [_likeness(rows[uid], title) for uid in uids if uid in rows]


def _not_public(work: Work, uid: str, content: Content) -> list[Likeness]:
    """Listings of the very same title that search cannot know: they wait, or are paused."""
    hidden = ("in_review", "paused", "suspended")
    waiting = _standing(work, uid, content).where(Revision.title == content.title, Listing.status.in_(hidden))
    rows = work.session.execute(waiting.limit(SAME_NAMES_LOOKED_AT))
    return [_likeness(row, content.title) for row in rows]


_COLUMNS = (
    Listing.uid, Listing.status, Revision.title, Revision.content, Organisation.name.label("organisation"),
)  # fmt: skip


def _standing(work: Work, uid: str, content: Content) -> Select[*tuple[Any, ...]]:
    """Other listings of the kind that are not gone, each by the revision its owner works on."""
    others = select(*_COLUMNS).join(Revision, Revision.id == Listing.working_id)
    others = others.join(Organisation, Organisation.id == Listing.organisation_id)
    return others.where(Listing.kind == content.kind, Listing.uid != uid, Listing.status.in_(STANDING))


def _likeness(row: Any, title: str) -> Likeness:
    text = from_record(row.content).text
    return Likeness(
        uid=row.uid,
        title=row.title,
        organisation=row.organisation,
        excerpt=cut(text.summary or text.description, EXCERPT),
        public=row.status == "published",
        same_title=fold(row.title) == fold(title),
    )


def _once(found: Iterable[Likeness]) -> list[Likeness]:
    return list({one.uid: one for one in found}.values())


def _overlap(first: str, second: str) -> float:
    """Common words and syllable pairs of two texts, as a share of all of them (Jaccard)."""
    left, right = _terms(first), _terms(second)
    return len(left & right) / len(left | right) if left and right else 0.0


def _terms(text: str) -> frozenset[str]:
    words = tokens(fold(text))
    return frozenset((*words, *pairs(words)))
