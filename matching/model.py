"""The weight table: what counts, how much, and under which name it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from matching import field_signals, said, term_signals, text_signals
from matching.pair import Pair
from matching.rating import Rating
from matching.result import Said
from matching.weights import Weights

MODEL_VERSION = "2026.1"
"""Named in every score. It changes with any weight, scale or rule below this package."""

BAR = 60_000
"""Thousandths. A pair from here on is suggested. The texts alone carry 52 of 100 points, so that no pair
whose texts share nothing can reach it, whatever else agrees."""


class Rule(NamedTuple):
    """One signal: its share of 100 when everything is known, how it is rated, and what each side says about
    it."""

    name: str
    weight: int
    rate: Callable[[Pair], Rating]
    demand: Callable[[Pair], Said]
    offer: Callable[[Pair], Said]


RULES: tuple[Rule, ...] = (
    Rule("text", 24, text_signals.text, said.words_used, said.words_shared),
    Rule("heading", 13, text_signals.heading, said.title_asked, said.heading_found),
    Rule("telling", 10, text_signals.telling, said.telling_asked, said.telling_found),
    Rule("opening", 5, text_signals.opening, said.opening_asked, said.title_offered),
    Rule("requirements", 14, term_signals.requirements, said.requirements_asked, said.requirements_answered),
    Rule("fields", 9, field_signals.fields, said.fields_asked, said.fields_offered),
    Rule("readiness", 7, term_signals.readiness, said.readiness_asked, said.readiness_offered),
    Rule("price", 5, term_signals.price, said.budget, said.price),
    Rule("transfer", 4, term_signals.transfer, said.transfer_asked, said.transfer_offered),
    Rule("place", 4, term_signals.place, said.place_asked, said.place_offered),
    Rule("timing", 3, term_signals.timing, said.needed_by, said.ready_from),
    Rule("rights", 2, term_signals.rights, said.rights_asked, said.rights_held),
)
"""In the order they are shown. The four text signals have the ratio that ranked judged pairs best; the others
are weighed by what a broker asks first."""

TEXTS = 4
"""So many signals at the head of the table compare the texts."""

FIRST = Weights(MODEL_VERSION, tuple(rule.weight for rule in RULES))
"""The weights every exchange begins with, before its people's decisions have taught it others."""
