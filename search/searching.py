"""How a query is answered, whichever engine holds the index."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from search.analysis import spelling
from search.conditions import conditions, windows, without
from search.correction import corrected
from search.document import Document
from search.highlight import highlighted
from search.plan import Found, Match, Row, Wanted
from search.query import LAST_NUMBERED_RESULT, Hit, Query, Results
from search.question import Question, read, weighed

LIKE_TITLE = 3
"""How often the words of its title count in what is like a listing."""


class Store(Protocol):
    """What an engine must be able to do for the rest to be the same everywhere."""

    def frequencies(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """The number of listings, and of each term that is in the index the number of those that hold it."""

    def find(self, wanted: Wanted) -> Found: ...


def search(store: Store, query: Query) -> Results:
    """Answer a query. Raises `SearchError` when the engine is away, `ValueError` for a filter that is none.

    Typos are looked for when nothing is found, and when nothing but common words is («máy» of «máy hydroponcs»).
    """
    question = read(query.text, typed=query.typed)
    if question.blank:
        return _answer(store, query, Match())
    match = weighed(question, store.frequencies, query.translations)
    answer = _answer(store, query, match) if match else _nothing(query)
    if query.highlight:
        answer = replace(answer, unlike=_unlike(question, answer.hits))
    text = corrected(store, question) if query.forgiving and (match.vague or not answer.total) else ""
    if not text:
        return answer
    return replace(_answer(store, query, weighed(read(text), store.frequencies)), corrected=text)


def like(store: Store, document: Document, query: Query) -> Results:
    """Listings whose words are like the document's."""
    text = "\n".join((*(document.title,) * LIKE_TITLE, document.summary, document.description))
    query = replace(query, exclude=(*query.exclude, document.uid), sort="relevance")
    match = weighed(read(text, typed=False), store.frequencies)
    return _answer(store, query, match) if match else _nothing(query)


def _answer(store: Store, query: Query, match: Match) -> Results:
    wanted = _wanted(query, match)
    found = store.find(wanted)
    rows, more = found.rows[: query.size], len(found.rows) > query.size
    return Results(
        total=found.total,
        hits=tuple(_hit(row, match, query) for row in rows),
        facets=found.facets,
        after=_after(wanted, rows[-1]) if more and rows else "",
    )


def _nothing(query: Query) -> Results:
    return Results(0, facets={facet: {} for facet in query.facets})


def _wanted(query: Query, match: Match) -> Wanted:
    sort = "newest" if query.sort == "relevance" and not match else query.sort
    page = max(1, min(query.page, LAST_NUMBERED_RESULT // max(1, query.size)))
    after = _place(query.after, sort)
    return Wanted(
        match=match,
        conditions=conditions(query),
        without=without(query),
        sort=sort,
        offset=0 if after else (page - 1) * query.size,
        size=query.size + 1,  # One more than is shown tells whether there is a next page.
        after=after,
        facets=query.facets,
        since=windows(query.now) if "updated" in query.facets else {},
        texts=query.highlight,
    )


def _hit(row: Row, match: Match, query: Query) -> Hit:
    if not query.highlight:
        return Hit(row.uid, row.score)
    shown = highlighted(row.title, row.body, match)
    return Hit(row.uid, row.score, shown.passages, shown.as_typed)


def _unlike(question: Question, hits: Sequence[Hit]) -> tuple[str, ...]:
    so = {word for hit in hits for word, so in hit.as_typed.items() if so}
    otherwise = {word for hit in hits for word in hit.as_typed} - so
    return tuple(token for token in dict.fromkeys(question.tokens) if spelling(token) in otherwise)


def _after(wanted: Wanted, last: Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([wanted.sort, last.place]).encode()).decode()


def _place(after: str, sort: str) -> str:
    """The place in an `after` of ours. One that was made up or belongs to another order leads to the beginning."""
    try:
        order, place = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (ValueError, binascii.Error, TypeError):
        return ""
    return place if order == sort and isinstance(place, str) else ""
