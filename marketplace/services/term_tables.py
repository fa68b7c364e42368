"""The term table that questions and matches are put into other languages with: what is built in, the operator's file
above it, and above both what librarians have decided in the application."""

from __future__ import annotations

from functools import lru_cache

from marketplace.services import librarians
from marketplace.work import Work
from vocabulary.bilingual import TermTable, merged


def current(work: Work) -> TermTable:
    """The table as it stands now. One short look at the database tells whether anything was decided since."""
    return _together(work.runtime.terms, librarians.table(work))


@lru_cache(maxsize=8)
def _together(given: TermTable, decided: TermTable) -> TermTable:
    return merged(given, decided) if decided else given
