"""What currencies are worth in đồng, as operators entered it. None is built in, for nobody here can know today's; a
currency without a rate stays unknown to matching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select

from marketplace.formats import ZONE
from marketplace.models.facts import CurrencyRate as Row
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.rates import Quoted, Rate

PAGE = 50


@dataclass(frozen=True, slots=True)
class Entered:
    """A rate that somebody entered. `in_force` while it is the newest of its currency."""

    quoted: Quoted
    at: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was entered, the newest day first; `total` is all of it, `in_force` what counts now."""

    items: tuple[Entered, ...]
    in_force: tuple[Entered, ...]
    total: int
    pages: int


def in_force(work: Work) -> dict[str, Rate]:
    """The newest rate of each currency."""
    return {row.currency: _rate(row) for row in work.session.scalars(_newest())}


def page(work: Work, actor: Actor, *, number: int = 1) -> Page:
    """What was entered. Raises `Forbidden` for whoever is no operator."""
    permit(actor, "operations.read")
    newest = list(work.session.scalars(_newest()))
    counting = {row.n for row in newest}
    total = work.session.scalar(select(func.count()).select_from(Row)) or 0
    ordered = select(Row).order_by(Row.day.desc(), Row.n.desc()).offset((number - 1) * PAGE).limit(PAGE)
    items = tuple(_entered(row, counting) for row in work.session.scalars(ordered))
    return Page(items, tuple(_entered(row, counting) for row in newest), total, max(1, -(-total // PAGE)))


def today(work: Work) -> date:
    """The day it is where the exchange stands."""
    return work.now.astimezone(ZONE).date()


def _newest() -> Select[Row]:
    """Of each currency the entry of the latest day, and of that day the one entered last."""
    place = func.row_number().over(partition_by=Row.currency, order_by=(Row.day.desc(), Row.n.desc()))
    placed = select(Row.n, place.label("place")).subquery()
    return select(Row).join(placed, placed.c.n == Row.n).where(placed.c.place == 1).order_by(Row.currency)


def _rate(row: Row) -> Rate:
    return Rate(row.currency, row.amount, row.day, row.units)


def _entered(row: Row, counting: set[int]) -> Entered:
    return Entered(Quoted(_rate(row), row.source), row.entered_at, row.n in counting)
