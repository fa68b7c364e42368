"""How rare each term is on the exchange: a frozen snapshot, named by what it holds.

A score names the snapshot it used. The same snapshot gives the same score for ever, whatever is listed
meanwhile; that is why rarity never comes from the search index. All figures are integers, so that no two
machines differ.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from matching.profile import Profile
from matching.words import is_pair

LEAST = 2
"""A term of a single listing is left out: it is as rare as one never seen, and half of all terms are such."""


class Weights(dict[str, int]):
    """Term -> its weight in thousandths. A term the snapshot does not know is as rare as any can be."""

    def __init__(self, known: Mapping[str, int], unknown: int) -> None:
        super().__init__(known)
        self.unknown = unknown

    def __missing__(self, term: str) -> int:
        return _weight(term, self.unknown)


@dataclass(frozen=True, eq=False)
class Statistics:
    """`documents` listings were counted; `frequency` says in how many of them a term occurs. `version` is the
    beginning of the SHA-256 of both. `weights` is what each term counts for, kept ready for the scorer."""

    version: str
    documents: int
    frequency: Mapping[str, int]
    weights: Weights = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = {term: _weight(term, self.idf(term)) for term in self.frequency}
        object.__setattr__(self, "weights", Weights(known, _rarity(self.documents, 0)))

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statistics) and other.version == self.version

    def idf(self, term: str) -> int:
        """Inverse document frequency in thousandths: ln(1 + (N - n + ½) / (n + ½)), as BM25 has it (Robertson
        and Zaragoza 2009). Never negative."""
        return _rarity(self.documents, self.frequency.get(term, 0))


def _weight(term: str, idf: int) -> int:
    """A pair repeats what its two words have said already: half of its rarity was best on judged pairs, in
    English and in Vietnamese."""
    return idf // 2 if is_pair(term) else idf


def _rarity(documents: int, count: int) -> int:
    return round(1_000 * math.log(1 + (documents - count + 0.5) / (count + 0.5)))


def collect(profiles: Iterable[Profile]) -> Statistics:
    """Count the terms of these listings. The order in which they come changes nothing."""
    frequency: Counter[str] = Counter()
    documents = 0
    for profile in profiles:
        frequency.update(
            set(profile.words).union(*(wording.words for wording in profile.translations.values()))
        )
        documents += 1
    return _named(documents, {term: count for term, count in frequency.items() if count >= LEAST})


def to_bytes(statistics: Statistics) -> bytes:
    """Compressed canonical JSON: the same snapshot is the same bytes."""
    return gzip.compress(_canonical(statistics.documents, statistics.frequency), mtime=0)


def from_bytes(body: bytes) -> Statistics:
    """The inverse of `to_bytes`. Raises ValueError when the bytes hold no snapshot."""
    try:
        record = json.loads(gzip.decompress(body))
        return _named(record["documents"], record["frequency"])
    except (OSError, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError("not a snapshot of word statistics") from error


def _named(documents: int, frequency: Mapping[str, int]) -> Statistics:
    version = sha256(_canonical(documents, frequency)).hexdigest()[:12]
    return Statistics(version, documents, MappingProxyType(dict(frequency)))


def _canonical(documents: int, frequency: Mapping[str, int]) -> bytes:
    record = {"documents": documents, "frequency": dict(frequency)}
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


DEFAULT = _named(0, {})
"""Before anything was counted: every term is equally rare."""
