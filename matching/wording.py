"""Terms turned back into the words people typed: «độ mặn» for `do_man`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from matching.meaning import Meaning
from matching.pair import Pair
from matching.prepared import Prepared
from matching.result import Said, Signal
from matching.statistics import Statistics
from matching.words import is_pair, placed
from vocabulary.detecting import detect_language

SHOWN = 6
"""More words are not read."""


def quoted(signal: Signal, pair: Pair, statistics: Statistics) -> Signal:
    """The signal with the words it rests on, as each side wrote them, where words are what it is about."""
    if signal.state == "unknown":
        return signal
    if signal.name == "telling":
        return _telling(signal, pair)
    return _linked(signal, pair, statistics.meaning) if signal.name == "meaning" else signal


def _telling(signal: Signal, pair: Pair) -> Signal:
    demand = pair.demand
    wanted, shared = _typed(demand.text.terms, demand, own(demand)), _beside(pair)
    return _saying(signal, ("said.telling_words", wanted), ("said.telling_shared", shared))


def own(prepared: Prepared) -> Prepared:
    """The listing as it is written itself, whatever language its words were put into."""
    return replace(prepared, language=prepared.profile.language) if prepared.sources else prepared


def _beside(pair: Pair) -> str:
    """The heaviest terms both use; where they speak two languages each in both, «độ mặn ↔ salinity»."""
    demand, offer = pair.demand, pair.offer
    if not demand.sources:
        return _typed(pair.shared, demand, offer)
    mine = own(demand)
    typed = [
        f"{meant} ↔ {said}" if (meant := as_typed(demand.sources.get(term, term), mine)) else said
        for term in _heaviest(pair.shared, demand)
        if (said := as_typed(term, offer))
    ]
    return ", ".join(dict.fromkeys(typed))


def _linked(signal: Signal, pair: Pair, meaning: Meaning | None) -> Signal:
    """What each side says in words of its own that lies nearest to the other side's matter."""
    demand, offer = pair.demand, pair.offer
    if meaning is None or demand.meaning is None or offer.meaning is None:
        return signal
    own = meaning.nearest(demand.words.keys() - offer.words.keys(), offer.meaning, SHOWN)
    others = meaning.nearest(offer.words.keys() - demand.words.keys(), demand.meaning, SHOWN)
    return _saying(
        signal, ("said.meaning_words", _written(own, demand)), ("said.meaning_words", _written(others, offer))
    )


def _saying(signal: Signal, demand: tuple[str, str], offer: tuple[str, str]) -> Signal:
    """With these words, (code, words) for each side; where there are none, as it was."""
    asked, offered = (Said(code, {"words": words}) if words else None for code, words in (demand, offer))
    return signal._replace(demand=asked or signal.demand, offer=offered or signal.offer)


def _written(among: Iterable[str], author: Prepared) -> str:
    """These terms as the author wrote them, a word that a phrase among them holds left out."""
    kept = list(among)
    covered = {word for term in kept if is_pair(term) for word in term.split("_")}
    typed = [found for term in kept if term not in covered and (found := as_typed(term, author))]
    return ", ".join(dict.fromkeys(typed))


def _typed(among: Iterable[str], asking: Prepared, author: Prepared) -> str:
    """The heaviest of these terms for the side that asks, as the author wrote them."""
    terms = (
        asking.sources.get(term, term) if author.profile is asking.profile else term
        for term in _heaviest(among, asking)
    )
    return ", ".join(dict.fromkeys(found for term in terms if (found := as_typed(term, author))))


def _heaviest(among: Iterable[str], prepared: Prepared) -> list[str]:
    """The terms that tell most, a pair before the words it is made of: «độ mặn» says more than «mặn»."""
    kept = [term for term in among if _worth_showing(term, prepared.text.terms)]
    best = sorted(
        kept, key=lambda term: (-_shown_weight(term, prepared.text.terms), not is_pair(term), term)
    )[: 2 * SHOWN]
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
