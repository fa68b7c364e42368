"""What a listing says in two languages, sentence beside sentence: texts that a term table can be learned from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

from vocabulary.listing import Content, Text
from vocabulary.sentences import sentences


def parallel(content: Content, languages: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The texts of both languages beside one another; nothing where the listing does not speak both."""
    one, other = (content.texts.get(language) for language in languages)
    if one is not None and other is not None:
        for mine, theirs in zip(_parts(one), _parts(other), strict=True):
            if mine and theirs:
                yield from _sentences(mine, theirs)


def _parts(text: Text) -> tuple[str, ...]:
    return astuple(text)


def _sentences(one: str, other: str) -> Iterator[tuple[str, str]]:
    """Sentence by sentence where both have as many; else the whole beside the whole."""
    mine, theirs = sentences(one), sentences(other)
    if len(mine) == len(theirs):
        yield from zip(mine, theirs, strict=True)
    else:
        yield one, other
