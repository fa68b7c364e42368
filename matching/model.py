"""The weight table: what counts, how much, and under which name it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from matching import field_signals, figure_signals, said, term_signals, text_signals
from matching.pair import Pair
from matching.rating import Rating
from matching.result import Said
from matching.weights import Weights

MODEL_VERSION = "2026.11"
"""Named in every score. It changes with any weight, scale or rule below this package."""

BAR = 60_000
"""Thousandths. A pair from here on is suggested. The texts alone carry 60 of 100 points, so that no pair
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
    Rule("text", 29, text_signals.text, said.words_used, said.words_shared),
    Rule("heading", 16, text_signals.heading, said.title_asked, said.heading_found),
    Rule("opening", 3, text_signals.opening, said.opening_asked, said.title_offered),
    Rule("telling", 9, text_signals.telling, said.telling_asked, said.telling_found),
    Rule("meaning", 3, text_signals.meaning, said.meaning, said.meaning),
    Rule("requirements", 12, term_signals.requirements, said.requirements_asked, said.requirements_answered),
    Rule("figures", 3, figure_signals.figures, said.figures_asked, said.figures_offered),
    Rule("fields", 6, field_signals.fields, said.fields_asked, said.fields_offered),
    Rule("readiness", 5, term_signals.readiness, said.readiness_asked, said.readiness_offered),
    Rule("price", 4, term_signals.price, said.budget, said.price),
    Rule("transfer", 3, term_signals.transfer, said.transfer_asked, said.transfer_offered),
    Rule("place", 2, term_signals.place, said.place_asked, said.place_offered),
    Rule("timing", 2, term_signals.timing, said.needed_by, said.ready_from),
    Rule("rights", 2, term_signals.rights, said.rights_asked, said.rights_held),
    Rule("record", 1, term_signals.record, said.record_asked, said.record_held),
)
"""In the order they are shown. The text signals have the ratio that ranked judged pairs best while fitting
pairs written by us pass the bar and others stay below it; the rest are weighed by what a broker asks first."""

TEXTS = 5
"""So many signals at the head of the table compare the texts."""

FIRST = Weights(MODEL_VERSION, tuple(rule.weight for rule in RULES))
"""The weights every exchange begins with, before its people's decisions have taught it others."""
