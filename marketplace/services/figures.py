"""The public figures of the home page. Each is one count anybody can repeat from the data."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from marketplace.models.accounts import Organisation
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.work import Work
from matching.model import BAR


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is the message `figure.<name>`; how it is counted is `figure.<name>_how`."""

    name: str
    count: int


def public(work: Work) -> tuple[Figure, ...]:
    """Offers and demands that are public now, organisations with one of them, matches over the bar."""
    kinds = select(Published.kind, func.count()).where(Published.op == "upsert").group_by(Published.kind)
    counts: dict[str, int] = dict(work.session.execute(kinds).all())
    active = select(func.count(func.distinct(Listing.organisation_id))).where(Listing.status == "published")
    organisations = active.join(Organisation, Organisation.id == Listing.organisation_id)
    good = select(func.count()).select_from(Match).where(Match.total >= BAR)
    return (
        Figure("offers", counts.get("offer", 0)),
        Figure("demands", counts.get("demand", 0)),
        Figure("organisations", work.session.scalar(organisations) or 0),
        Figure("matches", work.session.scalar(good) or 0),
    )
