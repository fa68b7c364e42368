"""A listing with all that follows from it under one snapshot of word statistics, as bytes: so that whoever compares it with
hundreds of others reads it instead of building it anew.

First stand two lengths, then what ranking reads of every candidate: a head in JSON, and arrays. What is read of some only,
their words and sentences, comes last and compressed.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matching.building import STATED
from matching.likeness import sketch
from matching.model import MODEL_VERSION
from matching.numbered import IN_HEADING, IN_TELLING, IN_TEXT
from matching.prepared import Asked, Prepared, worked_out
from matching.profile import Profile
from matching.statistics import Statistics
from vocabulary.listing import Content, as_record

TAKEN = ("kind", "language", *STATED)
FORM = 2
"""Counted up whenever the same listing makes other bytes, or the same bytes are to be read otherwise."""
LENGTHS = struct.Struct("<2I")
QUICKLY = 1
"""Level of compression: the usual one takes four times as long and saves a tenth."""
PARTS = (IN_TEXT, IN_HEADING, IN_TELLING)
"""Of which of its terms a listing has weights."""

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def version(statistics: Statistics) -> str:
    """What compiled listings rest on beside themselves: the rules, the form, and the snapshot of words alone."""
    return f"{MODEL_VERSION}/{FORM}-{statistics.version.partition('-')[0]}"


def compiled(profile: Profile, statistics: Statistics) -> bytes:
    """The same listing gives the same bytes. Whose it is, and what a sentence model makes of it, is left out."""
    spoken = [worked_out(profile, statistics, name) for name in (profile.language, *profile.translations)]
    sketched = np.array(sorted(sketch(profile)), "<u4")
    content = Content(profile.kind, profile.language, **{name: getattr(profile, name) for name in STATED})
    head = {
        "stated": {name: value for name, value in as_record(content).items() if name in TAKEN},
        "title": profile.title,
        "prohibition": profile.prohibition,
        "ground": profile.prohibition_ground,
        "grants": [dict(grant) for grant in profile.grants],
        "sentences": len(profile.sentences),
        "places": len(profile.places),
        "sketch": len(sketched),
        "spoken": [_head(one) for one in spoken],
    }
    first = _written(head).encode()
    # The arrays begin where eight bytes do, or each would be copied when it is read.
    first = first.ljust(-(-len(first) // 8) * 8)
    last = zlib.compress(_written(_said(profile, spoken)).encode(), QUICKLY)
    arrays = b"".join(
        [one.tobytes() for one in (*(row for each in spoken for row in _arrays(each)), sketched)]
    )
    return b"".join((LENGTHS.pack(len(first), len(arrays)), first, arrays, last))


def _head(prepared: Prepared) -> dict[str, object]:
    """Of one of its languages: what is no array, and how long the arrays are."""
    meaning = prepared.meaning
    return {
        "language": prepared.language,
        "pace": prepared.pace,
        "totals": [prepared.text.total, prepared.heading.total, prepared.telling.total],
        "lengths": [
            len(prepared.words), len(prepared.text.terms), len(prepared.heading.terms), len(prepared.telling.terms),
            0 if meaning is None else len(meaning),
        ],
        "asked": [_asked(one) for one in prepared.asked],
        "figures": {
            dimension: [[*figure[:3], sorted(figure.about), figure.typed] for figure in same]
            for dimension, same in prepared.figures.items()
        },
    }  # fmt: skip


def _asked(asked: Asked) -> list[object]:
    limit = asked.wanted and (
        asked.wanted.operator,
        str(asked.wanted.low),
        str(asked.wanted.high),
        asked.wanted.dimension,
    )
    return [asked.terms, asked.total, limit, asked.must]


def _arrays(prepared: Prepared) -> Iterator[NDArray[np.generic]]:
    """Those of `Numbered`, the weights without their noughts; then the meaning."""
    arrays = prepared.arrays
    yield arrays.numbers.astype("<i8")
    for part, weights in zip(PARTS, (arrays.text, arrays.heading, arrays.telling), strict=True):
        yield weights[arrays.belongs & part > 0].astype("<i4")
    yield arrays.counts.astype("<u2")
    if prepared.meaning is not None:
        yield prepared.meaning.astype("<i2")
    yield arrays.belongs.astype("<u1")


def _said(profile: Profile, spoken: list[Prepared]) -> list[object]:
    wordings = [profile.spoken(one.language) for one in spoken]
    words = {
        one.language: [" ".join(one.words), dict(wording.heading)]
        for one, wording in zip(spoken, wordings, strict=True)
    }
    return [words, profile.sentences, dict(sorted(profile.places.items()))]
