"""Which offers fit which demands: candidates from the search engine, scored and explained by `matching`.

A stored match is a fact about two revisions, one model and one snapshot of statistics; it says nothing about who
looked. Looking at one's own unpublished listing stores nothing and tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select

from marketplace.models.feed import Published
from marketplace.models.matches import Match
from marketplace.services import (
    crowd,
    embeddings,
    feed,
    indexing,
    profiles,
    statistics,
    term_tables,
    weights,
)
from marketplace.services.clusters import showing
from marketplace.services.crowd import Standing
from marketplace.services.embeddings import Embedded
from marketplace.services.feed import Row
from marketplace.services.profiles import Compiled
from marketplace.work import Work
from matching.building import profile
from matching.engine import best
from matching.prepared import Ready
from matching.profile import Profile
from matching.records import record
from matching.result import Score
from matching.scoring import total
from matching.statistics import Statistics
from matching.weights import Weights
from search.query import Query
from search.translating import translated
from vocabulary.bilingual import EMPTY, TermTable
from vocabulary.listing import Content

CANDIDATES = 100
"""Fifty to a hundred candidates lose nothing against more: docs/matching.md."""
NEAREST = 50
"""So many more by their meaning, where there is a sentence model."""
KEPT = 50
"""At most so many matches are stored for the listing that was just published."""
WORTH_KEEPING = 30_000
"""Thousandths of a point. Below, a pair shares a word or a province, and nobody would look at it."""
OPPOSITE = {"offer": "demand", "demand": "offer"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What listings are compared by, the same for all of a batch: read once, not for each of them."""

    snapshot: Statistics
    weights: Weights
    shadow: Weights | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for one listing brought: its matches, best first, and the revisions they compare."""

    uid: str
    scores: tuple[Score, ...]
    revisions: Mapping[str, int]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """Partner -> where the offer stands among the suggestions for this demand; of an offer nothing."""
    shadow: Weights | None = None
    terms: TermTable = EMPTY
    """The term table the scores rest on."""
    embeddings: tuple[Embedded, ...] = ()
    """What the sentence model made of these listings for the first time."""
    compiled: tuple[Compiled, ...] = ()
    """What was built of these listings because it was not kept."""


def matched(kind: str) -> bool:
    """Only offers and demands are matched; an initiative has its own procedure."""
    return kind in feed.MATCHED


def measure(work: Work) -> Measure:
    """As it stands now."""
    return Measure(statistics.current(work), weights.live(work), weights.shadow(work))


def find(work: Work, uid: str, by: Measure) -> Found:
    """The matches of a published listing as it stands: of its former partners and of what search finds now.

    Of a listing that is not public nothing is found, nor of one for which another exchange's is found.
    """
    row = feed.row(work, uid)
    if row is None or not row.live or not matched(row.kind) or showing.stood_for(work, [uid]):
        return Found(uid, (), {})
    snapshot, own = by.snapshot, embeddings.made(work, [row])
    direction = embeddings.direction(work, row, own)
    uids = {uid, *_partners(work, uid), *candidates(work, row, snapshot.terms, direction)}
    made = embeddings.made(work, embeddings.unseen(work, uids))
    directions = embeddings.directions(work, uids, snapshot.encoder, made)
    listings, fresh = profiles.ready(work, uids, snapshot, directions)
    compared = {one.profile.uid: one for one in listings}
    if uid not in compared:
        return Found(uid, (), {})
    subject = compared.pop(uid)
    scores = best(subject, compared.values(), KEPT, weights=by.weights, least=WORTH_KEEPING)
    known = {one.profile.uid: one.profile for one in listings}
    revisions = {other: one.rev for other, one in known.items()}
    standings = _standings(work, subject.profile, known, scores)
    return Found(uid, tuple(scores), revisions, standings, by.shadow, snapshot.terms, made, fresh)


def preview(
    work: Work,
    content: Content,
    *,
    uid: str,
    owner: str,
    limit: int = 20,
    counted: Mapping[str, int] | None = None,
) -> list[Score]:
    """The matches a listing would have if it were published as it is, in the order they would be shown. Nothing is
    stored and nobody is told.

    `counted` says how often each offer was suggested before; left out, the stored matches tell.
    """
    body = {"content": _plain(content)}
    row = Row(uid, content.kind, "", 0, "upsert", body, 0, work.now)
    snapshot, made = statistics.current(work), embeddings.alone(work, row)
    uids = candidates(work, row, snapshot.terms, embeddings.direction(work, row, made))
    directions = embeddings.directions(work, [uid, *uids], snapshot.encoder, made)
    others, _ = profiles.ready(work, uids, snapshot, directions)
    subject = replace(profile(content, uid=uid, rev=0, owner=owner), embedding=directions.get((uid, 0), b""))
    scores = best(Ready(subject, snapshot), others, limit, weights=weights.live(work))
    if content.kind != "demand":
        return scores
    offers = {one.profile.uid: one.profile for one in others}
    counted = crowd.suggested(work, list(offers)) if counted is None else counted
    by_offer = {score.offer: score for score in scores}
    return [by_offer[offer] for offer in crowd.order(scores, offers, counted)]


def _standings(
    work: Work, subject: Profile, known: Mapping[str, Profile], scores: Sequence[Score]
) -> dict[str, Standing]:
    """Partner -> the standing of their match, for a demand; where an offer comes to others is seen when it is stored."""
    if subject.kind == "offer":
        return {}
    counted = crowd.suggested(work, [score.offer for score in scores], besides=subject.uid)
    return crowd.order(scores, known, counted)


def keep(work: Work, found: Sequence[Found]) -> None:
    """Store these matches in place of the listings' former ones, of those that are still public as they were compared:
    whoever has changed meanwhile keeps what it has until its own turn. A pair found before keeps the day it was found,
    and one that an offer finds again with the same total keeps its place."""
    public = feed.public(work, {uid for one in found for uid in one.revisions})
    embeddings.keep(work, [each for one in found for each in one.embeddings])
    for one in found:
        _keep(work, one, public)


def _keep(work: Work, found: Found, public: Mapping[str, tuple[int, datetime]]) -> None:
    before = _before(work, found.uid)
    term_tables.keep(work, found.terms)
    changed = {uid for uid, rev in found.revisions.items() if uid in public and public[uid][0] != rev}
    unchanged = (Match.demand_uid.not_in(changed), Match.offer_uid.not_in(changed))
    work.session.execute(delete(Match).where(_of(found.uid), *unchanged))
    as_compared = public.keys() - changed
    scores = [one for one in found.scores if {one.demand, one.offer} <= as_compared]
    if scores:
        standings = found.standings or _joined(work, scores, before)
        rows = [_as_row(one, found, standings) for one in scores]
        for row in rows:
            pair = row["demand_uid"], row["offer_uid"]
            row["found_at"] = before[pair].found_at if pair in before else _now(work, public, pair)
        work.session.execute(insert(Match), rows)


def _now(work: Work, public: Mapping[str, tuple[int, datetime]], pair: tuple[str, str]) -> datetime:
    """Never before both were public, whatever the clock of the machine says that published them: else nobody is told."""
    return max(work.now, *(public[uid][1] for uid in pair))


def _joined(
    work: Work, scores: Sequence[Score], before: Mapping[tuple[str, str], _Before]
) -> dict[str, Standing]:
    """Demand -> where the offer of these scores stands there, now that nothing of it is stored. What is beside it may have
    been stored a moment ago: both sides of a pair may have been published together."""
    stays = {
        one.demand: was.standing
        for one in scores
        if (was := before.get((one.demand, one.offer))) and was.total == one.total
    }
    return {**crowd.join(work, [one for one in scores if one.demand not in stays]), **stays}


def forget(work: Work, uid: str) -> None:
    """The listing is no longer public: it has no matches."""
    work.session.execute(delete(Match).where(_of(uid)))


def sweep(work: Work) -> None:
    """Remove what came too late for `forget`."""
    public = [
        exists().where(Published.id == side, Published.op == "upsert")
        for side in (Match.demand_uid, Match.offer_uid)
    ]
    work.session.execute(delete(Match).where(~and_(*public)).execution_options(synchronize_session=False))


def _of(uid: str) -> ColumnElement[bool]:
    return or_(Match.demand_uid == uid, Match.offer_uid == uid)


def candidates(work: Work, row: Row, terms: TermTable, direction: bytes = b"") -> list[str]:
    """What the engine finds among the other kind with the listing's own words and their translations by these terms, and
    what lies nearest to its direction."""
    kind, document = OPPOSITE[row.kind], indexing.document(row)
    text = "\n".join(
        part
        for part in (document.title, document.summary, document.requirements, document.description)
        if part
    )
    query = Query(text=text, kinds=(kind,), size=CANDIDATES, forgiving=False, typed=False)
    worded = [hit.uid for hit in work.runtime.engine.search(translated(query, terms)).hits]
    return list(dict.fromkeys([*worded, *embeddings.nearest(work, direction, kind, NEAREST)]))


def _partners(work: Work, uid: str) -> list[str]:
    statement = select(Match.demand_uid, Match.offer_uid).where(_of(uid))
    return [offer if demand == uid else demand for demand, offer in work.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class _Before:
    """A pair as it was stored."""

    found_at: datetime
    total: int
    standing: Standing


def _before(work: Work, uid: str) -> Mapping[tuple[str, str], _Before]:
    statement = select(
        Match.demand_uid,
        Match.offer_uid,
        Match.found_at,
        Match.total,
        Match.place,
        Match.lowered,
        Match.copy_of,
    ).where(_of(uid))
    return {
        (row.demand_uid, row.offer_uid): _Before(
            row.found_at, row.total, Standing(row.place, row.lowered, row.copy_of)
        )
        for row in work.session.execute(statement)
    }


def _as_row(score: Score, found: Found, standings: Mapping[str, Standing]) -> dict[str, Any]:
    return {
        "demand_uid": score.demand,
        "offer_uid": score.offer,
        "demand_rev": found.revisions[score.demand],
        "offer_rev": found.revisions[score.offer],
        "total": score.total,
        "certainty": score.certainty,
        "score": record(score),
        "model_version": score.model_version,
        "statistics_version": score.statistics_version,
        "shadow_total": total(score.ratings, found.shadow) if found.shadow else None,
        "shadow_version": found.shadow.version if found.shadow else "",
        **asdict(standings[score.offer if score.demand == found.uid else score.demand]),
    }


def _plain(content: Content) -> dict[str, Any]:
    from_content: dict[str, Any] = asdict(content)
    return from_content
