"""Scripts written without spaces between words: there runs of characters stand for words. Measured in docs/matching.md."""

from __future__ import annotations

import re

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Myanmar, Khmer, Kana, Han and their compatibility forms."""
_LETTERED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Myanmar, Khmer."""


def is_unspaced(token: str) -> bool:
    """Whether the token is of a script that does not part its words by spaces."""
    return not token.isascii() and _UNSPACED.search(token) is not None


def is_lettered(run: str) -> bool:
    """Whether its characters are letters, so that two of them are no word yet."""
    return _LETTERED.match(run) is not None


def character_runs(run: str) -> list[str]:
    """Overlapping runs of characters that stand for words: two of them, three where a character is a letter. A shorter one
    stays whole."""
    length = 3 if is_lettered(run) else 2
    return [run[place : place + length] for place in range(len(run) - length + 1)] or [run]
