"""What librarians decide about terms of two languages: an entry added, corrected or set aside, and taken back again.

No decision is ever changed or lost. The newest about two terms counts; when it is undone, the one before it counts
again. Setting aside is a weight of nought: it holds whatever is learned meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select

from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.terms import TermDecision as Row
from marketplace.services import audit
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.bilingual import FULL, Entry, TermTable
from vocabulary.problems import Problem
from vocabulary.term_files import flawed
from vocabulary.text import clean

LANGUAGES = ("vi", "en")
"""What the page edits; a file may name any two."""
ACTION = "terms.edit"
_COLUMNS = (
    Row.n, Row.first_language, Row.first_term, Row.second_language, Row.second_term, Row.weight, Row.decided_at,
    Row.decided_by,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that counts now."""

    n: int
    entry: Entry
    decided_at: datetime
    decided_by: str


def table(work: Work) -> TermTable:
    """The entries of all decisions that count, as a table."""
    return _table(tuple(one.entry for one in decisions(work)))


@lru_cache(maxsize=8)
def _table(entries: tuple[Entry, ...]) -> TermTable:
    """Working out the forms of all terms takes longer than reading them."""
    return TermTable(entries)


def decisions(work: Work) -> list[Decision]:
    """Those that count, the newest first."""
    newest = select(func.max(Row.n)).where(Row.undone_at.is_(None)).group_by(Row.key)
    rows = work.session.execute(select(*_COLUMNS).where(Row.n.in_(newest)).order_by(Row.n.desc()))
    return [
        Decision(n, Entry((one, other), (first, second), weight), at, by)
        for n, one, first, other, second, weight, at, by in rows
    ]


def decide(work: Work, actor: Actor, terms: tuple[str, str], weight: int) -> int:
    """Say how far two terms, of `LANGUAGES`, mean the same, in thousandths; 0 for not at all. The decision's number.

    Raises `Invalid` for a term that is none or a weight out of range, `Forbidden` for whoever is no librarian.
    """
    permit(actor, ACTION)
    entry = Entry(LANGUAGES, (clean(terms[0]), clean(terms[1])), weight)
    if problems := list(_problems(entry)):
        raise Invalid(problems)
    alone(work, "terms")
    n = (work.session.scalar(select(func.max(Row.n))) or 0) + 1
    work.session.add(_row(entry, n, work.now, actor))
    work.session.flush()
    what = "terms.set_aside" if not weight else "terms.decide"
    audit.record(work, actor, what, str(n), vi=entry.terms[0], en=entry.terms[1], weight=weight)
    return n


def undo(work: Work, actor: Actor, n: int) -> Entry:
    """Take a decision back, so that the one before it counts again, or what lists and texts say.

    Raises `NotFound` for no such decision, `Conflict` for one that does not count any more.
    """
    permit(actor, ACTION)
    alone(work, "terms")
    row = work.session.get(Row, n)
    if row is None:
        raise NotFound("not_found")
    later = select(func.count()).where(Row.key == row.key, Row.n > n, Row.undone_at.is_(None))
    if row.undone_at is not None or work.session.scalar(later):
        raise Conflict("term_decided_again")
    row.undone_at, row.undone_by = work.now, actor.user_id
    audit.record(work, actor, "terms.undo", str(n), vi=row.first_term, en=row.second_term)
    return Entry(LANGUAGES, (row.first_term, row.second_term), row.weight)


def _problems(entry: Entry) -> Iterator[Problem]:
    for term, language in zip(entry.terms, entry.languages, strict=True):
        if not term:
            yield Problem(language, "required")  # On a form there is no column that could be left out.
        elif code := flawed(term, language):
            yield Problem(language, code, {"value": term})
    if not 0 <= entry.weight <= FULL:
        yield Problem("weight", "terms.weight", {"value": str(entry.weight / FULL)})


def _row(entry: Entry, n: int, now: datetime, actor: Actor) -> Row:
    (one, other), (first, second) = entry.languages, entry.terms
    return Row(
        n=n, key=json.dumps(entry.key, ensure_ascii=False), first_language=one, first_term=first,
        second_language=other, second_term=second, weight=entry.weight, decided_at=now, decided_by=actor.user_id,
    )  # fmt: skip
