"""Days as people type them: 31/01/2027, 2027-01-31, «ngày 31 tháng 1 năm 2027», 31 Jan 2027. Day before month."""

from __future__ import annotations

import re
from datetime import date

from vocabulary.problems import Unreadable
from vocabulary.text import fold

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]\d{2}:\d{2}.*)?\Z")
_LOCAL = re.compile(r"(?:ngay )?(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\Z")
_WRITTEN = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4})\Z")
_ENGLISH = re.compile(r"(\d{1,2}) ([a-z]{3,9})\.?,? (\d{4})\Z")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip


def read_date(text: str) -> date:
    """Raises `Unreadable`: `date.impossible` for a day no calendar has, `date.unreadable` for anything else."""
    typed = " ".join(fold(text).split())
    if match := _ISO.match(typed):
        year, month, day = match.groups()
    elif match := _LOCAL.match(typed) or _WRITTEN.match(typed):
        day, month, year = match.groups()
    elif match := _ENGLISH.match(typed):
        day, month, year = match[1], _month(match[2], text), match[3]
    else:
        raise Unreadable("date.unreadable", value=text.strip())
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("date.impossible", value=text.strip()) from None


def _month(name: str, text: str) -> str:
    found = next((place for place, month in enumerate(_MONTHS, start=1) if month.startswith(name)), None)
    if found is None:
        raise Unreadable("date.unreadable", value=text.strip())
    return str(found)
