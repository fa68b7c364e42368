"""Fields of research that a text is likely to belong to: by what its neighbours chose, then by its own words."""

from __future__ import annotations

from collections import Counter

from marketplace.services import feed
from marketplace.work import Work
from search.engine import SearchError
from search.query import Query
from vocabulary.fields import FORD

SHOWN = 3
NEIGHBOURS = 10
AGREEING = 2
"""Neighbours that must have chosen a field before it is suggested ahead of the words of the text."""
LONGEST_TEXT = 2_000
"""Characters of the text that are looked at."""


def fields(work: Work, text: str) -> tuple[str, ...]:
    """Three FORD codes, the likeliest first; fewer when the text says too little."""
    text = text[:LONGEST_TEXT]
    if not text.strip():
        return ()
    by_neighbours = [code for code, count in _chosen(work, text).most_common() if count >= AGREEING]
    by_words = [one.code for one in FORD.find(text, limit=SHOWN)]
    return tuple(dict.fromkeys((*by_neighbours, *by_words)))[:SHOWN]


def _chosen(work: Work, text: str) -> Counter[str]:
    """What listings with such words chose. Search being away only makes the suggestion poorer."""
    try:
        query = Query(text=text, size=NEIGHBOURS, forgiving=False, typed=False)
        hits = work.runtime.engine.search(query).hits
    except SearchError:
        return Counter()
    rows = feed.rows(work, [hit.uid for hit in hits]).values()
    return Counter(code for row in rows if row.live for code in row.body["content"].get("fields", ()))
