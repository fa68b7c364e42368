"""The term table every exchange begins with: what our code lists say in two languages, a glossary of words of technology
(`vocabulary/data/glossary.csv`), and what parallel texts of ours taught (`terms.csv` beside it, made by
`python -m scripts.learn_terms`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from vocabulary import regions, stages, term_files, terms
from vocabulary.bilingual import Entry, TermTable
from vocabulary.codelist import DATA, CodeList
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.strategic import STRATEGIC

LISTS: tuple[CodeList, ...] = (
    FORD, VSIC, STRATEGIC, regions.PROVINCES, stages.STAGE_NAMES, terms.TRANSFER_FORMS, terms.RIGHT_KINDS,
    terms.RIGHT_STATUSES,
)  # fmt: skip
LONGEST_NAME = 5
"""Words. A longer name says several things, and nobody writes it in that order."""


@cache
def built_in() -> TermTable:
    """The table, read once."""
    learned = DATA / "terms.csv"
    taught = term_files.entries(learned.read_bytes()) if learned.exists() else ()
    return TermTable((*named(), *glossary(), *taught))


def glossary() -> Iterator[Entry]:
    """Words of technology that nearly every exchange needs, and too few texts would teach."""
    for entry in term_files.entries((DATA / "glossary.csv").read_bytes()):
        yield replace(entry, origin="list")


def named() -> Iterator[Entry]:
    """The short names of our code lists, which mean the same by decree."""
    for vi, en in titles():
        if "," not in vi + en and max(len(vi.split()), len(en.split())) <= LONGEST_NAME:
            yield Entry(("vi", "en"), (vi, en), origin="list")


def titles() -> Iterator[tuple[str, str]]:
    """Every name of our code lists in Vietnamese and in English."""
    for of in LISTS:
        for code in of:
            if code.vi and code.en:
                yield code.vi, code.en
