"""Which small changes might raise a score: each signal names its own, the cheapest for people first.

Nothing here is sure to help; `matching.lifts` tries each and keeps what does. A fact that nobody can change
(where an institute stands, which rights were granted) is not proposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from matching.money import amounts, ends, exchanged, highest
from matching.pair import Pair
from matching.result import Edit, Said
from matching.term_signals import apart
from vocabulary.countries import HOME
from vocabulary.listing import Price

STATE, AGREE, CONFIRM, MOVE_DATE, MOVE_MONEY, ENLARGE, MEET, MATURE = 1, 3, 4, 5, 6, 7, 9, 10
WRITE, WRITE_MORE = 20, 30
"""How much work a change is, smallest first: to state what is only unsaid, to agree to one more form, to
confirm a requirement, to move a date, to move money (and one more for each tenth of it), to serve another
country, to meet a requirement that is not met, to mature by a level (and two more for each), to widen what
the technology is about, and to widen it to more than the demand's title."""
SPOKEN_TO = 6
"""Sentences of a demand, with its title, that an offer would have to speak to."""


class Proposal(NamedTuple):
    """A change as people read it and as data, with the work it takes."""

    effort: int
    signal: str
    change: Said
    edit: Edit


def proposed(pair: Pair) -> Iterator[Proposal]:
    """Everything that might raise the score of this pair."""
    yield from _readiness(pair)
    yield from _price(pair)
    yield from _transfer(pair)
    yield from _timing(pair)
    yield from _fields(pair)
    yield from _territory(pair)
    yield from _requirements(pair)
    yield from _writing(pair)


def _proposal(
    effort: int,
    signal: str,
    code: str,
    side: Literal["demand", "offer"],
    *,
    edit: tuple[str, str],
    **params: str,
) -> Proposal:
    return Proposal(effort, signal, Said(f"lift.{code}", params), Edit(side, *edit))


def _readiness(pair: Pair) -> Iterator[Proposal]:
    demand, offer = pair.demand.profile, pair.offer.profile
    level = offer.trl_max or offer.trl_min
    low, high = demand.trl_min or 1, demand.trl_max or 9
    asks = demand.trl_min is not None or demand.trl_max is not None
    if level is None and asks:
        named = str(low) if low == high else f"{low}-{high}"
        yield _proposal(STATE, "readiness", "state_trl", "offer", edit=("trl", str(low)), trl=named)
    elif level is not None and not asks:
        yield _proposal(
            STATE, "readiness", "state_trl_range", "demand", edit=("trl", f"{level}-9"), trl=f"{level}-9"
        )
    elif level is not None and level < low:
        effort = MATURE + 2 * (low - level)
        yield _proposal(
            effort, "readiness", "raise_trl", "offer", edit=("trl", str(low)), trl=str(low), level=str(level)
        )
        widened = f"{level}-{high}"
        yield _proposal(
            AGREE + low - level, "readiness", "widen_trl", "demand", edit=("trl", widened), trl=widened
        )
    elif level is not None and level > high:
        widened = f"{low}-{level}"
        yield _proposal(AGREE, "readiness", "widen_trl", "demand", edit=("trl", widened), trl=widened)


def _price(pair: Pair) -> Iterator[Proposal]:
    budget, asked = pair.demand.profile.price, pair.offer.profile.price
    ceiling = highest(budget) if budget else None
    low, high = ends(asked) if asked else (None, None)
    if budget and ceiling and high is None:
        yield _money(STATE, "state_price", "offer", (ceiling, ceiling), budget.currency)
    elif asked and low is not None and high is not None and ceiling is None:
        yield _money(STATE, "state_budget", "demand", (high, high), asked.currency)
    elif budget and asked and low is not None and high is not None and ceiling is not None:
        yield from _nearer(pair, budget, asked, (ceiling, low, high))


