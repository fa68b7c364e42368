"""A generated corpus, and questions of it: the same for every engine, and long enough that ranking has something to do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from search.document import Document
from search.query import Query
from tests.contract.engines import NOW

INITIALS = [
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "h",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "t",
    "th",
    "tr",
    "v",
    "x",
]
RHYMES = ["a", "an", "ang", "anh", "ao", "ây", "em", "iên", "in", "iu", "o", "ôi", "ong", "u", "ưa", "ươc"]
SYLLABLES = [initial + rhyme for initial in INITIALS for rhyme in RHYMES]
ENGLISH = [
    "drying",
    "drier",
    "sensors",
    "sensing",
    "harvested",
    "harvest",
    "pumps",
    "recycled",
    "solar",
    "cooling",
]
VOCABULARY = [*SYLLABLES, *ENGLISH]
WEIGHTS = [1 / place for place in range(1, len(VOCABULARY) + 1)]
"""Words as frequent as those of a language: the n-th a 1/n of the first (Zipf)."""


def words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(VOCABULARY, weights=WEIGHTS, k=count))


def corpus(count: int) -> Iterator[Document]:
    chance = random.Random(20261124)
    for n in range(count):
        yield Document(
            uid=f"test:offer:{n:04}",
            version=n + 1,
            kind=chance.choice(("offer", "demand")),
            title=words(chance, chance.randint(4, 14)),
            summary=words(chance, chance.randint(0, 40)),
            description=words(chance, chance.randint(20, 250)),
            languages=chance.choice((("vi",), ("en",), ("vi", "en"))),
            fields=tuple(chance.sample(("1", "1.1", "2", "2.3", "4", "4.1"), 2)),
            trl_min=chance.choice((None, 3, 5)),
            trl_max=chance.choice((6, 9)),
            transfer_forms=tuple(chance.sample(("licence", "assignment", "equipment"), 2)),
            rights=chance.choice(((), ("patent", "patent:granted"))),
            province=chance.choice(("01", "79", "92")),
            price_min=chance.choice((None, 50_000_000, 700_000_000)),
            price_max=chance.choice((800_000_000, 9_000_000_000)),
            origin=chance.choice(("can-tho", "ha-noi")),
            updated_at=NOW - timedelta(days=n % 500),
        )


def questions(count: int, **asked: object) -> Iterator[Query]:
    """Typed questions of two to six words, and now and then a whole text."""
    chance = random.Random(7)
    for n in range(count):
        length = 120 if n % 10 == 9 else chance.randint(2, 6)
        yield Query(text=words(chance, length), size=10, now=NOW, **asked)  # type: ignore[arg-type]
