"""A query worked out: which terms are looked for, and which conditions must hold. Both engines are told this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from search.query import Sort


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the index and how much it counts in this question."""

    text: str
    weight: float = 1.0
    telling: bool = True
    """Whether a listing is found for it. A term that is not only raises those found for others."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the words ask. A listing must hold one of the telling terms, and every phrase."""

    words: tuple[Term, ...] = ()
    pairs: tuple[Term, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    exact: tuple[str, ...] = ()
    """Words of the phrases in their one spelling, where marks were typed: a listing must write each of them so somewhere."""
    written: tuple[str, ...] = ()
    """Words in their one spelling, one of which finds a listing that is written so; what they count is in `words`."""
    marks: tuple[str, ...] = ()
    """Words in their one spelling that are marked in a passage, beside those of `words` and `pairs` that tell."""
    as_typed: tuple[Term, ...] = ()
    """Words with their marks, as somebody typed them, that raise listings which write them so."""
    vague: bool = False
    """Whether it has common terms only, so that all of them are telling."""
    near: str = ""
    """A single word as it is written, looked for with up to `distance` edits, for correcting a query."""
    distance: int = 0
    translations: tuple[tuple[str, Match], ...] = ()
    """The same in other languages. A listing is also found by one of these, where it speaks that language."""

    def __bool__(self) -> bool:
        return bool(self.words or self.pairs or self.phrases or self.near or self.translations)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The code field holds one of the values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The number field lies between the two, ends included; None is open."""

    field: str
    low: int | None = None
    high: int | None = None


Condition = OneOf | Between


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question to an engine, in terms of the index."""

    match: Match = field(default_factory=Match)
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    """By the facet that people set them with, so that a facet can be counted without its own."""
    without: tuple[OneOf, ...] = ()
    sort: Sort = "newest"
    offset: int = 0
    size: int = 10
    after: str = ""
    """The `place` of the row after which the answer begins; then `offset` counts from there."""
    facets: tuple[str, ...] = ()
    since: Mapping[str, int] = field(default_factory=dict)
    """The windows of the facet `updated`: name -> seconds since 1970 at which it begins."""
    texts: bool = False
    """Whether the listings' own words are needed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One listing found. `place` says where it stands, so that a later answer can begin after it."""

    uid: str
    score: float
    place: str
    title: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    total: int
    rows: tuple[Row, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
