"""Terms of one language beside terms of another, so that a demand finds an offer which is written in the other one.

An entry holds two terms as people write them: «độ mặn» and «salinity». Compared are their forms, which search and
matching share: words folded, English ones cut to their stem, and neighbours joined, as in `do_man`. A term of more
than two words is met where all pairs of its neighbours are.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Literal

from vocabulary.stemming import stem
from vocabulary.syllables import one_spelling
from vocabulary.text import fold, nfc, tokens

Origin = Literal["learned", "list", "librarian"]
ORIGINS: tuple[Origin, ...] = ("learned", "list", "librarian")
"""Learned from parallel texts; taken from code lists and titles of the exchange; entered by a person. Of the same two
terms the later one of this list decides."""

FULL = 1_000
"""Weights are thousandths, so that a table has the same version on every machine."""
LONGEST = 80
"""Characters of a term."""
WORD_OF_PHRASE = 0.3
"""What one word of a phrase counts beside the phrase itself: «máy» of «máy sấy» is still something, but not much."""
SURE = 300
"""Thousandths from which on what was learned is good for finding a listing, and not only for raising one: below it a term
was mostly bound to whatever happened to stand beside it."""
SMALL_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
"""English words that stand inside terms («internet of things») and are neither indexed as pairs nor compared."""


Form = tuple[str, ...]
"""A language and the parts of a term in it."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Two terms that mean the same, in thousandths. A weight of 0 says that they do not, whatever was learned."""

    languages: tuple[str, str]
    terms: tuple[str, str]
    weight: int = FULL
    origin: Origin = "librarian"

    def turned(self) -> Entry:
        """The same the other way round."""
        return Entry(self.languages[::-1], self.terms[::-1], self.weight, self.origin)

    @property
    def key(self) -> tuple[Form, Form]:
        """What makes two entries say something about the same: the languages, and the forms of both terms."""
        one, other = sorted(zip(self.languages, self.terms, strict=True))
        return _form(*one), _form(*other)


@dataclass(frozen=True, slots=True)
class Sense:
    """What a term means in the other language: the terms that stand for it there, each with its share."""

    needs: tuple[str, ...]
    """All of these must be said for it."""
    gives: tuple[tuple[str, float], ...]
    whole: tuple[str, ...]
    """Those of them that make up the term: the words of a phrase are none of it by themselves."""
    entry: Entry


@lru_cache(maxsize=16_384)
def form(term: str, language: str) -> tuple[str, ...]:
    """The parts of a term that must all be there: one word, or every pair of neighbours. Remembered, for each table made of
    another asks again for those of all its terms."""
    parts: list[str] = []
    for run in _runs(tokens(nfc(term)), language):
        words = [stem(fold(each)) if language == "en" else fold(each) for each in run]
        parts.extend(f"{one}_{other}" for one, other in pairwise(words))
        parts.extend(words if len(words) == 1 else ())
    return tuple(dict.fromkeys(parts))


def written(term: str) -> tuple[str, ...]:
    """Its words, small and with their marks."""
    return tuple(tokens(nfc(term).lower()))


def spelled(term: str) -> frozenset[str]:
    """Its words with their marks, each in its one spelling."""
    return frozenset(map(one_spelling, written(term)))


def _form(language: str, term: str) -> Form:
    return (language, *form(term, language))


def _runs(found: Iterable[str], language: str) -> Iterator[list[str]]:
    """The words between small ones."""
    run: list[str] = []
    for token in found:
        if language == "en" and token.lower() in SMALL_WORDS:
            if run:
                yield run
            run = []
        else:
            run.append(token)
    if run:
        yield run


