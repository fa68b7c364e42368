"""Days as people type them: 31/01/2027, 2027-01-31, «ngày 31 tháng 1 năm 2027», quý IV/2026. Day before month."""

from __future__ import annotations

import re
from datetime import date

from vocabulary.problems import Unreadable
from vocabulary.text import fold

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]\d{2}:\d{2}.*)?\Z")
_LOCAL = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\Z")
_WRITTEN = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4})\Z")


def read_date(text: str) -> date:
    """Raises `Unreadable`: `date.impossible` for a day no calendar has, `date.unreadable` for anything else."""
    typed = " ".join(fold(text).split())
    if match := _ISO.match(typed):
        year, month, day = match.groups()
    elif match := _LOCAL.match(typed) or _WRITTEN.match(typed):
        day, month, year = match.groups()
    else:
        raise Unreadable("date.unreadable", value=text.strip())
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("date.impossible", value=text.strip()) from None
