"""One listing with everything that follows from it alone, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from types import MappingProxyType
from typing import NamedTuple

from matching.across import Carried, carried, meant, sure
from matching.damping import DAMPED
from matching.facts import Facts
from matching.figures import Figures, figures
from matching.limits import Wanted
from matching.limits import figures as limit
from matching.meaning import Vector
from matching.numbered import Numbered, numbered
from matching.profile import Profile
from matching.statistics import Statistics, length
from vocabulary.listing import Requirement

TELLING = 20
"""So many of a demand's heaviest terms stand for what it is really about; 12 and 30 were no better."""
WEIGHED = 128
"""So many of a demand's heaviest terms are compared at all: on judged pairs the rest of a long text changed nothing."""
REMEMBERED = 1_000
"""Profiles whose weights are kept, some 25 kB each."""


HALF_SAID = 1_200
"""Thousandths of a mention that count half of one said without end, in a text of the usual length; in a longer one as
many more as it is longer (k1 1.2 and b 1 of BM25): what stands in a short text is more what it is about."""


OWN_WORDS: Mapping[str, str] = MappingProxyType({})
"""Nothing was put into another language."""


class Weighted(NamedTuple):
    """Terms with their weights, and the sum of these."""

    terms: Mapping[str, int]
    total: int


class Asked(NamedTuple):
    """One requirement: the words a sentence must hold to speak to it, and its limit when it has one."""

    terms: dict[str, int]
    total: int
    wanted: Wanted | None
    must: bool


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A profile with what its words weigh under one snapshot of statistics, in the language that was chosen. It is itself
    alone, so that what is made of it can be kept beside it."""

    profile: Profile
    language: str
    words: Mapping[str, int]
    text: Weighted
    """Of a demand its heaviest terms: their weight times their damped count. Of an offer nothing."""
    pace: int
    """So many thousandths of a mention count half of all there could be."""
    heading: Weighted
    telling: Weighted
    asked: Sequence[Asked]
    sources: Mapping[str, str]
    """Where the words were put into another language: each term -> the listing's own one that it stands for."""
    meaning: Vector | None
    """Its direction in the space of the snapshot; None where that has none, or knows no word of it."""
    figures: Figures
    """Those its texts name."""
    facts: Facts
    """What the snapshot knows beside the listings."""
    _arrays: Numbered | None = None

    @property
    def arrays(self) -> Numbered:
        """Its terms in arrays, made when they are first met by those of many others."""
        if self._arrays is None:
            made = numbered(self.words, self.text.terms, self.heading.terms, self.telling.terms)
            object.__setattr__(self, "_arrays", made)
            return made
        return self._arrays


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A listing that is to be compared under these statistics, and, by language, what is known already to follow from it."""

    profile: Profile
    statistics: Statistics
    _known: Mapping[str, Prepared] = field(default_factory=dict)

    def prepared(self, language: str) -> Prepared:
        return self._known.get(language) or prepare(self.profile, self.statistics, language)


@lru_cache(maxsize=REMEMBERED)
def prepare(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """`worked_out`, remembered, because a listing is compared with hundreds of others."""
    return worked_out(profile, statistics, language)


def worked_out(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """What depends on one side only. A demand that does not speak the language is put into it."""
    if profile.kind == "demand" and not profile.speaks(language):
        return _carried(profile, statistics, language)
    weights, spoken = statistics.weights, profile.spoken(language)
    words, vector, telling = spoken.words, list[tuple[str, int]](), list[tuple[str, int]]()
    if profile.kind == "demand":
        weighed = {word: weights[word] * DAMPED[count] for word, count in words.items()}
        vector, telling = heaviest(weighed, WEIGHED), heaviest(weighed, TELLING)
    rows = zip(profile.requirements, profile.asked, strict=True)
    return Prepared(
        profile=profile,
        language=language,
        words=words,
        text=_weighted(vector),
        pace=_pace(length(words), statistics.usual_length),
        heading=_weighted((word, weights[word]) for word in spoken.heading),
        telling=_weighted(telling),
        asked=tuple(_asked(row, spoken, weights, profile.language) for row, spoken in rows),
        sources=OWN_WORDS,
        meaning=statistics.meaning.vector(words) if statistics.meaning else None,
        figures=figures(profile.sentences, language, weights),
        facts=statistics.facts,
    )


def _carried(profile: Profile, statistics: Statistics, language: str) -> Prepared:
    """A demand in the language of the offers it is compared with. What its words mean in the space learned from listings
    stays unknown: too much is lost on the way."""
    weights, own = statistics.weights, profile.language

    def into(words: Mapping[str, int]) -> Carried:
        return carried(
            {word: DAMPED[count] for word, count in words.items()}, statistics.terms, own, language
        )

    text, heading = into(profile.words), into(profile.heading)
    weighed = {term: weights[term] * count for term, count in text.counts.items()}
    vector = heaviest(weighed, WEIGHED)
    rows = zip(profile.requirements, profile.asked, strict=True)
    return Prepared(
        profile=profile,
        language=language,
        words=dict.fromkeys(sure(text), 1),
        text=_weighted(vector),
        pace=_pace(length(profile.words), statistics.usual_length),
        heading=_weighted((term, weights[term] * count // 100) for term, count in heading.counts.items()),
        telling=_weighted(heaviest(weighed, TELLING)),
        asked=tuple(
            _asked(row, meant(into(_phrases(words, profile.words))), weights, own) for row, words in rows
        ),
        sources=text.sources,
        meaning=None,
        figures=figures(profile.sentences, own, weights),
        facts=statistics.facts,
    )


def _phrases(words: Sequence[str], said: Mapping[str, int]) -> dict[str, int]:
    """The words of a requirement with the pairs they stand in: «sai số» is one term, and its syllables are others."""
    joined = (f"{one}_{other}" for one, other in permutations(words, 2))
    return dict.fromkeys([*words, *(pair for pair in joined if pair in said)], 1)


def _pace(words: int, usual: int) -> int:
    return HALF_SAID * words // usual


def heaviest(vector: Mapping[str, int], count: int) -> list[tuple[str, int]]:
    """The heaviest terms, at most `count`; equal ones by the alphabet, never by the order of a dictionary."""
    if len(vector) > count:
        least = sorted(vector.values())[-count]
        vector = {term: weight for term, weight in vector.items() if weight >= least}
    return sorted(vector.items(), key=_heaviest_first)[:count]


def _weighted(terms: Iterable[tuple[str, int]]) -> Weighted:
    weights = dict(terms)
    return Weighted(weights, sum(weights.values()))


def _asked(row: Requirement, words: Iterable[str], weights: Mapping[str, int], language: str) -> Asked:
    terms = {word: weights[word] for word in words}
    return Asked(terms, sum(terms.values()), limit(row, language), row.must)


def _heaviest_first(weighed: tuple[str, int]) -> tuple[int, str]:
    """By weight, then by the alphabet, so that equal weights never depend on the order of a dictionary."""
    return -weighed[1], weighed[0]
