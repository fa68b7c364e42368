"""The bytes of `matching.compiled` as a listing again: at once what every candidate is asked, its words and sentences when
somebody asks for them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.compiled import LENGTHS, PARTS
from matching.figures import Figure
from matching.late import LateMapping, LateSequence
from matching.limits import Wanted
from matching.meaning import Vector
from matching.numbered import Numbered, Row
from matching.prepared import OWN_WORDS, Asked, Prepared, Ready, Weighted
from matching.profile import Profile, Wording
from matching.statistics import Statistics
from vocabulary.listing import Price, Requirement, Right

_BYTE, _COUNT, _WEIGHT, _NUMBER, _STEP, _HASH = map(np.dtype, ("<u1", "<u2", "<i4", "<i8", "<i2", "<u4"))


def opened(
    body: bytes, statistics: Statistics, *, uid: str, rev: int, owner: str = "", embedding: bytes = b""
) -> Ready:
    """What `compiled` was given, under a snapshot of the same words; what it left out is given here."""
    head_length, arrays_length = LENGTHS.unpack_from(body)
    start = LENGTHS.size + head_length
    head, rows = json.loads(body[LENGTHS.size : start]), _Rows(body, start)
    texts = _Texts(body[start + arrays_length :])
    own, *others = spoken = [
        _Spoken(one, *rows.of_language(*one["lengths"]), texts) for one in head["spoken"]
    ]
    profile = Profile(
        uid=uid,
        rev=rev,
        title=head["title"],
        words=own.words,
        heading=own.heading,
        translations={one.language: Wording(one.words, one.heading) for one in others},
        sentences=LateSequence(head["sentences"], texts.sentences),
        places=LateMapping(head["places"], texts.places),
        asked=tuple([tuple(terms) for terms, *_ in own.head["asked"]]),
        owner=owner,
        prohibition=head["prohibition"],
        prohibition_ground=head["ground"],
        grants=tuple(head["grants"]),
        embedding=embedding,
        sketch=frozenset(rows.following(_HASH, head["sketch"]).tolist()),
        **{name: _STATED[name](value) for name, value in head["stated"].items()},
    )
    return Ready(profile, statistics, {one.language: one.prepared(profile, statistics) for one in spoken})


def _price(record: Mapping[str, Any]) -> Price:
    return Price(**record)


def _requirements(records: Sequence[Mapping[str, Any]]) -> tuple[Requirement, ...]:
    return tuple([Requirement(**one) for one in records])


def _rights(records: Sequence[Mapping[str, Any]]) -> tuple[Right, ...]:
    return tuple([Right(**one) for one in records])


def _as_it_is(value: Any) -> Any:
    return value


_STATED: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("kind", "language", "trl_min", "trl_max", "province", "needed_by", "anonymous"), _as_it_is
    ),
    **dict.fromkeys(("fields", "ipc", "industries", "strategic", "transfer_forms", "territory"), tuple),
    "requirements": _requirements,
    "rights": _rights,
    "price": _price,
}


class _Rows:
    """The arrays of a body, one behind the other."""

    def __init__(self, body: bytes, start: int) -> None:
        self._body = body
        self._place = start

    def following(self, kind: np.dtype[Any], count: int) -> NDArray[Any]:
        found = np.frombuffer(self._body, kind, count, self._place)
        self._place += found.nbytes
        return found

    def of_language(
        self, words: int, text: int, heading: int, telling: int, meaning: int
    ) -> tuple[Numbered, Vector | None]:
        numbers = self.following(_NUMBER, words)
        weights = [self.following(_WEIGHT, count) for count in (text, heading, telling)]
        counts = self.following(_COUNT, words)
        vector = self.following(_STEP, meaning) if meaning else None
        belongs = self.following(_BYTE, words)
        spread = [_spread(some, belongs, part) for some, part in zip(weights, PARTS, strict=True)]
        return Numbered(numbers, belongs, counts, *spread), vector


def _spread(weights: Row, belongs: Row, part: int) -> Row:
    """With a nought for every term that does not belong to this part."""
    row = np.zeros(len(belongs), np.int32)
    if len(weights):
        row[belongs & part > 0] = weights
    return row


class _Texts:
    """The compressed rest, read once for all who ask."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._read: list[Any] = []

    def _parts(self) -> list[Any]:
        if not self._read:
            self._read = json.loads(zlib.decompress(self._body))
        return self._read

    def terms(self, language: str) -> list[str]:
        found: list[str] = self._parts()[0][language][0].split()
        return found

    def heading(self, language: str) -> dict[str, int]:
        found: dict[str, int] = self._parts()[0][language][1]
        return found

    def sentences(self) -> list[str]:
        found: list[str] = self._parts()[1]
        return found

    def places(self) -> dict[str, Sequence[int]]:
        found: dict[str, Sequence[int]] = self._parts()[2]
        return found


class _Spoken(NamedTuple):
    """A listing in one of its languages."""

    head: Mapping[str, Any]
    arrays: Numbered
    meaning: Vector | None
    texts: _Texts

    @property
    def language(self) -> str:
        language: str = self.head["language"]
        return language

    @property
    def words(self) -> Mapping[str, int]:
        return LateMapping(len(self.arrays.numbers), self._words)

    @property
    def heading(self) -> Mapping[str, int]:
        return LateMapping(self.head["lengths"][2], partial(self.texts.heading, self.language))

    def prepared(self, profile: Profile, statistics: Statistics) -> Prepared:
        head, arrays = self.head, self.arrays
        parts = zip(
            PARTS,
            head["lengths"][1:4],
            head["totals"],
            (arrays.text, arrays.heading, arrays.telling),
            strict=True,
        )
        text, heading, telling = (
            Weighted(LateMapping(count, partial(self._weights, part, row)), total)
            for part, count, total, row in parts
        )
        return Prepared(
            profile=profile,
            language=self.language,
            words=profile.spoken(self.language).words,
            text=text,
            pace=head["pace"],
            heading=heading,
            telling=telling,
            asked=LateSequence(len(head["asked"]), self._asked),
            sources=OWN_WORDS,
            meaning=self.meaning,
            figures=LateMapping(len(head["figures"]), self._figures),
            facts=statistics.facts,
            _arrays=arrays,
        )

    def _words(self) -> dict[str, int]:
        return dict(zip(self.texts.terms(self.language), self.arrays.counts.tolist(), strict=True))

    def _weights(self, part: int, row: Row) -> dict[str, int]:
        terms = zip(self.texts.terms(self.language), self.arrays.belongs.tolist(), row.tolist(), strict=True)
        return {term: weight for term, belongs, weight in terms if belongs & part}

    def _asked(self) -> list[Asked]:
        return [
            Asked(
                terms, total, limit and Wanted(limit[0], Decimal(limit[1]), Decimal(limit[2]), limit[3]), must
            )
            for terms, total, limit, must in self.head["asked"]
        ]

    def _figures(self) -> dict[str, tuple[Figure, ...]]:
        return {
            dimension: tuple(
                [Figure(low, high, bound, frozenset(about), typed) for low, high, bound, about, typed in same]
            )
            for dimension, same in self.head["figures"].items()
        }
