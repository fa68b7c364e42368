"""The public figures of the home page. Each is one count anybody can repeat from the data."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select

from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing
from marketplace.models.matches import IS_GOOD, Match
from marketplace.services import feed
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is the message `figure.<name>`; how it is counted is `figure.<name>_how`."""

    name: str
    count: int


def public(work: Work) -> tuple[Figure, ...]:
    """Offers and demands that are public now, organisations with one of them, matches over the bar."""
    offers, demands = feed.counted(work, "offer", "demand")
    lists = exists().where(Listing.organisation_id == Organisation.id, Listing.status == "published")
    organisations = select(func.count()).select_from(Organisation).where(lists)
    good = select(func.count()).select_from(Match).where(IS_GOOD)
    return (
        Figure("offers", offers),
        Figure("demands", demands),
        Figure("organisations", work.session.scalar(organisations) or 0),
        Figure("matches", work.session.scalar(good) or 0),
    )
