"""Terms turned back into the words people typed: «độ mặn» for `do_man`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from matching.pair import Pair
from matching.profile import Profile
from matching.result import Said, Signal
from matching.words import words

SHOWN = 6
"""More words are not read."""

_WORD = re.compile(r"[^\W_]+")


def quoted(signal: Signal, pair: Pair) -> Signal:
    """The signal of telling words with these words themselves, as each side wrote them; any other as it
    is."""
    if signal.name != "telling" or signal.state == "unknown":
        return signal
    shared = list(_first([term for term, _ in pair.demand.telling.terms if term in pair.shared]))
    return replace(
        signal,
        demand=_said(
            "said.telling_words", [term for term, _ in pair.demand.telling.terms], pair.demand.profile
        ),
        offer=_said("said.telling_shared", shared, pair.offer.profile)
        if shared
        else Said("said.telling_none"),
    )


def _said(code: str, listed: Iterable[str], profile: Profile) -> Said:
    typed = [found for term in _first(listed) if (found := as_typed(term, profile))]
    return Said(code, {"words": ", ".join(dict.fromkeys(typed))})


def _first(listed: Iterable[str]) -> Iterator[str]:
    """The first terms of the list, pairs before the single words they hold."""
    ordered = sorted(listed, key=lambda term: "_" not in term)
    covered: set[str] = set()
    for term in ordered[:]:
        parts = set(term.split("_"))
        if parts <= covered:
            ordered.remove(term)
        covered |= parts
    yield from ordered[:SHOWN]


def as_typed(term: str, profile: Profile) -> str:
    """The term as it stands in the listing's text, in small letters as they are; empty when only a row holds
    it."""
    parts = term.split("_")
    for number in profile.places.get(parts[0], ()):
        sentence = profile.sentences[number]
        written = list(_written(sentence, profile.language))
        for at in range(len(written) - len(parts) + 1):
            if [word for word, _ in written[at : at + len(parts)]] == parts:
                return sentence[written[at][1][0] : written[at + len(parts) - 1][1][1]]
    return ""


def _written(sentence: str, language: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each word of the sentence as a term, with its place."""
    for found in _WORD.finditer(sentence):
        for word in words(found[0], language):
            yield word, found.span()
