"""Whether two records of different homes are one technology: a normal form, blocks to find pairs, a score with reasons.

Only a hard key links by itself: the same right's number and the same owner. One shared identifier alone is no proof, for
a licence holder may offer what its inventor offers too; everything else is a suggestion for people.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from math import sqrt
from zlib import crc32

from vocabulary.text import fold, pairs, plain, tokens

CANDIDATE = 0.5
"""Score from which a pair is worth a person's look."""
SKETCH = 4
"""Of the threes of words of a text the so many smallest by hash are blocks: a text and its near copy share one."""
SHINGLES = 4
"""Of a title's trigrams the so many smallest by hash are blocks: two titles that share most share one of them."""
POINTS = {"right": 0.5, "file": 0.4, "doi": 0.4, "title": 0.4, "owner": 0.2, "text": 0.3}
"""What each reason is worth at most; together at most 1."""
NEIGHBOUR = 0.75
"""Cosine of two texts' vectors below which they say nothing of being the same."""

# Folded, for they are looked up in folded names. Longer forms stand before those they contain.
_SUFFIXES = (
    "cong ty trach nhiem huu han mot thanh vien", "cong ty tnhh mot thanh vien", "cong ty tnhh mtv",
    "cong ty trach nhiem huu han", "cong ty tnhh", "cong ty co phan", "cong ty cp", "ctcp", "cong ty",
    "tap doan", "tnhh", "joint stock company", "jsc", "company limited", "co ltd", "limited", "ltd", "corporation",
    "corp", "incorporated", "inc", "gmbh", "llc",
)  # fmt: skip
_SUFFIX = re.compile(rf"\b(?:{'|'.join(_SUFFIXES)})\b")
_LOOKALIKES = str.maketrans("аеорсухіјѕһԁѵοαρνιυ", "aeopcyxijshdvoapviu")
"""Small Cyrillic and Greek letters that look like Latin ones, in the order of the second text."""
_LATIN = re.compile("[a-z]")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def normal_form(text: str) -> str:
    """For comparing: compatibility forms and case folded, without marks, punctuation and what cannot be seen; letters
    of other scripts inside a Latin word read as the Latin ones they look like."""
    words = tokens(fold(unicodedata.normalize("NFKC", plain(text))))
    read = " ".join(words)
    return read if read.isascii() else " ".join(one if one.isascii() else _as_read(one) for one in words)


def _as_read(word: str) -> str:
    return word.translate(_LOOKALIKES) if _LATIN.search(word) else word


def owner_form(name: str) -> str:
    """The normal form of an organisation's name without the words for its legal form."""
    form = normal_form(name)
    return " ".join(_SUFFIX.sub(" ", form).split()) or form


def right_form(kind: str, territory: str, number: str) -> str:
    """A right's number as registers tell them apart; empty when there is none to speak of."""
    digits = re.sub(r"[^0-9a-z]", "", normal_form(number))
    return f"{territory.lower()}:{kind}:{digits}" if sum(map(str.isdigit, digits)) >= 4 else ""


def dois(text: str) -> frozenset[str]:
    return frozenset(found.rstrip(".,;)").lower() for found in _DOI.findall(text))


def cosine(one: str, other: str) -> float:
    """Of two texts in their normal form, by their words and neighbouring words, from 0 to 1."""
    mine, theirs = _terms(one), _terms(other)
    common = sum(count * theirs[term] for term, count in mine.items())
    return common / sqrt(_length(mine) * _length(theirs)) if common else 0.0


def sketch(text: str) -> frozenset[str]:
    """A few numbers of a text in its normal form that a near copy has, too, whatever its title and owner."""
    words = text.encode().split()
    threes = zip(words, words[1:], words[2:], strict=False)
    return frozenset(_shortest(map(b" ".join, threes), SKETCH))


def _terms(text: str) -> Counter[str]:
    words = text.split()
    return Counter((*words, *pairs(words)))


