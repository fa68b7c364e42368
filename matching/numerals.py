"""Numbers as people write them in Vietnamese and English, without their units."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_PLAIN = r"\d+(?:[.,]\d+)*"
_SPACED = r"[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?(?![.,]?\d)"
_RAISED = r"10(?:\s?\^\s?[-−]?\d{1,2}(?!\d)|⁻?[⁰¹²³⁴-⁹]{1,2}(?![⁰¹²³⁴-⁹]))"
NUMBER = rf"(?:(?:{_PLAIN}\s*[x×*·.]\s*)?{_RAISED}|{_SPACED}|{_PLAIN})"
"""«1.500», «10 000», «2,5×10⁸», «10^9»: a pattern that begins with a digit."""

_POWER = re.compile(rf"(?:(?P<times>{_PLAIN})\s*[x×*·.]\s*)?(?P<raised>{_RAISED})\Z")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_BLANK = re.compile(r"[ \u00a0\u202f]")
_SMALL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


@lru_cache(maxsize=4_096)
def number(text: str, *, point: bool = False) -> Decimal:
    """«1.500», «1,500», «1 500» and «1500» are the same; in «0,5» and «12.25» the mark is a decimal one. With `point` it
    is so in «1.025», too, as in English."""
    if raised := _POWER.match(text):
        return _plain(raised["times"] or "1", point=point) * power(text)
    return _plain(text.replace("−", "-"), point=point)


def power(text: str) -> Decimal:
    """The power of ten a number is written with, 1 where there is none."""
    if raised := _POWER.match(text):
        return Decimal(10) ** int(raised["raised"][2:].strip(" ^").translate(_SMALL))
    return Decimal(1)


def is_multiple(text: str) -> bool:
    """Whether it is written as so many times a power of ten."""
    raised = _POWER.match(text)
    return raised is not None and raised["times"] is not None


def _plain(text: str, *, point: bool) -> Decimal:
    text = _BLANK.sub("", text)
    if _GROUPED.fullmatch(text.lstrip("-")) and not (point and text.count(".") == 1 and "," not in text):
        return Decimal(text.replace(".", "").replace(",", ""))
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    return Decimal(text if text.count(".") <= 1 else text.replace(".", ""))
