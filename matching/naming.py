"""What a requirement in words names, and a sentence must name too before it can be said to meet it.

Standards, types and marks of quality are told apart by a number or by capitals («ISO 22000», «IP68», «GMP»), and some
words by nothing but their marks («dứa» is a pineapple, «dừa» a coconut). A figure must be the same. All of this takes a
«met» back to «partly»: it proves no contradiction.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from functools import lru_cache
from typing import NamedTuple

from matching.limits import EXACT
from matching.quantities import Quantity, quantities
from matching.units import DIMENSIONS
from matching.words import words
from vocabulary.text import fold, nfc, tokens

_EDITION = re.compile(r"(?<=\d)\s?[:–-]\s?(?:19|20)\d\d(?:/[\w-]+)*")
"""The year of a standard and who issued it: many leave them out."""
_TOKEN = re.compile(r"[^\W_]+")
_APART = re.compile(r"(?<!\w)(?:off|on|non)-\w+", re.IGNORECASE)
"""«Off-grid» and «on-grid» differ in a word that alone says nothing."""
_OR = re.compile(r"(?<!\w)(?:hoặc|hay|or)(?!\w)", re.IGNORECASE)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NEEDLESS = re.compile(
    r"(?<!\w)(?:(?:không|khong|chẳng)\s+(?:cần|can|phải|phai|đòi hỏi|yêu cầu)|no need"
    r"|(?:not|n't|without)\s+(?:\w+\s+)?(?:need|requir)\w*)",
    re.IGNORECASE,
)
_NEED = re.compile(r"(?<!\w)(?:cần|phải|đòi hỏi|yêu cầu|needs?|needed|requir\w+)(?!\w)", re.IGNORECASE)
_PART = re.compile(r"[;.]|,(?!\d)")
SHORT = 6
"""A requirement of no more words than this is about each of the heavier ones."""


def names(row: str, sentence: str) -> bool:
    """Whether the sentence names what the row does; of things joined by «hoặc» one is enough."""
    named = _named(row)
    held = named & (_tokens(sentence) | _apart(sentence))
    return bool(held) if _OR.search(row) and named else held == named


def figures_agree(row: str, sentence: str) -> bool:
    """Whether each figure of the row with a known unit is in the sentence: the same within a hundredth, or in a range."""
    return all(_stands(one, sentence) for one in _measured(row))


def written_alike(row: str, sentence: str) -> bool:
    """Whether neighbouring syllables of the row that the sentence holds side by side have the same marks there: «sấy dừa» is
    not «sấy dứa». Where one of the two is written without marks nothing is known."""
    asked, said = _written(row), _written(sentence)
    if not asked.marked or not said.marked:
        return True
    return all(said.side_by_side.get(pair, forms) & forms for pair, forms in asked.side_by_side.items())


def needs_alike(row: str, sentence: str) -> bool:
    """Whether a sentence that speaks of needs says that something is not needed, where the row asks for that."""
    return not _NEEDLESS.search(row) or not _NEED.search(_NEEDLESS.sub(" ", sentence))


def heavier(row: str, sought: Mapping[str, int]) -> frozenset[str]:
    """Of a short requirement the words that weigh more than they do on average: none of them may be missing. Where it gives
    a choice some may."""
    if len(sought) > SHORT or _OR.search(row):
        return frozenset()
    total = sum(sought.values())
    return frozenset(word for word, weight in sought.items() if weight * len(sought) > total)


def each_part_is_said(
    parts: Iterable[str], language: str, sought: Mapping[str, int], held: Container[str]
) -> bool:
    """Whether of each part of a requirement, by weight, half is held: «không chứa kháng sinh, có cam kết bằng văn bản» asks
    for both. Where one has a choice some may be missing."""
    for part in (one for text in parts for one in _PART.split(text)):
        weights = {word: sought[word] for word in words(part, language) if word in sought}
        said = sum(weight for word, weight in weights.items() if word in held)
        if 2 * said < sum(weights.values()) and not _OR.search(part):
            return False
    return True


@lru_cache(maxsize=8_192)
def written_otherwise(row: str, sentence: str) -> Set[str]:
    """The syllables of the row, folded, that the sentence has with other marks only: «phơi» is not «phôi»."""
    asked, said = _written(row), _written(sentence)
    if not asked.marked or not said.marked:
        return frozenset()
    both = asked.single.keys() & said.single.keys()
    return {word for word in both if asked.single[word].isdisjoint(said.single[word])}


@lru_cache(maxsize=4_096)
def _named(row: str) -> frozenset[str]:
    plain = _EDITION.sub(" ", row)
    for one in reversed(_measured(plain)):
        plain = f"{plain[: one.start]} {plain[one.end :]}"
    shouted = not any(character.islower() for character in plain)
    found = [one[0] for one in _TOKEN.finditer(plain)]
    telling = (one for one in found if _has_digit(one) or (not shouted and sum(map(str.isupper, one)) > 1))
    return frozenset(map(fold, telling)) | _apart(row)


@lru_cache(maxsize=4_096)
def _tokens(sentence: str) -> frozenset[str]:
    return frozenset(tokens(fold(sentence)))


def _apart(text: str) -> frozenset[str]:
    return frozenset(fold(one) for one in _APART.findall(text))


def _has_digit(token: str) -> bool:
    return any(character.isdigit() for character in token)


def _measured(text: str) -> list[Quantity]:
    return [one for one in quantities(text) if not DIMENSIONS.isdisjoint(one.dimension.split("/"))]


def _stands(wanted: Quantity, sentence: str) -> bool:
    slack = abs(wanted.high) * EXACT
    return any(
        one.low <= wanted.low + slack and wanted.high - slack <= one.high
        for one in quantities(sentence)
        if one.dimension == wanted.dimension
    )


class _Written(NamedTuple):
    """Two neighbouring syllables, folded -> how they are written; the same of each; and whether any of them has a mark."""

    side_by_side: Mapping[tuple[str, ...], frozenset[tuple[str, ...]]]
    single: Mapping[str, set[str]]
    marked: bool


@lru_cache(maxsize=4_096)
def _written(text: str) -> _Written:
    forms = [toned(one) for one in _TOKEN.findall(nfc(text).casefold())]
    plain = [fold(one) for one in _TOKEN.findall(nfc(text).casefold())]
    found = defaultdict[tuple[str, ...], set[tuple[str, ...]]](set)
    for start in range(max(1, len(forms) - 1)):
        found[tuple(plain[start : start + 2])].add(tuple(forms[start : start + 2]))
    single = defaultdict[str, set[str]](set)
    for form, syllable in zip(forms, plain, strict=True):
        single[syllable].add(form)
    return _Written(
        {pair: frozenset(written) for pair, written in found.items()}, dict(single), forms != plain
    )


def toned(syllable: str) -> str:
    """With its tone behind it: «hoà» and «hòa» are one word. Formulas have no tones."""
    if _has_digit(syllable):
        return fold(syllable)
    parts = unicodedata.normalize("NFD", syllable)
    return "".join(
        [*(part for part in parts if part not in _TONES), *(part for part in parts if part in _TONES)]
    )
