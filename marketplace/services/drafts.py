"""What somebody has typed and not yet saved: kept by the server as it stood in the form, encrypted whole.

A draft belongs to its holder (a person, or before signing in a browser) and to one form. It survives signing
in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from marketplace.db import new_id
from marketplace.errors import Invalid, Stale
from marketplace.models.listings import Autosave
from marketplace.seal import SealedValue
from marketplace.services import throttle
from marketplace.services.locks import alone
from marketplace.services.throttle import Limit
from marketplace.work import Work
from vocabulary.problems import Problem

Fields = tuple[tuple[str, str], ...]
"""Names and values as the form sent them, in its order; a name may come more than once."""

LARGEST = 200_000
"""Bytes kept of one form; the longest that can be posted has about 60,000."""
MOST = 20
"""Drafts of one holder; the oldest goes when there is one more."""
KEPT_FOR_VISITORS = timedelta(days=30)
BEGUN = Limit("drafts.address", 60, timedelta(hours=1))
"""Drafts begun from one network address by people who have not signed in. Saving one again costs nothing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`form` is `new:<kind>` (or `new:<kind>:<name>` for a further one) or `listing:<uid>`."""

    form: str
    fields: Fields
    base_version: int
    saved_at: datetime


def save(
    work: Work,
    holder: str,
    form: str,
    fields: Iterable[tuple[str, str]],
    *,
    base_version: int = 0,
    address: str = "",
) -> Draft:
    """Keep what stands in the form now.

    Raises `Stale` when a form of a newer version was saved since, in another window: the older window must
    not overwrite it. Raises `Invalid` for a form larger than any that could be sent, and `TooMany` when a
    visitor's network address has begun more drafts than a whole office would.
    """
    kept = tuple((name, value) for name, value in fields)
    written = json.dumps(kept, ensure_ascii=False).encode()
    if len(written) > LARGEST:
        raise Invalid([Problem("draft", "draft.too_large")])
    alone(work, f"draft {holder} {form}")
    row = _row(work, holder, form)
    if row is not None and row.base_version > base_version:
        raise Stale(row.base_version)
    if row is None:
        if address:
            throttle.take(work, BEGUN, throttle.network(address))
        row = Autosave(id=new_id(), holder=holder, form=form)
        work.session.add(row)
    closed = work.runtime.seal.close(written, place(row.id))
    row.sealed, row.sealed_key = closed.data, closed.key_id
    row.base_version, row.saved_at = base_version, work.now
    work.session.flush()
    _keep_few(work, holder)
    return Draft(form, kept, base_version, work.now)


def find(work: Work, holder: str, form: str) -> Draft | None:
    """What the holder has typed into this form; None when nothing is kept."""
    row = _row(work, holder, form)
    return _opened(work, row) if row is not None else None


def held(work: Work, holder: str) -> list[Draft]:
    """All drafts of a holder, the latest first."""
    own = select(Autosave).where(Autosave.holder == holder).order_by(Autosave.saved_at.desc(), Autosave.id)
    return [_opened(work, row) for row in work.session.scalars(own)]


def drop(work: Work, holder: str, form: str) -> None:
    """Forget a draft: it was saved, or its holder started anew."""
    work.session.execute(delete(Autosave).where(Autosave.holder == holder, Autosave.form == form))


def adopt(work: Work, visitor: str, person: str) -> int:
    """Give the person who has signed in the drafts this browser held; how many.

    Where the person has a draft of the same form already both are kept: the browser's is the fresher one, the
    other gets a name of its own.
    """
    rows = work.session.scalars(select(Autosave).where(Autosave.holder == visitor).with_for_update()).all()
    for row in rows:
        older = _row(work, person, row.form)
        if older is not None:
            older.form = f"new:{row.form.split(':')[1]}:{older.id}"
            work.session.flush()
        row.holder = person
        work.session.flush()
    return len(rows)


def forget_old(work: Work) -> int:
    """Drop what browsers have left behind for `KEPT_FOR_VISITORS`; how many."""
    left = delete(Autosave).where(
        Autosave.holder.startswith("visitor:"), Autosave.saved_at < work.now - KEPT_FOR_VISITORS
    )
    return len(work.session.scalars(left.returning(Autosave.id)).all())


def place(draft_id: str) -> str:
    """Without the holder, who changes at signing in."""
    return f"autosave:{draft_id}"


def _row(work: Work, holder: str, form: str) -> Autosave | None:
    found = select(Autosave).where(Autosave.holder == holder, Autosave.form == form)
    return work.session.scalar(found.with_for_update())


def _opened(work: Work, row: Autosave) -> Draft:
    written = work.runtime.seal.open(SealedValue(row.sealed_key, row.sealed), place(row.id))
    fields = tuple((name, value) for name, value in json.loads(written))
    return Draft(row.form, fields, row.base_version, row.saved_at)


def _keep_few(work: Work, holder: str) -> None:
    newest = select(Autosave.id).where(Autosave.holder == holder).order_by(Autosave.saved_at.desc())
    surplus = work.session.scalars(newest.offset(MOST)).all()
    if surplus:
        work.session.execute(delete(Autosave).where(Autosave.id.in_(surplus)))
