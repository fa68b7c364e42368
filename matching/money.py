"""A budget beside a price, in one unit: that of their currency, or parts of a đồng where they name two.

All in whole numbers, so that the same pair has the same score on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

from matching.facts import Facts
from vocabulary.listing import Price
from vocabulary.rates import PARTS, Rate


class Amounts(NamedTuple):
    """What the buyer can surely pay, and both ends of what is asked, all in the same unit. `open`: it may be more."""

    ceiling: int
    low: int
    high: int
    open: bool


def amounts(budget: Price | None, asked: Price | None, facts: Facts) -> Amounts | None:
    """None where one side names no amount, or no rate is known between their currencies."""
    if budget is None or asked is None:
        return None
    ceiling, (low, high) = highest(budget), ends(asked)
    if ceiling is None or ceiling <= 0 or low is None or high is None:
        return None
    if budget.currency == asked.currency:
        return Amounts(ceiling, low, high, budget.maximum is None)
    mine, theirs = facts.step(budget.currency), facts.step(asked.currency)
    if mine is None or theirs is None:
        return None
    return Amounts(ceiling * mine, low * theirs, high * theirs, budget.maximum is None)


def highest(budget: Price) -> int | None:
    """What a buyer can surely pay: of a budget with only a lower end, that."""
    return budget.maximum if budget.maximum is not None else budget.minimum


def ends(asked: Price) -> tuple[int | None, int | None]:
    """The lower and the upper end of a price; one that is open counts as the other."""
    low = asked.minimum if asked.minimum is not None else asked.maximum
    return low, asked.maximum if asked.maximum is not None else low


def exchanged(amount: int, source: str, target: str, facts: Facts, *, up: bool = False) -> int | None:
    """The amount in smallest units of another currency, rounded down, or `up`; None where no rate is known."""
    if source == target:
        return amount
    worth, step = facts.step(source), facts.step(target)
    if worth is None or step is None:
        return None
    return -(-amount * worth // step) if up else amount * worth // step


def at_home(amount: int, rate: Rate) -> int:
    """The amount in đồng at this rate, rounded to the nearest."""
    return (amount * rate.step + PARTS // 2) // PARTS
