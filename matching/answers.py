"""What the demand requires, one row at a time, beside the offer's sentence that speaks to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matching.denials import denies, has_denial
from matching.limits import Judgement, Wanted, compared
from matching.prepared import Asked, Prepared
from matching.profile import Profile
from matching.quantities import Quantity, quantities
from matching.rating import FULL
from matching.words import placed, words
from vocabulary.listing import Requirement

SPEAKS = 600_000
"""Millionths of a requirement's words, weighted, that a sentence must hold to speak about the same thing."""
TOUCHES = 400_000
"""A sentence with fewer of them says nothing about the requirement."""

BACKWARDS = 3
ERRORS = frozenset({"sai", "xac", *words("error tolerance accuracy deviation", "en")})
"""Who asks for an error («sai số», «độ chính xác») asks of «25 ± 0,5 °C» for what stands behind the sign."""


class Finding(NamedTuple):
    """How the offer answers one requirement. `source` is the number of a sentence, or -1 - n for the offer's
    own requirement row n; None when nothing speaks to it. `quantity` is the figure that decided."""

    judgement: Judgement
    source: int | None = None
    quantity: Quantity | None = None


SILENT = Finding("unknown")


class _Sought(NamedTuple):
    """A requirement as it was typed, the language of its demand, and what follows from it."""

    row: Requirement
    language: str
    asked: Asked

    @property
    def denies(self) -> bool:
        """Whether it asks that something should not be: «không dùng clo»."""
        return has_denial(said(self.row), self.language)

    def judged(self, text: str, language: str) -> Judgement:
        """A text that speaks about it: met where both deny or neither does. Who is asked for none of something and denies
        nothing may mean anything."""
        if not denies(text, language, self.asked.terms):
            return "met" if not self.denies or has_denial(text, language) else "partly"
        return "met" if self.denies else "conflict"


def said(row: Requirement) -> str:
    """The words of a row."""
    return f"{row.name} {row.value}"


def findings(demand: Prepared, offer: Prepared) -> tuple[Finding, ...]:
    """The answer to each of the demand's requirements, in their order."""
    rows = zip(demand.profile.requirements, demand.asked, strict=True)
    return tuple([_judged(_Sought(row, demand.profile.language, asked), offer) for row, asked in rows])


def _judged(sought: _Sought, offer: Prepared) -> Finding:
    """How the offer answers one requirement: by a row of its own, else by a sentence."""
    asked = sought.asked
    if offer.words.keys().isdisjoint(asked.terms):
        return SILENT
    row = _same_row(asked, offer)
    answer = None if row is None else _by_row(sought, row, offer)
    return answer or _in_sentences(sought, offer)


def _by_row(sought: _Sought, row: int, offer: Prepared) -> Finding | None:
    """The answer of the offer's own row; None when it holds no figure that could be compared."""
    wanted, profile = sought.asked.wanted, offer.profile
    if wanted is None:
        return Finding(sought.judged(said(profile.requirements[row]), profile.language), -1 - row)
    offered = offer.asked[row].wanted
    if offered is None or offered.dimension != wanted.dimension:
        return None
    quantity = Quantity(offered.low, offered.high, offered.dimension)
    return Finding(compared(wanted, quantity), -1 - row, quantity)


def _same_row(asked: Asked, offer: Prepared) -> int | None:
    """The offer's own requirement row that names the same thing, the first if there are several."""
    for number, row in enumerate(offer.asked):
        if _share(sum(asked.terms[word] for word in asked.terms.keys() & row.terms.keys()), asked) >= SPEAKS:
            return number
    return None


def _in_sentences(sought: _Sought, offer: Prepared) -> Finding:
    """The sentences that share most with the requirement, of equals the first, answer it."""
    found = sorted(_touching(sought.asked, offer.profile.places), reverse=True)
    if not found:
        return SILENT
    wanted = sought.asked.wanted
    return _in_figures(sought.asked, wanted, found, offer) if wanted else _in_words(sought, found, offer)


def _in_words(sought: _Sought, found: Sequence[tuple[int, int]], offer: Prepared) -> Finding:
    """The first sentence that does not deny what it speaks about decides. Where all that speak about it do, they contradict;
    what only touches it and denies something says nothing."""
    denied = SILENT
    for share, before in found:
        speaks = share >= SPEAKS
        if denied is not SILENT and not speaks:
            break
        judgement = sought.judged(offer.profile.sentences[-before], offer.profile.language)
        if judgement != "conflict":
            return Finding(judgement if speaks else "partly", -before)
        if speaks and denied is SILENT:
            denied = Finding("conflict", -before)
    return denied


def _in_figures(asked: Asked, wanted: Wanted, found: Sequence[tuple[int, int]], offer: Prepared) -> Finding:
    """The first sentence with a figure of the wanted dimension decides; without one the requirement is only spoken about."""
    best = SILENT
    for share, before in found:
        quantity = _comparable(asked, wanted.dimension, offer.profile, -before)
        if quantity is not None:
            return Finding(compared(wanted, quantity), -before, quantity)
        if share >= SPEAKS and best is SILENT:
            best = Finding("partly", -before)
    return best


def _touching(asked: Asked, places: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """(share, -number) of the sentences that hold enough of the requirement's words: of equals the first is greater."""
    terms, least = asked.terms, TOUCHES * asked.total
    said = terms.keys() & places.keys()
    # Most offers hold too few of the words for any of their sentences to: that is quickly seen.
    if FULL * sum(map(terms.__getitem__, said)) < least:
        return []
    held = dict[int, int]()
    for word in said:
        weight = terms[word]
        for number in places[word]:
            held[number] = held.get(number, 0) + weight
    return [
        (FULL * weight // asked.total, -number) for number, weight in held.items() if FULL * weight >= least
    ]


def _share(weight: int, asked: Asked) -> int:
    return FULL * weight // asked.total if asked.total else 0


def _comparable(asked: Asked, dimension: str, offer: Profile, source: int) -> Quantity | None:
    """The figure of the sentence that has the wanted dimension; of several the one that belongs to the words asked for."""
    sentence = offer.sentences[source]
    found = [quantity for quantity in quantities(sentence, offer.language) if quantity.dimension == dimension]
    if not asked.terms.keys().isdisjoint(ERRORS):
        found = [quantity.as_error() for quantity in found]
    if len(found) < 2:
        return found[0] if found else None
    places = [(start, end) for word, start, end in placed(sentence, offer.language) if word in asked.terms]
    return min(found, key=lambda quantity: min([_away(quantity, place) for place in places], default=0))


def _away(quantity: Quantity, place: tuple[int, int]) -> int:
    """How far a figure stands from a word. Names come before their figures, so one before the word is thrice as far."""
    start, end = place
    return quantity.start - end if quantity.start >= end else BACKWARDS * (start - quantity.start)
