"""Why a moderator sent something back: ready-made reasons, a few words of the own, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from marketplace.errors import Invalid
from vocabulary.problems import Problem
from vocabulary.text import clean

RETURN = ("incomplete", "unclear", "wrong_kind", "contact_in_text", "secret_in_text", "duplicate", "language")
"""Reasons to return a listing; each is the message `reason.<code>`, which says how to mend it."""
REJECT = ("not_technology", "unlawful", "fraud", "duplicate")
SUSPEND = ("under_inquiry", "unlawful", "fraud", "owner_unreachable", "copied")
REPORT = ("wrong", "unlawful", "copied", "secret_in_text", "fraud", "other")
"""What somebody who reports a listing may say is wrong with it."""

LONGEST = 1_000
"""Characters of the own words."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Codes of the lists above, and free text."""

    codes: tuple[str, ...] = ()
    text: str = ""

    def written(self) -> str:
        """As one line of codes and, below it, the words: how it is stored."""
        return f"{' '.join(self.codes)}\n{self.text}".rstrip("\n")

    @classmethod
    def read(cls, written: str) -> Self:
        """The inverse of `written`."""
        codes, _, text = written.partition("\n")
        return cls(tuple(codes.split()), text)

    @classmethod
    def given(cls, codes: tuple[str, ...], text: str, *, of: tuple[str, ...]) -> Self:
        """A reason as a form sent it. Raises `Invalid` when it says nothing, too much or an unknown code."""
        words = clean(text)
        known = tuple(code for code in dict.fromkeys(codes) if code in of)
        if not known and not words:
            raise Invalid([Problem("reason", "reason.needed")])
        if len(words) > LONGEST:
            raise Invalid(
                [Problem("text", "text.too_long", {"limit": str(LONGEST), "length": str(len(words))})]
            )
        return cls(known, words)
