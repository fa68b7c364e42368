"""What somebody asks, read as words, pairs and phrases, and brought down to what tells listings apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, sqrt
from typing import Protocol

from search.analysis import analysed, spelling, word
from search.fields import PAIRS
from search.plan import Match, Term
from search.query import Translation
from search.rarity import Rarity, rareness
from search.spellings import alike, as_typed, evened, in_all_spellings, otherwise_spelled, with_marks
from vocabulary.text import clean
from vocabulary.unspaced import is_unspaced

LONGEST_TEXT = 10_000
"""Characters that are read of a question."""
MOST_TERMS = 64
"""Of a longer text only the heaviest words are asked for, and as many pairs. See docs/matching.md."""
COMMON_SHARE, COMMON_COUNT = 0.2, 50
"""A term is telling when it stands in at most a fifth of the listings, or in fewer than fifty. Without this rule half
the exchange answers to «máy sấy lúa», for nearly everything is a «máy»."""
LISTING_SHARE = 0.5
"""The same share where a listing asks with its own words. Nobody counts what it finds, only the best are taken; with a
fifth, a ninth of short demands never met the offer in another language that fits them: docs/matching.md."""
ELSEWHERE = 0.8
"""What a question that somebody typed counts in another language at most, of what it counts as typed: our estimate."""
CHARACTER = 0.25
"""What a single character counts of a script without spaces, beside its pairs: in Thai it is a letter, not a word."""
MOST_TYPED = 32
"""Words. Longer texts were not typed into a search box: quotation marks in them quote, and ask for nothing."""

_PHRASE = re.compile(r'"([^"]+)"|“([^“”]+)”|«([^«»]+)»|„([^„“]+)“')
_TELLING = (
    "and are as by does for from had has have how into is its of our their these those was were what where "
)
_TELLING += "which while who whom whose will with would your"
_OTHERS = (
    "a about an any at be been but can could did do i if in it may might must no not on or shall should so "
)
_OTHERS += "such than that the them then there they this to we when why you"

ENGLISH = frozenset(_TELLING.split())
"""English words that are in nearly every sentence and cannot be spelled like a Vietnamese syllable without marks."""
STOP_WORDS = frozenset(word(each) for each in (*_TELLING.split(), *_OTHERS.split()))
"""English words, as they are indexed, that are said and never looked for. Many are Vietnamese syllables too («an
toàn», «the», «do»), so they are left out of English questions only."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text as terms, in order; repeated words are repeated."""

    tokens: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    exact: tuple[str, ...] = ()
    """Words of phrases that were typed with marks, in their one spelling."""
    blank: bool = False
    """Whether nothing was asked at all; «!?» asks something, though no listing can answer it."""
    typed: bool = True
    """Whether a person typed it; else it is a listing's text."""


