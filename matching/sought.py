"""What a demand requires, one row at a time, and what a text must say to answer it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property, lru_cache

from matching.denials import denies, has_denial, has_hope, hopes
from matching.limits import Judgement, read
from matching.naming import (
    each_part_is_said,
    figures_agree,
    heavier,
    names,
    needs_alike,
    written_alike,
)
from matching.prepared import OWN_WORDS, Asked, Prepared
from matching.quantities import Quantity
from matching.subject import is_of_another
from vocabulary.listing import Requirement


@dataclass(frozen=True, eq=False)
class Sought:
    """A requirement as it was typed, the language of its demand, and what follows from it."""

    row: Requirement
    language: str
    asked: Asked

    whole: bool
    """Whether `asked` holds its own words; what was put into another language may hold several for one."""

    @cached_property
    def words(self) -> str:
        """As it was typed."""
        return said(self.row)

    @cached_property
    def denies(self) -> bool:
        """Whether it asks that something should not be: «không dùng clo»."""
        return has_denial(self.words, self.language)

    @cached_property
    def _hopes(self) -> bool:
        return has_hope(self.words, self.language)

    @cached_property
    def _heavier(self) -> frozenset[str]:
        return heavier(self.words, self.asked.terms) if self.whole else frozenset()

    @cached_property
    def _about(self) -> str:
        """What it is about, without its limit."""
        return read(self.row, self.language).about

    def judged(self, text: str, language: str, held: Container[str]) -> Judgement:
        """A text that speaks about it and holds these words: met where both deny or neither does and nothing is
        missing. Who is asked for none of something and denies nothing may mean anything."""
        if denies(text, language, self.asked.terms):
            return "met" if self.denies else "conflict"
        if self.denies and not has_denial(text, language):
            return "partly"
        return "met" if self._nothing_is_missing(text, language, held) else "partly"

    def is_about(self, figure: Quantity, sentence: str, language: str, held: Container[str]) -> bool:
        """Whether a figure in a sentence that holds these words is one of what is asked."""
        return self._holds_the_heavier(held) and not is_of_another(
            self._about, sentence, language, figure.start, figure.end
        )

    def _nothing_is_missing(self, text: str, language: str, held: Container[str]) -> bool:
        return (
            names(self.words, text)
            and figures_agree(self.words, text)
            and written_alike(self.words, text)
            and self._holds_the_heavier(held)
            and (not self.whole or self._each_part_is_said(held))
            and needs_alike(self.words, text)
            and (self._hopes or not hopes(text, language, self.asked.terms))
        )

    def _holds_the_heavier(self, held: Container[str]) -> bool:
        return all(word in held for word in self._heavier)

    def _each_part_is_said(self, held: Container[str]) -> bool:
        parts = (self.row.name, self.row.value)
        return each_part_is_said(parts, self.language, self.asked.terms, held)


def said(row: Requirement) -> str:
    """The words of a row."""
    return f"{row.name} {row.value} {row.unit}".strip()


@lru_cache(maxsize=64)
def sought_by(demand: Prepared) -> tuple[Sought, ...]:
    """Its requirements in their order, remembered, because hundreds of offers are asked for them."""
    rows = zip(demand.profile.requirements, demand.asked, strict=True)
    whole = demand.sources is OWN_WORDS
    return tuple(Sought(row, demand.profile.language, asked, whole) for row, asked in rows)
