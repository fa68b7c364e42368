"""Term tables as files that a librarian can read and mend in any spreadsheet.

CSV in UTF-8. The first row names two languages and the columns of every row below:

    vi,en,weight,origin
    độ mặn,salinity,0.91,learned

`weight` lies between 0 and 1 (0: these two do not mean the same) and may be left empty for 1; `origin` is `learned`,
`list` or `librarian`, and `librarian` where it is empty or the column is missing. Lines that begin with # are remarks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vocabulary.bilingual import FULL, LONGEST, ORIGINS, Entry, Origin, TermTable, form
from vocabulary.languages import is_language
from vocabulary.text import clean

COLUMNS = ("weight", "origin")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in which row, counted from 1 as a spreadsheet does; the message is `problem.<code>`."""

    row: int
    code: str
    params: Mapping[str, str]


class BadTable(ValueError):
    """The file is no term table. `flaws` says where, in the order of the rows; no row was taken over."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(f"{len(self.flaws)} rows of a term table cannot be read")


def written(table: TermTable, note: str = "") -> str:
    """The table as a file, heaviest entries of a term first. All entries must be of the same two languages."""
    languages = table.entries[0].languages if table.entries else ("vi", "en")
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in note.splitlines())
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*languages, *COLUMNS])
    for entry in sorted(table.entries, key=lambda one: (one.terms[0], -one.weight, one.terms[1])):
        if entry.languages != languages:
            raise ValueError("a file holds entries of two languages only")
        rows.writerow([*entry.terms, f"{entry.weight / FULL:.3f}", entry.origin])
    return out.getvalue()


def read(content: bytes) -> TermTable:
    """The inverse of `written`, in UTF-8. Raises `BadTable` with every row that cannot be read."""
    return TermTable(entries(content))


def entries(content: bytes) -> tuple[Entry, ...]:
    """The rows of a file, for a table that is made of several. Raises as `read` does."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    numbered = [(n, _cells(n, line)) for n, line in enumerate(lines, start=1) if _says(line)]
    if not numbered:
        raise BadTable([Flaw(1, "terms.empty", {})])
    (first, header), *body = numbered
    languages = _languages(header, first)
    found: list[Entry] = []
    flaws: list[Flaw] = []
    for row, cells in body:
        read = _entry(dict(zip(header, map(clean, cells), strict=False)), languages, row)
        (found if isinstance(read, Entry) else flaws).append(read)  # type: ignore[arg-type]
    if flaws:
        raise BadTable(flaws)
    return tuple(found)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _cells(row: int, line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        raise BadTable([Flaw(row, "terms.unreadable", {})]) from None


def _languages(header: list[str], row: int) -> tuple[str, str]:
    named = [name for name in header if name not in COLUMNS]
    if len(named) != 2 or len(set(named)) != 2 or not all(map(is_language, named)):
        raise BadTable([Flaw(row, "terms.header", {"value": ",".join(header)[:LONGEST]})])
    return named[0], named[1]


def _entry(cells: Mapping[str, str], languages: tuple[str, str], row: int) -> Entry | Flaw:
    terms = cells.get(languages[0], ""), cells.get(languages[1], "")
    for term, language in zip(terms, languages, strict=True):
        if flaw := flawed(term, language):
            return Flaw(row, flaw, {"field": language, "value": term[:LONGEST]})
    weight = _weight(cells.get("weight", ""))
    if weight is None:
        return Flaw(row, "terms.weight", {"value": cells.get("weight", "")[:LONGEST]})
    origin = cells.get("origin") or "librarian"
    if origin not in ORIGINS:
        return Flaw(row, "terms.origin", {"value": origin[:LONGEST]})
    return Entry(languages, terms, weight, _origin(origin))


def flawed(term: str, language: str) -> str:
    """The code of what is wrong with a term; empty when nothing is."""
    if not term:
        return "terms.missing"
    if "\ufffd" in term:
        return "terms.encoding"
    if len(term) > LONGEST:
        return "terms.too_long"
    return "" if form(term, language) else "terms.no_word"


def _weight(written: str) -> int | None:
    try:
        weight = float(written.replace(",", ".")) if written else 1.0
    except ValueError:
        return None
    return round(weight * FULL) if 0 <= weight <= 1 else None


def _origin(name: str) -> Origin:
    return next(origin for origin in ORIGINS if origin == name)
