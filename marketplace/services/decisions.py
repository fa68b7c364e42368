"""What people say of a match: it fits, or it does not and why. The memory that weights are learned from.

Each organisation has one word about a pair. It can be taken back; what was said before stays in the table and in the
audit. A decision keeps how the pair was rated at that moment, so that it can teach whatever is listed later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from marketplace.db import new_id
from marketplace.errors import NotFound
from marketplace.models.accounts import Organisation
from marketplace.models.learning import Decision
from marketplace.models.listings import Listing
from marketplace.services import audit, matches, term_tables
from marketplace.services.locks import alone
from marketplace.services.policy import MEMBERS, Actor, permit
from marketplace.services.reasons import Reason
from marketplace.work import Work
from matching.examples import Example
from matching.rating import Rating

VERDICTS = ("accepted", "rejected")
ACCEPT = ("solves_it", "ready_enough", "fair_price", "near_by", "known_partner")
REJECT = (
    "other_matter", "requirement_missed", "not_ready", "too_dear", "wrong_form", "rights_unclear", "too_far",
    "too_late", "have_it", "not_now",
)  # fmt: skip
"""Why a match fits or does not; each is the message `deciding.reason_<code>`."""
REASONS: Mapping[str, tuple[str, ...]] = {"accepted": ACCEPT, "rejected": REJECT}


@dataclass(frozen=True, slots=True)
class Said:
    """What one organisation said of a pair."""

    verdict: str
    reason: Reason
    organisation_id: str
    at: datetime


def voice(work: Work, actor: Actor, demand_uid: str, offer_uid: str) -> str:
    """The organisation the actor speaks for about this pair: a side's own, else the one he is a broker of.

    Raises `SignInNeeded` or `Forbidden` when there is none.
    """
    permit(actor, "match.decide")
    sides = select(Listing.organisation_id).where(Listing.uid.in_([demand_uid, offer_uid]))
    for organisation_id in work.session.scalars(sides.order_by(Listing.kind)):
        if actor.roles_in(organisation_id) & MEMBERS:
            return str(organisation_id)
    permit(actor, "match.broker")
    return min(own for own, roles in actor.roles.items() if "broker" in roles)


def may_decide(work: Work, actor: Actor, demand_uid: str, offer_uid: str) -> bool:
    """Whether the page offers the buttons to this reader."""
    mine = [own for own, roles in actor.roles.items() if roles & MEMBERS]
    if any("broker" in actor.roles_in(own) for own in mine):
        return True
    sides = select(Listing.id).where(
        Listing.uid.in_([demand_uid, offer_uid]), Listing.organisation_id.in_(mine)
    )
    return bool(mine) and work.session.scalar(sides.limit(1)) is not None


def decide(work: Work, actor: Actor, pair: tuple[str, str], verdict: str, reason: Reason) -> None:
    """Say of this pair (demand, offer) that it fits or does not; what the organisation said before is taken back.

    Raises `NotFound` unless both listings are public, and what `voice` raises.
    """
    if verdict not in VERDICTS:
        raise NotFound("not_found")
    organisation_id = voice(work, actor, *pair)
    alone(work, f"decision {organisation_id} {' '.join(pair)}")
    score = matches.scored(work, *pair)
    _take_back(work, organisation_id, pair)
    term_tables.keep_named(work, score.statistics_version)
    work.session.add(
        Decision(
            id=new_id(), demand_uid=pair[0], offer_uid=pair[1], demand_rev=score.revisions[0],
            offer_rev=score.revisions[1], verdict=verdict, reasons=reason.written(), organisation_id=organisation_id,
            user_id=actor.user_id, at=work.now, total=score.total, ratings=score.ratings,
            model_version=score.model_version, statistics_version=score.statistics_version,
        )
    )  # fmt: skip
    audit.record(work, actor, "match.decide", " ".join(pair), verdict=verdict, reasons=" ".join(reason.codes))


def undo(work: Work, actor: Actor, pair: tuple[str, str]) -> bool:
    """Take the organisation's word about this pair back. False when it had said nothing."""
    taken = _take_back(work, voice(work, actor, *pair), pair)
    if taken:
        audit.record(work, actor, "match.undo", " ".join(pair))
    return taken


def of_pair(work: Work, pair: tuple[str, str]) -> list[tuple[Said, str]]:
    """What stands about this pair, newest first, each with the name of the organisation that said it."""
    statement = (
        select(Decision, Organisation.name)
        .join(Organisation, Organisation.id == Decision.organisation_id)
        .where(_about(pair), Decision.undone_at.is_(None))
    )
    found = work.session.execute(statement.order_by(Decision.at.desc(), Decision.id))
    return [(_said(decision), name) for decision, name in found]


def mine(work: Work, actor: Actor, uids: Sequence[str]) -> dict[tuple[str, str], str]:
    """(demand, offer) -> what the actor's organisations said of pairs with one of these listings."""
    statement = select(Decision.demand_uid, Decision.offer_uid, Decision.verdict).where(
        or_(Decision.demand_uid.in_(uids), Decision.offer_uid.in_(uids)),
        Decision.organisation_id.in_(list(actor.roles)),
        Decision.undone_at.is_(None),
    )
    return {
        (demand, offer): verdict
        for demand, offer, verdict in work.session.execute(statement.order_by(Decision.at))
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged pair as it is handed out: which revisions, the verdict, its reasons, and how the pair was rated."""

    demand: str
    demand_rev: int
    offer: str
    offer_rev: int
    verdict: str
    reasons: str
    organisation: str
    at: str
    total: int
    model_version: str
    statistics_version: str


def exported(work: Work, actor: Actor) -> Iterator[Judged]:
    """Every decision that stands, the oldest first: what weights are learned from, for whoever wants to learn too."""
    permit(actor, "operations.read")
    standing = select(Decision).where(Decision.undone_at.is_(None)).order_by(Decision.at, Decision.id)
    for one in work.session.scalars(standing.execution_options(yield_per=500)):
        yield Judged(
            one.demand_uid, one.demand_rev, one.offer_uid, one.offer_rev, one.verdict, one.reasons,
            one.organisation_id, one.at.isoformat(), one.total, one.model_version, one.statistics_version,
        )  # fmt: skip


def examples(work: Work, rules: str) -> list[Example]:
    """Every standing decision on scores of these rules, as what weights are learned from."""
    columns = select(
        Decision.demand_uid, Decision.offer_uid, Decision.organisation_id, Decision.verdict, Decision.ratings
    )
    same = or_(Decision.model_version == rules, Decision.model_version.like(f"{rules}+%"))
    found = work.session.execute(columns.where(Decision.undone_at.is_(None), same).order_by(Decision.id))
    return [
        Example(demand, offer, organisation, verdict == "accepted", tuple(Rating(*one) for one in ratings))
        for demand, offer, organisation, verdict, ratings in found
    ]


def _take_back(work: Work, organisation_id: str, pair: tuple[str, str]) -> bool:
    standing = update(Decision).where(
        _about(pair), Decision.organisation_id == organisation_id, Decision.undone_at.is_(None)
    )
    return bool(work.session.execute(standing.values(undone_at=work.now).returning(Decision.id)).all())


def _about(pair: tuple[str, str]) -> ColumnElement[bool]:
    return and_(Decision.demand_uid == pair[0], Decision.offer_uid == pair[1])


def _said(decision: Decision) -> Said:
    return Said(decision.verdict, Reason.read(decision.reasons), decision.organisation_id, decision.at)
