"""The quick way through text: an alphabet of at most 256 characters, translated by table and not letter by letter.

Nearly every listing is written with the letters, digits and signs below. Such a text becomes bytes and comes back
through another table, folded or cut into words, some fifteen times quicker than by the general rules of
`vocabulary.text`. A text with any other character is refused (None); of that one the words that hold such a character
take the general way, and all others the quick one. The answer is the same.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

_LETTERS = (
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
    "µ"
)
_SIGNS = "–—“”‘’«»…•·°±×≤≥‰²³→€₫\u00a0"
_ASCII = "\t\n" + "".join(map(chr, range(32, 127)))

# charmap_build is quick only for a table that begins with the character 0; the rest may stand in any order.
CHARACTERS = "\0" + _ASCII + _LETTERS + _SIGNS
_TO_BYTES = codecs.charmap_build(CHARACTERS.ljust(256, "\ufffe"))
_FOREIGN = re.compile(f"[^{re.escape(CHARACTERS)}][^ ]*")
_NEXT = re.compile(f"[{re.escape(CHARACTERS)}]{{0,40}}[^{re.escape(CHARACTERS)}][^ ]*")
"""The next foreign word, where only some five words stand before it: these are not worth a way of their own."""

Table = str


def table(rule: Callable[[str], str]) -> Table:
    """The alphabet after a rule that gives one character for each."""
    return "".join(map(rule, CHARACTERS))


def translated(text: str, characters: Table) -> str | None:
    """The text through the table; None when it has a character that is not of the alphabet."""
    try:
        return codecs.charmap_decode(
            codecs.charmap_encode(text, "strict", _TO_BYTES)[0], "strict", characters
        )[0]
    except UnicodeEncodeError:
        return None


def parted(text: str) -> Iterator[tuple[bool, str]]:
    """The whole text in stretches that end at blanks, and whether each has other characters than those of the alphabet."""
    start = 0
    while found := _FOREIGN.search(text, start):
        begin = max(start, text.rfind(" ", start, found.start()))
        yield False, text[start:begin]
        start = found.end()
        while found := _NEXT.match(text, start):
            start = found.end()
        yield True, text[begin:start]
    yield False, text[start:]
