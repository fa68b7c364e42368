"""Terms turned back into the words people typed: «độ mặn» for `do_man`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from matching.pair import Pair
from matching.prepared import Prepared
from matching.profile import Profile
from matching.result import Said, Signal
from matching.words import is_pair, words

SHOWN = 6
"""More words are not read."""

_WORD = re.compile(r"[^\W_]+")


def quoted(signal: Signal, pair: Pair) -> Signal:
    """The signal of telling words with such words themselves, as each side wrote them; any other as it is."""
    if signal.name != "telling" or signal.state == "unknown":
        return signal
    demand, offer = pair.demand, pair.offer
    wanted, shared = _heaviest(demand.vector, demand), _heaviest(pair.shared, demand)
    return replace(
        signal,
        demand=_said("said.telling_words", wanted, demand.profile),
        offer=_said("said.telling_shared", shared, offer.profile) if shared else Said("said.telling_none"),
    )


def _said(code: str, listed: Iterable[str], profile: Profile) -> Said:
    typed = [found for term in listed if (found := as_typed(term, profile))]
    return Said(code, {"words": ", ".join(dict.fromkeys(typed))})


def _heaviest(among: Iterable[str], prepared: Prepared) -> list[str]:
    """The terms that tell most, a pair before the words it is made of: «độ mặn» says more than «mặn»."""
    best = sorted(among, key=lambda term: (-_shown_weight(term, prepared.vector), not is_pair(term), term))
    shown = [term for term in best if not term.isdigit()][: 2 * SHOWN]
    covered = {word for term in shown if is_pair(term) for word in term.split("_")}
    return [term for term in shown if term not in covered][:SHOWN]


def _shown_weight(term: str, vector: Mapping[str, int]) -> int:
    """A pair counts fully here, though it counts half in the score."""
    return vector[term] * (2 if is_pair(term) else 1)


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
