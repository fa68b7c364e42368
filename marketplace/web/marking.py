"""Highlights and changes inside people's own words, as safe HTML: their words escaped, only our tags not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from markupsafe import Markup

Span = tuple[int, int]

_WORDS = re.compile(r"\s+|[^\s]+")

_MARK = Markup("<mark>{}</mark>")
_DELETED = Markup("<del>{}</del>")
_INSERTED = Markup("<ins>{}</ins>")


def marked(text: str, marks: Iterable[Span] = ()) -> Markup:
    """`text` with `<mark>` around the spans `marks` (characters); they may touch or overlap."""
    pieces = []
    done = 0
    for start, end in _apart(marks, len(text)):
        pieces += [Markup.escape(text[done:start]), _MARK.format(text[start:end])]
        done = end
    return Markup("").join([*pieces, Markup.escape(text[done:])])


def _apart(marks: Iterable[Span], length: int) -> Iterator[Span]:
    """The spans in order, none touching another, none empty, all inside the text."""
    inside = sorted((start, min(end, length)) for start, end in marks)
    # Starting from an empty span at 0, a mark that begins before the text begins with it.
    open_start, open_end = 0, 0
    for start, end in inside:
        if start > open_end:
            yield from _unless_empty(open_start, open_end)
            open_start, open_end = start, end
        else:
            open_end = max(open_end, end)
    yield from _unless_empty(open_start, open_end)


def _unless_empty(start: int, end: int) -> Iterator[Span]:
    if start < end:
        yield start, end


def compared(before: str, after: str) -> Markup:
    """Both texts as one, word by word: what went in `<del>`, what came in `<ins>`, the rest as it is."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces = []
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if change == "equal":
            pieces.append(Markup.escape("".join(new[new_from:new_to])))
            continue
        if old_from < old_to:
            pieces.append(_DELETED.format("".join(old[old_from:old_to])))
        if new_from < new_to:
            pieces.append(_INSERTED.format("".join(new[new_from:new_to])))
    return Markup("").join(pieces)