def _length(terms: Counter[str]) -> int:
    return sum(count * count for count in terms.values())


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of one record. `owner` is a tax code where one is known, else `owner_form` of the name."""

    uid: str
    title: str
    owner: str = ""
    rights: frozenset[str] = frozenset()
    dois: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    """SHA-256 of what is attached."""
    sketch: frozenset[str] = frozenset()
    """Of the whole text, from `sketch`."""

    @property
    def home(self) -> str:
        return self.uid.partition(":")[0]

    @property
    def kind(self) -> str:
        return self.uid.split(":")[1]

    @property
    def trigrams(self) -> frozenset[str]:
        return trigrams(self.title)


@lru_cache(maxsize=4_096)
def trigrams(form: str) -> frozenset[str]:
    padded = f"  {form} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def blocks(one: Fingerprint) -> frozenset[str]:
    """Keys of which two records that may be one share at least one; records without a common key are not compared."""
    keys = {f"right:{number}" for number in one.rights}
    keys |= {f"text:{number}" for number in one.sketch}
    keys |= {f"doi:{doi}" for doi in one.dois} | {f"file:{digest}" for digest in one.files}
    if one.title:
        keys.add(f"title:{_short(one.title)}")
        if one.owner:
            shingles = _shortest(map(str.encode, one.trigrams), SHINGLES)
            keys |= {f"owner:{_short(one.owner)}:{shingle}" for shingle in shingles}
    return frozenset(f"{one.kind}:{key}" for key in keys)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _shortest(parts: Iterable[bytes], count: int) -> list[str]:
    """The smallest of their checksums: of two sets that share most, most likely the same. A checksum is quick, and two
    parts of one are no harm: a block only says who is compared."""
    return [f"{checksum:08x}" for checksum in nsmallest(count, set(map(crc32, parts)))]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records look the same: a name, its points, and what both say."""

    name: str
    points: float
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score of a pair, from 0 to 1, with its reasons. `hard`: may be linked without asking anybody."""

    score: float
    reasons: tuple[Reason, ...]
    hard: bool

    @property
    def candidate(self) -> bool:
        return self.hard or self.score >= CANDIDATE

    @property
    def open_to_text(self) -> bool:
        """Whether it would be one if the texts said the same."""
        return self.score + POINTS["text"] >= CANDIDATE


def likeness(one: Fingerprint, other: Fingerprint, *, cosine: float = 0.0) -> Likeness:
    """How alike two records of one kind and different homes are; `cosine` is that of their texts' vectors, if known."""
    if one.home == other.home or one.kind != other.kind:
        return Likeness(0.0, (), hard=False)
    reasons = [
        reason
        for reason in (
            _shared("right", one.rights, other.rights),
            _shared("file", one.files, other.files),
            _shared("doi", one.dois, other.dois),
            _owner(one, other),
            _title(one, other),
            _text(cosine),
        )
        if reason is not None
    ]
    names = {reason.name for reason in reasons}
    score = min(1.0, sum(reason.points for reason in reasons))
    return Likeness(round(score, 4), tuple(reasons), hard={"right", "owner"} <= names)


def _shared(name: str, mine: frozenset[str], theirs: frozenset[str]) -> Reason | None:
    both = sorted(mine & theirs)
    return Reason(name, POINTS[name], both[0], both[0]) if both else None


def _owner(one: Fingerprint, other: Fingerprint) -> Reason | None:
    if not one.owner or one.owner != other.owner:
        return None
    return Reason("owner", POINTS["owner"], one.owner, other.owner)


def _title(one: Fingerprint, other: Fingerprint) -> Reason | None:
    mine, theirs = one.trigrams, other.trigrams
    alike = len(mine & theirs) / len(mine | theirs)
    if alike < 0.5 or not one.title or not other.title:
        return None
    return Reason("title", round(POINTS["title"] * alike, 4), one.title, other.title)


def _text(cosine: float) -> Reason | None:
    if cosine < NEIGHBOUR:
        return None
    points = POINTS["text"] * (min(cosine, 1.0) - NEIGHBOUR) / (1 - NEIGHBOUR)
    return Reason("text", round(points, 4), f"{cosine:.2f}", f"{cosine:.2f}")
