"""Which terms find a listing and which only raise it: said once, so that both engines score alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from search.fields import BODY, PAIRS, TEXTS, WRITTEN
from search.plan import Match, Term


@dataclass(frozen=True, slots=True)
class Scored:
    """A term looked for in one field of the index, and what its BM25 score is multiplied by."""

    field: str
    text: str
    boost: float


def finding(match: Match) -> tuple[Scored, ...]:
    """What finds a listing. A pair is left out where one of its two words finds all listings that hold it."""
    words = {term.text for term in match.words if term.telling}
    pairs = [term for term in match.pairs if term.telling and words.isdisjoint(halves(term.text))]
    found = [(BODY, term) for term in match.words if term.telling] + [(PAIRS, term) for term in pairs]
    return tuple(Scored(field.name, term.text, field.boost * term.weight) for field, term in found)


def raising(match: Match) -> tuple[Scored, ...]:
    """What raises a listing that was found."""
    found = {(scored.field, scored.text) for scored in finding(match)}
    return tuple(scored for scored in _all(match) if (scored.field, scored.text) not in found)


def halves(pair: str) -> tuple[str, str]:
    """The two words, or characters, that a pair is made of."""
    first, joint, second = pair.partition("_")
    return (first, second) if joint else (pair[:1], pair[1:])


def _all(match: Match) -> Iterator[Scored]:
    terms: list[tuple[Term, float, str]] = [
        (term, text.boost, text.name) for term in match.words for text in TEXTS
    ]
    terms += [(term, PAIRS.boost, PAIRS.name) for term in match.pairs]
    terms += [(term, WRITTEN.boost, WRITTEN.name) for term in match.as_typed]
    for term, boost, field in terms:
        yield Scored(field, term.text, boost * term.weight)
