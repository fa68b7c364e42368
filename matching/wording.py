"""Terms turned back into the words people typed: «độ mặn» for `do_man`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from matching.pair import Pair
from matching.prepared import Prepared
from matching.result import Said, Signal
from matching.words import is_pair, placed
from vocabulary.text import detect_language

SHOWN = 6
"""More words are not read."""


def quoted(signal: Signal, pair: Pair) -> Signal:
    """The signal of telling words with such words themselves, as each side wrote them; any other as it is."""
    if signal.name != "telling" or signal.state == "unknown":
        return signal
    demand, offer = pair.demand, pair.offer
    wanted, shared = _typed(demand.vector, demand, demand), _typed(pair.shared, demand, offer)
    return replace(
        signal,
        demand=Said("said.telling_words", {"words": wanted}) if wanted else signal.demand,
        offer=Said("said.telling_shared", {"words": shared}) if shared else signal.offer,
    )


def _typed(among: Iterable[str], asking: Prepared, author: Prepared) -> str:
    """The heaviest of these terms for the side that asks, as the author wrote them."""
    typed = [found for term in _heaviest(among, asking) if (found := as_typed(term, author))]
    return ", ".join(dict.fromkeys(typed))


def _heaviest(among: Iterable[str], prepared: Prepared) -> list[str]:
    """The terms that tell most, a pair before the words it is made of: «độ mặn» says more than «mặn»."""
    kept = [term for term in among if _worth_showing(term, prepared.vector)]
    best = sorted(kept, key=lambda term: (-_shown_weight(term, prepared.vector), not is_pair(term), term))[
        : 2 * SHOWN
    ]
    covered = {word for term in best if is_pair(term) for word in term.split("_")}
    return [term for term in best if term not in covered][:SHOWN]


def _worth_showing(term: str, vector: Mapping[str, int]) -> bool:
    """No bare numbers, and no pair with a word so light that it was not even weighed: «cống và»."""
    return not term.isdigit() and all(word in vector for word in term.split("_"))


def _shown_weight(term: str, vector: Mapping[str, int]) -> int:
    """A pair counts fully here, though it counts half in the score."""
    return vector[term] * (2 if is_pair(term) else 1)


def as_typed(term: str, prepared: Prepared) -> str:
    """The term as it stands in the text that was compared; empty when only a row holds it."""
    profile, language = prepared.profile, prepared.language
    parts = term.split("_")
    for number in profile.places.get(parts[0], ()):
        sentence = profile.sentences[number]
        if detect_language(sentence) in ("", language):
            found = placed(sentence, language)
            for at in range(len(found) - len(parts) + 1):
                if [word for word, _, _ in found[at : at + len(parts)]] == parts:
                    return sentence[found[at][1] : found[at + len(parts) - 1][2]]
    return ""
