"""Finding without an engine: a few listings at hand, looked through one by one.

What an exchange falls back on while its engine is away. It keeps the filters, looks for the words in titles only, and
cannot tell how much more there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search.analysis import analysed
from search.conditions import conditions, without
from search.document import Document
from search.fields import CODES, NUMBERS
from search.plan import Between, Condition, OneOf
from search.query import Query

CODE = {field.name: field.of for field in CODES}
NUMBER = {field.name: field.of for field in NUMBERS}


def meeting(documents: Iterable[Document], query: Query) -> Iterator[Document]:
    """Those that meet every filter and have all words of the query in their titles, in the order they come.

    Raises `ValueError` for a filter that is none.
    """
    asked = [each for found in conditions(query).values() for each in found]
    words = set(analysed(query.text).words)
    unwanted = without(query)
    for document in documents:
        if (
            words.issubset(analysed(document.title).words)
            and all(meets(document, each) for each in asked)
            and not any(meets(document, each) for each in unwanted)
        ):
            yield document


def meets(document: Document, condition: Condition) -> bool:
    """Whether a listing meets a condition, as an engine would say."""
    match condition:
        case OneOf("uid", values):
            return document.uid in values
        case OneOf(field, values):
            return not set(values).isdisjoint(CODE[field](document))
        case Between(field, low, high):
            number = NUMBER[field](document)
            return number is not None and (low is None or number >= low) and (high is None or number <= high)
