"""Names that people give themselves and their organisations; strangers read them, in letters too."""

from __future__ import annotations

import re
import unicodedata

from vocabulary.problems import Problem
from vocabulary.text import fold, nfc, tokens

LONGEST_PERSON = 120
LONGEST_ORGANISATION = 200

ADVERTISING = re.compile(r"://|\bwww\.|<|>", re.IGNORECASE)
"""With this in it a name is a message: an invitation would carry it to people who never asked for it."""

LEGAL_FORMS = re.compile(
    r"\b(cong ty|cty|ctcp|tap doan|tong cong ty|trach nhiem huu han|tnhh|mot thanh vien|hai thanh vien|mtv|co phan|"
    r"joint stock company|company limited|company|corporation|corp|limited|jsc|ltd|llc|inc|plc|co ltd)\b"
)
"""What people write before or behind the name of a firm, or leave out; folded."""


def tidy(name: str) -> str:
    """NFC, one line, single spaces; nothing invisible in it."""
    visible = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in nfc(name))
    return " ".join(visible.split())


def problems(name: str, *, path: str, longest: int) -> list[Problem]:
    """What is wrong with a tidy name."""
    if not any(letter.isalpha() for letter in name):
        return [Problem(path, "name_missing")]
    if len(name) > longest:
        return [Problem(path, "name_long", {"most": str(longest)})]
    return [Problem(path, "name_advertising")] if ADVERTISING.search(name) else []


def key(name: str) -> str:
    """What stays the same when the same organisation is typed another way: no marks, signs or legal form."""
    words = " ".join(tokens(fold(name)))
    return " ".join(LEGAL_FORMS.sub(" ", words).split()) or words