@dataclass(frozen=True, eq=False)
class TermTable:
    """Entries with a version: the beginning of the SHA-256 of all of them. Equal entries are one table, in any order."""

    entries: tuple[Entry, ...] = ()
    version: str = field(init=False)

    def __post_init__(self) -> None:
        entries = tuple(sorted(set(_decided(self.entries))))
        object.__setattr__(self, "entries", entries)
        written = "\n".join(f"{e.languages}{e.terms}{e.weight}{e.origin}" for e in entries)
        object.__setattr__(self, "version", sha256(written.encode()).hexdigest()[:12] if entries else "")

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TermTable) and other.version == self.version

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({source for source, _ in self._senses}))

    def partners(self, language: str) -> tuple[str, ...]:
        """The languages this one can be turned into."""
        return tuple(sorted(target for source, target in self._senses if source == language))

    def translated(self, terms: Collection[str], source: str, target: str) -> dict[str, dict[str, float]]:
        """Term of the target language -> the given terms it stands for, each with its weight, up to 1."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for term, sense in self._met(terms, source, target):
            for given, weight in sense.gives:
                found[given][term] = max(weight, found[given].get(term, 0.0))
        return found

    def surely(
        self, terms: Mapping[str, float], source: str, target: str, *, said: Set[str] = frozenset()
    ) -> list[Sense]:
        """The senses in which a text surely means something in the target language.

        What was learned of a term is not sure where a list or a librarian has a word of either side, nor is a word that is
        said only within longer sure terms: «nước» of «nước thải» is no water. `terms` are those of a text, each with how
        often it is said; `said` are the words as they were written, with their marks and in their one spelling, where marks
        were typed: then «cân» is weighing, and not need.
        """
        met = [
            (term, sense)
            for term, sense in self._met(terms, source, target)
            if self._is_sure(sense.entry) and (not said or said >= spelled(sense.entry.terms[0]))
        ]
        within: dict[str, float] = defaultdict(float)
        for pair in {part for _, sense in met for part in sense.needs if "_" in part}:
            for half in pair.split("_"):
                within[half] += terms[pair]
        return [sense for term, sense in met if terms[term] > within.get(term, 0.0)]

    def _is_sure(self, entry: Entry) -> bool:
        if entry.origin != "learned":
            return True
        return entry.weight >= SURE and self._said.isdisjoint(entry.key)

    @cached_property
    def _said(self) -> frozenset[Form]:
        """The forms of which a list or a librarian says what they mean."""
        return frozenset(each for one in self.entries if one.origin != "learned" for each in one.key)

    def _met(self, terms: Collection[str], source: str, target: str) -> Iterator[tuple[str, Sense]]:
        """Term -> a sense that begins with it and of which all is said."""
        senses = self._senses.get((source, target), {})
        for term in terms:
            for sense in senses.get(term, ()):
                if all(part in terms for part in sense.needs):
                    yield term, sense

    def known(self, terms: Collection[str], source: str) -> int:
        """How many of the terms it can turn into some other language: tells which language a text may be in."""
        return sum(
            any(term in self._senses[source, target] for target in self.partners(source)) for term in terms
        )

    def entry(self, term: str, given: str, source: str, target: str) -> Entry | None:
        """The entry by which a term stands for one of the other language, the heaviest of several."""
        senses = self._senses.get((source, target), {}).get(term, ())
        fitting = [sense.entry for sense in senses if given in dict(sense.gives)]
        return max(fitting, key=lambda entry: (entry.weight, entry.terms), default=None)

    @cached_property
    def _senses(self) -> Mapping[tuple[str, str], Mapping[str, tuple[Sense, ...]]]:
        """(source, target) -> first part of a term -> its senses."""
        found: dict[tuple[str, str], dict[str, list[Sense]]] = defaultdict(lambda: defaultdict(list))
        for entry in self.entries:
            for each in (entry, entry.turned()):
                if each.weight and (sense := _sense(each)):
                    found[each.languages[0], each.languages[1]][sense.needs[0]].append(sense)
        return {way: {term: tuple(senses) for term, senses in by.items()} for way, by in found.items()}


def _sense(entry: Entry) -> Sense | None:
    """The entry read from its first term to its second."""
    needs = form(entry.terms[0], entry.languages[0])
    parts = form(entry.terms[1], entry.languages[1])
    if not needs or not parts:
        return None
    share = entry.weight / FULL / len(parts)
    gives = dict.fromkeys(parts, share)
    for part in parts:
        for word in part.split("_") if "_" in part and entry.origin != "learned" else ():
            gives[word] = max(gives.get(word, 0.0), WORD_OF_PHRASE * share)
    return Sense(needs, tuple(gives.items()), parts, entry)


def _decided(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Of entries about the same two terms the one of the weightiest origin; of such the heaviest."""
    best: dict[object, Entry] = {}
    for entry in entries:
        key = entry.key
        before = best.get(key)
        if before is None or _rank(entry) > _rank(before):
            best[key] = entry
    return iter(best.values())


def _rank(entry: Entry) -> tuple[int, int, Entry]:
    return ORIGINS.index(entry.origin), entry.weight, entry


def merged(*tables: TermTable) -> TermTable:
    """One table of several, in which a person's word stands above a list's, and a list's above what was learned."""
    return TermTable(tuple(entry for table in tables for entry in table.entries))


def above(upper: TermTable, lower: TermTable) -> TermTable:
    """The upper table with what the lower one adds. Of a term that the upper knows nothing is kept that was learned for
    the lower: two sets of texts mixed are worse than the greater one alone."""
    known = {form for entry in upper.entries for form in entry.key}
    kept = (one for one in lower.entries if one.origin != "learned" or known.isdisjoint(one.key))
    return merged(TermTable(tuple(kept)), upper)


EMPTY = TermTable()


def to_bytes(table: TermTable) -> bytes:
    """Compressed: the same table is the same bytes."""
    rows = [[*e.languages, *e.terms, e.weight, e.origin] for e in table.entries]
    return gzip.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def from_bytes(body: bytes) -> TermTable:
    """The inverse of `to_bytes`."""
    rows = json.loads(gzip.decompress(body))
    return TermTable(
        tuple(Entry((a, b), (one, other), weight, origin) for a, b, one, other, weight, origin in rows)
    )
