"""Rights in the way: what agreements granted on an offer, and which new agreement it stands in the way of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict
from marketplace.languages import DEFAULT
from marketplace.models.deals import Deal
from marketplace.models.outcomes import Licence
from marketplace.services.locks import alone
from marketplace.work import Work
from vocabulary.grants import SHUTTING, Grant, collisions, divisions
from vocabulary.industries import VSIC
from vocabulary.terms import NEEDS_RIGHT

AT_ONCE = 200
"""Licences ended in one transaction."""


def grant(work: Work, deal: Deal, terms: Mapping[str, Any]) -> None:
    """Write down what an agreement grants. Raises `Conflict` naming the live licence it collides with.

    Forms for which no right changes hands (services, research, equipment) grant nothing.
    """
    if terms["form"] not in NEEDS_RIGHT:
        return
    alone(work, f"licences:{deal.offer_uid}")
    asked = as_grant(deal.id, deal.demand_organisation_id, terms)
    for other in collisions(asked, (_grant(row) for row in live(work, [deal.offer_uid]))):
        raise Conflict("licence_collision", **_named(other))
    end(work, deal)
    work.session.add(
        Licence(
            id=new_id(), offer_uid=deal.offer_uid, deal_id=deal.id, holder_id=asked.holder, form=asked.form,
            territory=sorted(asked.territory), uses=sorted(terms["uses"]), first=asked.first, last=asked.last,
        )
    )  # fmt: skip
    work.session.flush()


def end(work: Work, deal: Deal) -> bool:
    """The agreement is no more: what it granted stands in nobody's way. False when it had granted nothing."""
    held = work.session.scalar(select(Licence).where(Licence.deal_id == deal.id))
    if held is None:
        return False
    work.session.delete(held)
    work.session.flush()
    return True


def live(work: Work, offer_uids: Sequence[str]) -> list[Licence]:
    """What is granted on these offers and was not ended, the oldest first."""
    rows = select(Licence).where(Licence.offer_uid.in_(offer_uids), Licence.ended_at.is_(None))
    return list(work.session.scalars(rows.order_by(Licence.first, Licence.id)))


def shutting(work: Work, offer_uids: Sequence[str]) -> Mapping[str, list[dict[str, str]]]:
    """Offer -> the live licences that let nobody else in, as the public record tells of them and the gate of matching
    reads them: where and for what use, never who holds them nor at what price."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in live(work, offer_uids):
        if row.form in SHUTTING:
            found.setdefault(row.offer_uid, []).append(
                {
                    "form": row.form,
                    "territory": " ".join(row.territory),
                    "use": "; ".join(VSIC.label(code, DEFAULT) for code in row.uses),
                    "until": row.last.isoformat() if row.last else "",
                }
            )
    return found


def run_out(work: Work) -> list[str]:
    """End the licences whose last day is over; the offers they were on."""
    over = select(Licence).where(Licence.last < work.now.date(), Licence.ended_at.is_(None))
    rows = work.session.scalars(over.limit(AT_ONCE).with_for_update()).all()
    for row in rows:
        row.ended_at = work.now
    work.session.flush()
    return sorted({row.offer_uid for row in rows})


def in_the_way(work: Work, deal: Deal, terms: Mapping[str, Any]) -> list[dict[str, str]]:
    """The live licences that an agreement on these terms would collide with, as a sentence needs them."""
    if terms["form"] not in NEEDS_RIGHT:
        return []
    asked = as_grant(deal.id, deal.demand_organisation_id, terms)
    found = collisions(asked, (_grant(row) for row in live(work, [deal.offer_uid])))
    return [_named(one) for one in found]


def as_grant(deal_id: str, holder: str, terms: Mapping[str, Any]) -> Grant:
    """The terms of a proposal as an interval."""
    return Grant(
        id=deal_id,
        form=terms["form"],
        holder=holder,
        first=date.fromisoformat(terms["first"]),
        last=date.fromisoformat(terms["last"]) if terms.get("last") else None,
        territory=frozenset(terms["territory"]),
        uses=divisions(terms["uses"]),
    )


def _grant(row: Licence) -> Grant:
    return Grant(
        row.deal_id,
        row.form,
        row.holder_id,
        row.first,
        row.last,
        frozenset(row.territory),
        divisions(row.uses),
    )


def _named(other: Grant) -> dict[str, str]:
    """A licence in words. Who holds it is a matter between its parties, so only its extent is told."""
    return {
        "form": other.form,
        "territory": " ".join(sorted(other.territory)),
        "uses": " ".join(sorted(other.uses)),
        "first": other.first.isoformat(),
        "last": other.last.isoformat() if other.last else "",
    }
