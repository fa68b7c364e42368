"""What librarians of the national exchange decide about listings, and take back again.

No decision is ever changed. The newest about a listing that was not undone counts; one that says nothing takes the
layer away. What counts is published at once, and goes down to the listing's home with its feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, Stale
from marketplace.models.accounts import User
from marketplace.models.exchanges import Overlay
from marketplace.models.feed import Published
from marketplace.models.layers import Classification
from marketplace.services import audit, catalogue, feed
from marketplace.services.classification.layer import CODE_LISTS, KIND, Layer, as_body, read, text_mark
from marketplace.services.feed import Record
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary import checks
from vocabulary.listing import Content
from vocabulary.problems import Problem

ACTION = "listing.classify"
LOCK = "classifications"
"""Whoever decides does so alone: decisions are counted, and the newest counts."""
WITHDRAWN = "withdrawn"
SECOND = {"vi": "en", "en": "vi"}


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the history."""

    n: int
    layer: Layer
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """A listing with what was decided about it, the newest first. `version` guards the form."""

    listing: catalogue.Public
    layer: Layer
    version: int
    history: tuple[Decision, ...]

    @property
    def outdated(self) -> bool:
        """Whether its texts have changed since it was classified."""
        return bool(self.layer.of_text) and self.layer.of_text != text_mark(self.listing.content)


def second_language(content: Content) -> str:
    """The language that a librarian may translate title and summary into; empty where the home has done so itself."""
    language = SECOND.get(content.language, "vi")
    return "" if language in content.texts else language


def case(work: Work, actor: Actor, uid: str) -> Case:
    """Raises `Forbidden`, `NotFound` or `Gone`."""
    permit(actor, ACTION)
    listing = catalogue.listing(work, uid)
    rows = list(
        work.session.scalars(
            select(Classification).where(Classification.uid == uid).order_by(Classification.n.desc())
        )
    )
    return Case(listing, _counts(rows), _version(work, uid), tuple(_history(work, rows)))


def decide(work: Work, actor: Actor, uid: str, said: Layer, *, version: int) -> bool:
    """Classify a listing, or classify it otherwise than before; False when it says so already.

    Of `said` codes and texts are taken. Raises `Invalid`, `Stale`, `Forbidden`, `NotFound` or `Gone`.
    """
    permit(actor, ACTION)
    listing = catalogue.listing(work, uid)
    if problems := list(_problems(listing.content, said)):
        raise Invalid(problems)
    alone(work, LOCK)
    _refuse_stale(work, uid, version)
    layer = replace(said, of_rev=listing.rev, of_text=text_mark(listing.content), decided_at=work.now)
    before = _current(work, uid)
    if layer.same_as(before) or (layer.says_nothing and before.says_nothing):
        return False
    n = (work.session.scalar(select(func.max(Classification.n))) or 0) + 1
    work.session.add(
        Classification(
            n=n,
            uid=uid,
            body=as_body(layer, uid),
            decided_at=work.now,
            decided_by=actor.user_id or actor.name,
        )
    )
    publish(work, uid, layer)
    # Codes only: an entry of the audit stays when a listing is erased, and a translation says what it said.
    codes = {name: ", ".join(getattr(layer, name)) for name in CODE_LISTS}
    audit.record(work, actor, "classification.decide", uid, n=n, **codes)
    return True


def undo(work: Work, actor: Actor, uid: str, *, version: int) -> None:
    """Take the newest decision back, so that the one before it counts again.

    Raises `Conflict` when there is none, `Stale`, `Forbidden`, `NotFound` or `Gone`.
    """
    permit(actor, ACTION)
    catalogue.listing(work, uid)
    alone(work, LOCK)
    _refuse_stale(work, uid, version)
    row = work.session.scalars(_standing(uid).limit(1)).one_or_none()
    if row is None:
        raise Conflict("nothing_classified")
    row.undone_at, row.undone_by = work.now, actor.user_id or actor.name
    work.session.flush()
    publish(work, uid, _current(work, uid))
    audit.record(work, actor, "classification.undo", uid, n=row.n)


def publish(work: Work, uid: str, layer: Layer | None, *, reason: str = WITHDRAWN) -> None:
    """Let the record say this, or be a tombstone: for None, and for a layer that says nothing."""
    says = layer is not None and not layer.says_nothing
    overlay = work.session.scalar(_beside(uid))
    if overlay is None:
        if not says:
            return
        own = work.runtime.settings.node_id
        overlay = Overlay(
            uid=f"{own}:{KIND}:{new_id()}",
            about=uid,
            layer=KIND,
            rev=0,
            body={},
            epoch="",
            received_at=work.now,
        )
        work.session.add(overlay)
    body = as_body(layer, uid) if says and layer is not None else None
    record = Record(
        overlay.uid, KIND, "delete" if body is None else "upsert", body or reason, _audience(work, uid)
    )
    feed.write(work, [record])
    overlay.body, overlay.received_at = body or {}, work.now
    overlay.rev += 1
    work.session.flush()


def again(work: Work, uid: str) -> None:
    """The listing is public once more: what counted before is said again."""
    layer = _current(work, uid)
    if not layer.says_nothing:
        publish(work, uid, layer)


def _audience(work: Work, uid: str) -> str:
    """A listing that only some may read is spoken of to nobody but its home."""
    said = work.session.scalar(select(Published.audience).where(Published.id == uid))
    return "public" if said == "public" else uid.partition(":")[0]


def _problems(content: Content, said: Layer) -> Iterator[Problem]:
    """The rules are those of listings; a translation stands beside the home's texts and never in their place."""
    for language in said.texts:
        if language == content.language or language in content.texts:
            yield Problem(f"texts.{language}.title", "translation.at_home", {"language": language})
    codes: Mapping[str, tuple[str, ...]] = {name: getattr(said, name) for name in CODE_LISTS}
    as_listing = Content(content.kind, content.language, said.texts).revised(**codes)
    yield from checks.problems(as_listing, publishing=False)


def _refuse_stale(work: Work, uid: str, version: int) -> None:
    if (now := _version(work, uid)) != version:
        raise Stale(now)


def _version(work: Work, uid: str) -> int:
    overlay = work.session.scalar(_beside(uid))
    return overlay.rev if overlay is not None else 0


def _beside(uid: str) -> Select[Overlay]:
    return select(Overlay).where(Overlay.about == uid, Overlay.layer == KIND)


def _standing(uid: str) -> Select[Classification]:
    counts = (Classification.uid == uid, Classification.undone_at.is_(None))
    return select(Classification).where(*counts).order_by(Classification.n.desc())


def _current(work: Work, uid: str) -> Layer:
    row = work.session.scalars(_standing(uid).limit(1)).one_or_none()
    return read(row.body) if row is not None else Layer()


def _counts(rows: list[Classification]) -> Layer:
    return next((read(row.body) for row in rows if row.undone_at is None), Layer())


def _history(work: Work, rows: list[Classification]) -> Iterator[Decision]:
    ids = {one for row in rows for one in (row.decided_by, row.undone_by) if one}
    names = dict(work.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    for row in rows:
        undone_by = names.get(row.undone_by, row.undone_by) if row.undone_by else ""
        yield Decision(
            row.n, read(row.body), names.get(row.decided_by, row.decided_by), row.decided_at, undone_by,
            row.undone_at,
        )  # fmt: skip
