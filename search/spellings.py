"""A question in the spelling in which it was typed, which raises what is written so, and in all others: «kỹ thuật» and
«kĩ thuật» are asked as one word, and so find the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from search.analysis import spelling, word
from search.plan import Match, Term
from search.rarity import Rarity, rareness
from vocabulary.syllables import other_spelling
from vocabulary.unspaced import is_unspaced

ELEMENTS = frozenset(("Li", "Si", "Ti"))
"""Symbols written so are no syllables: «Ti» is not the «ty» of every «công ty»."""

FEW_WORDS = 4
"""Of n words, where n is less, each counts 4/n times where it is written as it was typed: «muối» alone has no other word
that tells it from «mười», which a listing may say twice. Measured in docs/matching.md."""

Others = Mapping[str, str]
"""Words and pairs as they are indexed -> the same in their other spelling."""


def otherwise_spelled(tokens: Iterable[str], words: Collection[str], pairs: Sequence[str]) -> Others:
    """Of words and pairs those that have another spelling; `tokens` are the words as they were written."""
    syllables = {found for token in tokens if token not in ELEMENTS and (found := word(token)) in words}
    others = {each: other for each in syllables if (other := other_spelling(each))}
    if not others:
        return {}
    spelled = {pair: "_".join(others.get(half, half) for half in pair.split("_")) for pair in pairs}
    return others | {pair: other for pair, other in spelled.items() if other != pair}


def in_all_spellings(terms: Sequence[str], others: Others) -> Counter[str]:
    """How often each term is said, in either spelling."""
    said = Counter(terms)
    return said + Counter({other: said[each] for each, other in others.items()})


def alike(rarity: Rarity, others: Others) -> Rarity:
    """As if two spellings were one word, as rare as the more frequent of them."""
    total, known = rarity
    evened = dict(known)
    for one, other in others.items():
        count = max(known.get(one, 0), known.get(other, 0))
        evened |= {each: count for each in (one, other) if each in known}
    return total, evened


def evened(match: Match, rarity: Rarity, others: Others) -> Match:
    """The match with both spellings weighing what they would as one word: engines find the rarer one heavier."""
    both = alike(rarity, others)

    def weighed(terms: Iterable[Term]) -> tuple[Term, ...]:
        return tuple(
            replace(term, weight=term.weight * rareness(term.text, both) / rareness(term.text, rarity))
            for term in terms
        )

    return replace(match, words=weighed(match.words), pairs=weighed(match.pairs))


def with_marks(tokens: Sequence[str]) -> dict[str, str]:
    """Words as the field `written` holds them -> as they are indexed, where any was typed with marks: one without them may
    then be meant so, «an» and not «ăn». Nothing where none was."""
    if all(token.isascii() for token in tokens):
        return {}
    words = (token for token in tokens if token.isalpha() and not is_unspaced(token))
    return {spelling(token): word(token) for token in words}


def as_typed(tokens: Sequence[str], match: Match, others: Others) -> tuple[Term, ...]:
    """The words with their marks that raise a listing of this match; `tokens` are those that somebody typed."""
    said = {term.text for term in match.words}
    weight = max(1.0, FEW_WORDS / len(tokens))
    marked = with_marks(tokens).items()
    return tuple(
        Term(text, weight) for text, found in marked if not said.isdisjoint((found, others.get(found, found)))
    )
