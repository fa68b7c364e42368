"""The facts that scores rest on beside words: frozen, named by their content, and kept for as long as scores name them."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select, update

from marketplace.models.facts import Facts as Row
from marketplace.services import rates, track_records
from marketplace.services.locks import alone
from marketplace.work import Work
from matching.facts import NOTHING_KNOWN, Facts, from_bytes, to_bytes


def current(work: Work) -> Facts:
    """What new scores use; nothing is known before something was entered."""
    version = work.session.scalar(select(Row.version).where(Row.current))
    return of_version(work, version) if version else NOTHING_KNOWN


def of_version(work: Work, version: str) -> Facts:
    """The facts an older score names."""
    return _read(work.session.scalars(select(Row.body).where(Row.version == version)).one())


def renew(work: Work) -> None:
    """Freeze what is known now. Matches found before meet it when they are next compared, in the night at the latest."""
    alone(work, "facts")
    facts = Facts(rates.in_force(work), track_records.steps(work))
    work.session.execute(update(Row).values(current=False))
    if facts.version:
        row = work.session.get(Row, facts.version)
        if row is None:
            row = Row(version=facts.version, body=to_bytes(facts), made_at=work.now)
            work.session.add(row)
        row.current = True
    work.session.flush()


@lru_cache(maxsize=4)
def _read(body: bytes) -> Facts:
    return from_bytes(body)
