"""Cases that nobody brokers: tried again from time to time, and shown to operators with why nobody can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from marketplace.models.brokers import Broker
from marketplace.models.deals import Deal
from marketplace.services import assigning, assignment, broker_desks, deal_log
from marketplace.services.broker_desks import WAITING
from marketplace.services.locks import alone
from marketplace.services.parties import STAFFED
from marketplace.services.policy import SYSTEM, Actor, permit
from marketplace.services.stages import BOARD
from marketplace.work import Work

AT_ONCE = 200
"""Cases looked at in one transaction."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case without a broker. `hindered` counts those who cannot be asked by why (`assigned.not_<why>`); empty
    when the register has nobody, or somebody who can be asked and will be before long."""

    id: str
    demand_uid: str
    offer_uid: str
    demand_title: str
    offer_title: str
    since: datetime
    hindered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Waiting, ...]
    total: int
    page: int
    pages: int


def leave_some(work: Work) -> bool:
    """Take cases off desks at which nobody works any more, and tell the sides. Whether there may be more of them."""
    left = ~exists().where(Broker.id == Deal.broker_id, STAFFED)
    rows = select(Deal).where(Deal.broker_id.is_not(None), Deal.stage.in_(BOARD), left).limit(AT_ONCE)
    deals = work.session.scalars(rows.with_for_update()).all()
    for deal in deals:
        assigning.take_off(work, deal, "left")
        deal_log.tell(work, SYSTEM, deal, "broker_left")
    return len(deals) == AT_ONCE


def find_some(work: Work, *, after: str) -> str:
    """Ask the rule once more for cases that nobody has, the oldest first, from those after id `after` on.

    The id of the last that was looked at; empty when there are no more.
    """
    rows = select(Deal).where(WAITING, Deal.id > after).order_by(Deal.id).limit(AT_ONCE)
    deals = work.session.scalars(rows.with_for_update()).all()
    alone(work, assigning.LOCK)
    brokers = broker_desks.candidates(work) if deals else []
    for deal in deals:
        chosen = assignment.choose(brokers, assigning.need(work, deal), work.now.date())
        if chosen is not None:
            assigning.give(work, deal, chosen.broker_id, asdict(chosen))
            deal_log.tell(work, SYSTEM, deal, "assigned")
            brokers = broker_desks.candidates(work)  # One desk is fuller now.
    return deals[-1].id if len(deals) == AT_ONCE else ""


def waiting(work: Work, actor: Actor, *, page: int = 1) -> Page:
    """A page of them, those that wait longest first."""
    permit(actor, "operations.read")
    total = work.session.scalar(select(func.count()).select_from(Deal).where(WAITING)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = select(Deal).where(WAITING).order_by(Deal.stage_since, Deal.id)
    deals = work.session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE)).all()
    brokers, today = broker_desks.candidates(work) if deals else [], work.now.date()
    lines = (
        Waiting(
            deal.id, deal.demand_uid, deal.offer_uid, deal.demand_title, deal.offer_title, deal.stage_since,
            assignment.hindered(brokers, assigning.need(work, deal), today),
        )
        for deal in deals
    )  # fmt: skip
    return Page(tuple(lines), total, page, pages)
