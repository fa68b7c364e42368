"""The librarians' list: listings without a classification, oldest first, and those that have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from marketplace.models.exchanges import Overlay
from marketplace.models.feed import Published
from marketplace.services import catalogue, feed
from marketplace.services.catalogue import Public
from marketplace.services.classification.deciding import ACTION
from marketplace.services.classification.layer import KIND, Layer, laid, text_mark
from marketplace.services.feed import LISTED
from marketplace.services.policy import Actor, permit
from marketplace.work import Work

PAGE = 25
Which = Literal["waiting", "done"]
WHICH: tuple[Which, ...] = ("waiting", "done")


@dataclass(frozen=True, slots=True)
class Line:
    """A listing of the list; `layer` is None while it has none."""

    listing: Public
    layer: Layer | None

    @property
    def outdated(self) -> bool:
        """Whether its texts have changed since it was classified."""
        return self.layer is not None and self.layer.of_text != text_mark(self.listing.content)


@dataclass(frozen=True, slots=True)
class Page:
    """`homes` are the exchanges whose listings are here, `counts` how many of each `Which` there are as filtered."""

    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    homes: tuple[str, ...]
    page: int
    pages: int


def page(
    work: Work, actor: Actor, *, which: Which = "waiting", home: str = "", kind: str = "", number: int = 1
) -> Page:
    """Raises `Forbidden` for whoever is no librarian."""
    permit(actor, ACTION)
    shown: list[ColumnElement[bool]] = [Published.op == "upsert", Published.kind.in_(LISTED)]
    homes = work.session.scalars(select(Published.origin).where(*shown).distinct()).all()
    shown += [Published.origin == home] if home else []
    shown += [Published.kind == kind] if kind else []
    counts: dict[str, int] = {one: _count(work, shown, one) for one in WHICH}
    pages = max(1, -(-counts[which] // PAGE))
    number = min(max(1, number), pages)
    statement = select(Published.id).where(*shown, _is(which)).order_by(Published.published_at, Published.id)
    uids = work.session.scalars(statement.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(tuple(_lines(work, uids)), counts, tuple(sorted(homes)), number, pages)


def _lines(work: Work, uids: Sequence[str]) -> list[Line]:
    rows, layers = feed.rows(work, uids), laid(work, uids)
    return [
        Line(catalogue.public(rows[uid]), layers[uid].layer if uid in layers else None)
        for uid in uids
        if uid in rows
    ]


def _count(work: Work, shown: list[ColumnElement[bool]], which: Which) -> int:
    return work.session.scalar(select(func.count()).select_from(Published).where(*shown, _is(which))) or 0


def _is(which: Which) -> ColumnElement[bool]:
    said = aliased(Published)
    has = exists().where(
        Overlay.about == Published.id, Overlay.layer == KIND, said.id == Overlay.uid, said.op == "upsert"
    )
    return has if which == "done" else ~has