def _nearer(pair: Pair, budget: Price, asked: Price, named: tuple[int, int, int]) -> Iterator[Proposal]:
    """Each side keeps its currency: a price is lowered to the last unit that the budget covers, a budget raised to the
    first that covers the price."""
    facts, (ceiling, low, high) = pair.demand.facts, named
    found = amounts(budget, asked, facts)
    if found is None or found.high <= found.ceiling:
        return
    effort = MOVE_MONEY + 10 * (found.high - found.ceiling) // found.high
    if found.open:
        if least := exchanged(high, asked.currency, budget.currency, facts, up=True):
            yield _money(
                STATE, "state_budget", "demand", (min(budget.minimum or least, least), least), budget.currency
            )
        return
    if most := exchanged(ceiling, budget.currency, asked.currency, facts):
        yield _money(effort, "lower_price", "offer", (min(low, most), most), asked.currency)
    if least := exchanged(high, asked.currency, budget.currency, facts, up=True):
        yield _money(
            effort, "raise_budget", "demand", (min(budget.minimum or least, least), least), budget.currency
        )


def _money(
    effort: int, code: str, side: Literal["demand", "offer"], amount: tuple[int, int], currency: str
) -> Proposal:
    low, high = amount
    edit = ("price", f"{low}-{high} {currency}")
    return _proposal(effort, "price", code, side, edit=edit, price=f"{high} {currency}")


def _transfer(pair: Pair) -> Iterator[Proposal]:
    wanted, offered = pair.demand.profile.transfer_forms, pair.offer.profile.transfer_forms
    for form in wanted[:1]:
        if form not in offered:
            code = "add_transfer" if offered else "state_transfer"
            effort = AGREE if offered else STATE
            yield _proposal(
                effort, "transfer", code, "offer", edit=("transfer_forms", form), transfer_forms=form
            )
    for form in offered[:1]:
        if form not in wanted:
            yield _proposal(
                AGREE,
                "transfer",
                "accept_transfer",
                "demand",
                edit=("transfer_forms", form),
                transfer_forms=form,
            )


def _timing(pair: Pair) -> Iterator[Proposal]:
    needed, ready = pair.demand.profile.needed_by, pair.offer.profile.needed_by
    if needed and not ready:
        yield _proposal(STATE, "timing", "state_date", "offer", edit=("needed_by", needed), date=needed)
    elif needed and ready > needed:
        yield _proposal(MOVE_DATE, "timing", "earlier", "offer", edit=("needed_by", needed), date=needed)
        yield _proposal(MOVE_DATE, "timing", "later", "demand", edit=("needed_by", ready), date=ready)


def _fields(pair: Pair) -> Iterator[Proposal]:
    wanted, offered = pair.demand.profile.fields, pair.offer.profile.fields
    if wanted and not offered:
        codes = " ".join(wanted)
        yield _proposal(STATE, "fields", "state_fields", "offer", edit=("fields", codes), fields=codes)


def _territory(pair: Pair) -> Iterator[Proposal]:
    demand, offer = pair.demand.profile, pair.offer.profile
    if apart((demand.territory, demand.province), (offer.territory, offer.province)):
        country = demand.territory[0] if demand.territory else HOME
        yield _proposal(
            ENLARGE, "place", "add_territory", "offer", edit=("territory", country), territory=country
        )


def _requirements(pair: Pair) -> Iterator[Proposal]:
    for number, finding in enumerate(pair.findings):
        row = pair.demand.profile.requirements[number]
        if finding.judgement == "met" or not pair.demand.asked[number].terms:
            continue
        code, effort = ("confirm", CONFIRM) if finding.judgement == "unknown" else ("meet", MEET)
        yield _proposal(
            effort,
            "requirements",
            f"{code}_requirement",
            "offer",
            edit=("requirement", str(number)),
            name=row.name,
        )


def _writing(pair: Pair) -> Iterator[Proposal]:
    """The offer would have to be about what the demand says, its title or the beginning of its text; if it is, it
    should say so."""
    title, sentences = pair.demand.profile.title, pair.demand.profile.sentences
    if title:
        yield _proposal(WRITE, "heading", "speak_to", "offer", edit=("sentence", title), name=title)
    if beginning := " ".join(sentences[:SPOKEN_TO]):
        yield _proposal(
            WRITE_MORE, "text", "speak_to_text", "offer", edit=("sentence", beginning), name=title
        )
