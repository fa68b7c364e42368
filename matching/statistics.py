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
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.facts import NOTHING_KNOWN, Facts
from matching.meaning import Meaning
from matching.profile import Profile
from matching.words import is_pair
from vocabulary.bilingual import EMPTY, TermTable

USUAL_LENGTH = 150
"""Words of a usual listing, where a snapshot does not say: an empty one, or one made before lengths were counted."""
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
    """`documents` listings were counted; `frequency` says in how many of them a term occurs, `length` how many words
    they have in the mean. `version` is the beginning of the SHA-256 of all. `weights` is what each term counts for,
    kept ready for the scorer; `meaning` the space learned from these listings, where they were enough. `terms` is the
    term table that leads to other languages, `encoder` the version of the sentence model whose directions profiles bring
    along, `facts` what is known beside the listings: the versions of all stand behind that of the snapshot, with hyphens
    between."""

    version: str
    documents: int
    frequency: Mapping[str, int]
    length: int = 0
    meaning: Meaning | None = None
    terms: TermTable = EMPTY
    encoder: str = ""
    facts: Facts = NOTHING_KNOWN
    weights: Weights = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = {term: _weight(term, self.idf(term)) for term in self.frequency}
        object.__setattr__(self, "weights", Weights(known, _rarity(self.documents, 0)))

    @property
    def usual_length(self) -> int:
        """Words of a usual listing."""
        return self.length or USUAL_LENGTH

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statistics) and other.version == self.version

    def idf(self, term: str) -> int:
        """Inverse document frequency in thousandths: ln(1 + (N - n + ½) / (n + ½)), as BM25 has it (Robertson
        and Zaragoza 2009). Never negative."""
        return _rarity(self.documents, self.frequency.get(term, 0))


def _weight(term: str, idf: int) -> int:
    """A pair repeats what its two words have said already: two fifths of its rarity was best on judged pairs, in
    English and in Vietnamese together."""
    return idf * 2 // 5 if is_pair(term) else idf


def _rarity(documents: int, count: int) -> int:
    return round(1_000 * math.log(1 + (documents - count + 0.5) / (count + 0.5)))


def collect(profiles: Iterable[Profile]) -> Statistics:
    """Count the terms of these listings. The order in which they come changes nothing."""
    frequency: Counter[str] = Counter()
    documents = words = 0
    for profile in profiles:
        frequency.update(
            set(profile.words).union(*(wording.words for wording in profile.translations.values()))
        )
        words += length(profile.words)
        documents += 1
    kept = {term: count for term, count in frequency.items() if count >= LEAST}
    return named(Statistics("", documents, MappingProxyType(kept), words // max(1, documents)))


def length(words: Mapping[str, int]) -> int:
    """How many single words a text has."""
    return sum([count for term, count in words.items() if "_" not in term])


def speaking(
    statistics: Statistics, table: TermTable, encoder: str = "", facts: Facts = NOTHING_KNOWN
) -> Statistics:
    """The snapshot with this term table, this sentence model and these facts; its version names all."""
    counted = statistics.version.partition("-")[0]
    version = f"{counted}-{table.version if table else ''}-{encoder}-{facts.version}".rstrip("-")
    return replace(statistics, terms=table, encoder=encoder, facts=facts, version=version)


def named(statistics: Statistics) -> Statistics:
    """The same, with the version that its content gives it."""
    return replace(statistics, version=sha256(_content(statistics)).hexdigest()[:12])


def to_bytes(statistics: Statistics) -> bytes:
    """Compressed: the same snapshot is the same bytes."""
    return gzip.compress(_content(statistics), mtime=0)


def from_bytes(body: bytes) -> Statistics:
    """The inverse of `to_bytes`. Raises ValueError when the bytes hold no snapshot."""
    try:
        head, _, rest = gzip.decompress(body).partition(b"\n")
        record = json.loads(head)
        meaning = _meaning(record["meaning"], rest) if "meaning" in record else None
        known = MappingProxyType(dict(record["frequency"]))
        return named(Statistics("", record["documents"], known, record.get("length", 0), meaning))
    except (OSError, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError("not a snapshot of word statistics") from error


def _content(statistics: Statistics) -> bytes:
    """Canonical JSON on one line; after it, where there is a meaning, its rows. A snapshot of an older make has fewer
    keys, and so keeps its bytes and its version."""
    record: dict[str, Any] = {"documents": statistics.documents, "frequency": dict(statistics.frequency)}
    if statistics.length:
        record["length"] = statistics.length
    rows = b""
    if meaning := statistics.meaning:
        record["meaning"] = {"terms": list(meaning.terms), "scales": meaning.scales.tolist()}
        rows = b"\n" + meaning.rows.tobytes()
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + rows


def _meaning(record: Mapping[str, Any], body: bytes) -> Meaning:
    rows = np.frombuffer(body, np.int8).reshape(len(record["terms"]), -1)
    return Meaning(tuple(record["terms"]), rows, np.array(record["scales"], np.int32))


DEFAULT = named(Statistics("", 0, MappingProxyType({})))
"""Before anything was counted: every term is equally rare."""
