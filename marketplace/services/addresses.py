"""E-mail addresses: one way to write each, and what is no address."""

from __future__ import annotations

import re

from vocabulary.problems import Problem
from vocabulary.text import nfc

LONGEST = 254
"""Characters; RFC 5321 4.5.3.1.3 leaves no room for more."""
SHAPE = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
"""What browsers accept as an address (HTML Standard, 4.10.5.1.5), with a dot in its domain."""


def normal(text: str) -> str:
    """Small letters, NFC, nothing around it: one person, one address."""
    return nfc(text).strip().lower()


def problems(email: str, *, path: str) -> list[Problem]:
    """What is wrong with an address in its normal form. Whether anybody reads it, only a letter can tell."""
    if not email:
        return [Problem(path, "email_missing")]
    if len(email) > LONGEST or not SHAPE.fullmatch(email):
        return [Problem(path, "email_wrong")]
    return []
