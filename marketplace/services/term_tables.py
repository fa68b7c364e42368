"""The term table that questions and matches are put into other languages with: what is built in, the operator's file
above it, and above both what librarians have decided in the application."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from marketplace.models.terms import TermTable as Row
from marketplace.services import librarians
from marketplace.services.librarians import Decision
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.bilingual import Entry, TermTable, from_bytes, merged, to_bytes
from vocabulary.sorting import sort_key
from vocabulary.text import fold

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the table, and the decision of a librarian it comes from."""

    entry: Entry
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the entries that were looked for. `total` is how many there are, `decided` how many librarians decided."""

    items: tuple[Shown, ...]
    total: int
    decided: int
    pages: int
    version: str


def current(work: Work) -> TermTable:
    """The table as it stands now: what a librarian decides is in the next question, without a restart."""
    return _together(work.runtime.terms, librarians.table(work))


def keep(work: Work, table: TermTable) -> None:
    """Store the table, so that a score made with it can be made again whatever librarians decide meanwhile."""
    if not table or _is_kept(work, table):
        return
    alone(work, f"term table {table.version}")
    if not _is_kept(work, table):
        work.session.add(
            Row(version=table.version, body=_written(table), entries=len(table.entries), made_at=work.now)
        )
        work.session.flush()


def _is_kept(work: Work, table: TermTable) -> bool:
    return work.session.get(Row, table.version, options=[load_only(Row.version)]) is not None


def keep_named(work: Work, statistics_version: str) -> None:
    """The same for a score that is kept and names the table as it stands now."""
    table = current(work)
    if table.version in statistics_version.split("-"):
        keep(work, table)


def of_version(work: Work, version: str) -> TermTable:
    """The table an older score names."""
    now = current(work)
    return (
        now
        if now.version == version
        else _read(work.session.scalars(select(Row.body).where(Row.version == version)).one())
    )


@lru_cache(maxsize=1)
def _written(table: TermTable) -> bytes:
    """Kept, for it takes some 30 ms, and several exchanges in one process have the same table."""
    return to_bytes(table)


@lru_cache(maxsize=2)
def _read(body: bytes) -> TermTable:
    return from_bytes(body)


@lru_cache(maxsize=8)
def _together(given: TermTable, decided: TermTable) -> TermTable:
    return merged(given, decided) if decided else given


def page(work: Work, actor: Actor, *, text: str, decided: bool, number: int) -> Page:
    """The entries that hold `text` in one of their terms, those that librarians decided first, then the heaviest, words
    before mere numbers, in the order of a Vietnamese dictionary.

    Raises `Forbidden` for whoever is no librarian.
    """
    permit(actor, librarians.ACTION)
    by_key = {one.entry.key: one for one in librarians.decisions(work)}
    table, sought = current(work), fold(text.strip())
    found = [
        Shown(entry, by_key.get(entry.key) if entry.origin == "librarian" else None)
        for entry in table.entries
        if (entry.origin == "librarian" or not decided) and any(sought in fold(term) for term in entry.terms)
    ]
    found.sort(key=_order)
    items = found[(number - 1) * PAGE : number * PAGE]
    return Page(tuple(items), len(found), len(by_key), max(1, -(-len(found) // PAGE)), table.version)


def _order(shown: Shown) -> tuple[Any, ...]:
    newest = -shown.decision.n if shown.decision else 0
    entry = shown.entry
    term = entry.terms[entry.languages.index("vi") if "vi" in entry.languages else 0]
    return newest, -entry.weight, not any(letter.isalpha() for letter in term), sort_key(term)
