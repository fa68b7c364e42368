"""What is asked, said again in the other languages of a term table, so that a question finds listings written in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log

from search.query import Query, Translation
from search.question import Question, read
from search.spellings import in_all_spellings, otherwise_spelled
from vocabulary.bilingual import TermTable, spelled, written
from vocabulary.detecting import detect_language

STRENGTH = 2.5
"""What a term counts that certainly means the same: more than the word itself, which a listing of the other language
holds by chance or because it is a name."""
PAIR = 0.8
"""A translated pair beside a translated word, on top of what pairs count in the index."""
MOST = 2.0
"""However many words of the question stand for it, a term counts no more than this many times."""


def translated(query: Query, table: TermTable) -> Query:
    """The query with its text in every language that the table leads to. Quoted phrases are looked for as they stand."""
    question = read(query.text, typed=query.typed) if table else Question()
    if not question.words or question.phrases:
        return query
    others = otherwise_spelled(question.tokens, question.words, question.pairs)
    said = in_all_spellings((*question.words, *question.pairs), others)
    found = (
        _into(target, said, source, table, query)
        for source in _languages(query.text, said, table)
        for target in table.partners(source)
    )
    translations = tuple(each for each in found if each.terms)
    # What the table knows is no slip of the pen: «rust» is not to find what says «must».
    slips = any(not any(table.known([word], one) for one in table.languages) for word in question.words)
    return replace(query, translations=translations, forgiving=query.forgiving and slips)


def _languages(text: str, terms: Mapping[str, int], table: TermTable) -> Sequence[str]:
    """The language of the text; of one too short to tell, the one in which the table knows most of its terms. «say» is one
    word in English and, typed without marks, another in Vietnamese: then it is either."""
    told = detect_language(text)
    if table.partners(told):
        return (told,)
    known = {one: table.known(terms, one) for one in table.languages}
    most = max(known.values())
    return [one for one, count in known.items() if count == most]


def _into(
    target: str, counted: Mapping[str, int], source: str, table: TermTable, query: Query
) -> Translation:
    terms = {
        term: STRENGTH * (PAIR if "_" in term else 1.0) * min(MOST, _together(senses, counted))
        for term, senses in table.translated(counted, source, target).items()
    }
    if not query.typed:
        return Translation(target, terms)
    marked = frozenset[str]() if query.text.isascii() else spelled(query.text)
    senses = table.surely(counted, source, target, said=marked)
    sure: dict[str, frozenset[str]] = {}
    for sense in senses:
        for given in sense.whole:
            sure[given] = sure.get(given, frozenset()).union(written(sense.entry.terms[1]))
    # A name that is the same in both languages need not be told.
    said = dict.fromkeys(
        there for here, there in (each.entry.terms for each in senses) if written(here) != written(there)
    )
    return Translation(target, terms, sure, tuple(said))


def _together(senses: Mapping[str, float], counted: Mapping[str, int]) -> float:
    """The sum over the terms that stand for it; those said more often count somewhat more."""
    return sum(weight * (1 + log(counted[term])) for term, weight in senses.items())