class Frequencies(Protocol):
    """How many listings hold each term."""

    def __call__(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """The number of listings, and of each term that is in the index the number of those that hold it."""


def read(text: str, *, typed: bool = True) -> Question:
    """Phrases are read only of a text that somebody typed to search. Never fails: an unclosed quotation mark is a mark like
    any other, and without any word the question is empty."""
    text = clean(text[:LONGEST_TEXT])
    terms = analysed(text)
    words, pairs = tuple(terms.words), tuple(terms.pairs)
    if is_english(terms.tokens):
        words = tuple(each for each in words if each not in STOP_WORDS) or words
        pairs = tuple(pair for pair in pairs if STOP_WORDS.isdisjoint(pair.split("_"))) or pairs
    quoted = _PHRASE.finditer(text) if typed and len(terms.words) <= MOST_TYPED else ()
    phrases = [analysed(next(filter(None, match.groups()))) for match in quoted]
    return Question(
        tokens=tuple(terms.tokens),
        words=words,
        pairs=pairs,
        phrases=tuple(tuple(phrase.words) for phrase in phrases if phrase.words),
        exact=tuple(spelled for phrase in phrases for spelled in with_marks(phrase.tokens)),
        blank=not text,
        typed=typed,
    )


def is_english(tokens: Sequence[str]) -> bool:
    """Whether a text says so by its small words; one with marked letters is taken for something else."""
    return not ENGLISH.isdisjoint(token.lower() for token in tokens) and all(
        token.isascii() for token in tokens
    )


def weighed(question: Question, frequencies: Frequencies, translations: Sequence[Translation] = ()) -> Match:
    """The match that is asked for: terms that are in the index, those said more often counting somewhat more."""
    if not question.words:
        return Match()
    others = otherwise_spelled(question.tokens, question.words, question.pairs)
    words, pairs = (in_all_spellings(terms, others) for terms in (question.words, question.pairs))
    given = {term for translation in translations for term in translation.terms}
    rarity = frequencies(
        tuple({*words, *(term for term in given if "_" not in term)}),
        tuple({*pairs, *(term for term in given if "_" in term)}),
    )
    share = COMMON_SHARE if question.typed else LISTING_SHARE
    match, telling = _told(words, pairs, alike(rarity, others), share, _repeated)
    if others:
        match = evened(match, rarity, others)
    if question.typed:
        match = replace(match, as_typed=as_typed(question.tokens, match, others))
    elsewhere = [
        (each.language, found)
        for each in translations
        if (found := _elsewhere(each, rarity, share, each.sure if question.typed else None))
    ]
    vague = not telling and not elsewhere
    if question.typed:
        own = _expected(_terms(words, words, _repeated), _terms(pairs, pairs, _repeated), rarity)
        elsewhere = [(language, _no_louder(found, own, rarity)) for language, found in elsewhere]
    return replace(
        match, phrases=question.phrases, exact=question.exact, vague=vague, translations=tuple(elsewhere)
    )


def _expected(words: Iterable[Term], pairs: Iterable[Term], rarity: Rarity) -> float:
    """What a listing may count that says all of these once; words that no listing holds are the rarest."""
    return sum(each.weight * rareness(each.text, rarity) for each in words) + PAIRS.boost * sum(
        each.weight * rareness(each.text, rarity) for each in pairs
    )


def _no_louder(translation: Match, own: float, rarity: Rarity) -> Match:
    """The translation, counting less than the question itself. Where few listings speak its language all its words are
    rare, and what somebody typed would be found below what it means elsewhere."""
    theirs = _expected(translation.words, translation.pairs, rarity)
    return _weighing(translation, min(1.0, ELSEWHERE * own / theirs)) if theirs else translation


def _weighing(match: Match, share: float) -> Match:
    return replace(
        match,
        words=tuple(replace(each, weight=share * each.weight) for each in match.words),
        pairs=tuple(replace(each, weight=share * each.weight) for each in match.pairs),
    )


def _repeated(count: float) -> float:
    """What a word counts that was said so often."""
    return 1 + log(count)


def _told(
    words: Mapping[str, float],
    pairs: Mapping[str, float],
    rarity: Rarity,
    share: float,
    strength: Callable[[float], float],
) -> tuple[Match, bool]:
    """The match of the heaviest of these terms, and whether any of them tells listings apart, standing in at most this
    share of them."""
    total, known = rarity
    words, pairs = _heaviest(words, total, known), _heaviest(pairs, total, known)
    common = max(share * total, COMMON_COUNT)
    telling = {term for term in (*words, *pairs) if known[term] <= common}
    found_by = telling or {*words, *pairs}
    return Match(_terms(words, found_by, strength), _terms(pairs, found_by, strength)), bool(telling)


def _elsewhere(
    translation: Translation, rarity: Rarity, share: float, sure: Mapping[str, frozenset[str]] | None
) -> Match:
    """What is looked for in listings of another language; nothing where only common or unsure words are left."""
    words = {term: weight for term, weight in translation.terms.items() if "_" not in term}
    pairs = {term: weight for term, weight in translation.terms.items() if "_" in term}
    match, telling = _told(words, pairs, rarity, share, float)
    match = match if sure is None else _as_written(match, translation.language, sure)
    found = match.written or any(term.telling for term in (*match.words, *match.pairs))
    return match if telling and found else Match()


def _as_written(match: Match, language: str, sure: Mapping[str, frozenset[str]]) -> Match:
    """The same, but what is not sure finds nothing, and a single word only what is written like it. English words are
    indexed by their stems and have no marks to tell them apart."""
    if language == "en":
        return replace(match, words=_only(match.words, sure), pairs=_only(match.pairs, sure))
    pairs = _only(match.pairs, sure)
    alone = {way for term in match.words if term.telling for way in sure.get(term.text, ())}
    marks = alone.union(*(sure[term.text] for term in pairs if term.telling))
    return replace(
        match,
        words=_only(match.words, ()),
        pairs=pairs,
        written=tuple(sorted(set(map(spelling, alone)))),
        marks=tuple(sorted(set(map(spelling, marks)))),
    )


def _only(terms: Iterable[Term], telling: Collection[str]) -> tuple[Term, ...]:
    """The same, but a listing is found for these alone."""
    return tuple(replace(each, telling=each.telling and each.text in telling) for each in terms)


def _terms(
    counted: Mapping[str, float], telling: Collection[str], strength: Callable[[float], float]
) -> tuple[Term, ...]:
    return tuple(
        Term(text, _share(text) * strength(count), text in telling) for text, count in counted.items()
    )


def _share(term: str) -> float:
    return CHARACTER if len(term) == 1 and is_unspaced(term) else 1.0


def _heaviest(counted: Mapping[str, float], total: int, known: Mapping[str, int]) -> Mapping[str, float]:
    def weight(term: str) -> float:
        return sqrt(counted[term]) * rareness(term, (total, known))

    present = [term for term in counted if term in known]
    if len(present) > MOST_TERMS:
        present = sorted(present, key=weight, reverse=True)[:MOST_TERMS]
    return {term: counted[term] for term in present}
