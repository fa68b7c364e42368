"""A demand's words put into the language of an offer that does not speak its own, by the snapshot's term table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vocabulary.bilingual import TermTable

MOST = 200
"""Hundredths: however many words of the demand stand for it, a term counts as said twice at most."""
OWN = 75
"""Hundredths. A word without a counterpart is often a name, which is the same in both languages. Half was worse
both ways between English and Vietnamese, the whole better one way and worse the other: docs/matching.md."""
MEANT = 15
"""Hundredths a term must stand for a word with, for the offer's use of it to be taken for that word."""


class Carried(NamedTuple):
    """`counts` are terms of the offer's language in hundredths of a mention, `sources` the heaviest of the demand's
    terms each of them stands for."""

    counts: dict[str, int]
    sources: dict[str, str]


def carried(counts: Mapping[str, int], table: TermTable, source: str, target: str) -> Carried:
    """The terms, given in hundredths of a mention, in the target language."""
    senses = table.translated(counts, source, target)
    known = {term for meant in senses.values() for term in meant}
    found = {term: OWN * count // 100 for term, count in counts.items() if term not in known}
    sources: dict[str, str] = {}
    for given, meant in senses.items():
        shares = {term: round(1_000 * weight) * counts[term] // 1_000 for term, weight in meant.items()}
        if together := min(MOST, sum(shares.values()) + found.get(given, 0)):
            found[given] = together
            sources[given] = max(shares, key=lambda term: (shares[term], term))
    return Carried(found, sources)


def sure(carried: Carried) -> Iterable[str]:
    """The terms whose use by the offer says that it speaks of the same; in the order of the demand's words."""
    return (term for term, count in carried.counts.items() if count >= MEANT)


def meant(carried: Carried) -> list[str]:
    """Of these only what was put into the other language; the words as they are where nothing could be."""
    put = [term for term in sure(carried) if term in carried.sources]
    return put or list(carried.counts)
