"""Pairs a broker may take up of his own accord: good matches between two organisations of this exchange of which there
never was a case, and which nobody has called unfit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

from sqlalchemy import ColumnElement, and_, exists, select, tuple_

from marketplace.db import in_pairs
from marketplace.models.deals import Deal
from marketplace.models.learning import Decision
from marketplace.models.listings import Listing
from marketplace.models.matches import IS_GOOD, Match
from marketplace.services import assigning, catalogue
from marketplace.services.assignment import Candidate
from marketplace.services.catalogue import Public
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from matching.records import signals
from matching.result import Signal
from vocabulary.text import fold

PAGE = 20
BEST = 3
"""Of each demand so many offers at most, by their place among its suggestions: else one demand would fill the page."""
AT_ONCE = 100
MOST_READ = 10
"""So many times so many pairs are read for a page: what a narrow question leaves out is read as well."""

LONGEST_TOTAL = 6
"""Digits of a score in thousandths."""

Show = Literal["mine", "fits", "all"]
SHOWS: tuple[Show, ...] = ("mine", "fits", "all")
"""In the broker's own fields; those of which somebody has said that they fit; all."""


class Mark(NamedTuple):
    """The pair after which a page begins."""

    total: int
    demand_uid: str
    offer_uid: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what no page has written."""
        total, _, pair = text.partition(" ")
        demand_uid, _, offer_uid = pair.partition(" ")
        known = (
            offer_uid
            and text.isascii()
            and text.isprintable()
            and total.isdigit()
            and len(total) <= LONGEST_TOTAL
        )
        return cls(int(total), demand_uid, offer_uid) if known else None

    def written(self) -> str:
        return f"{self.total} {self.demand_uid} {self.offer_uid}"


@dataclass(frozen=True, slots=True)
class Promising:
    """One pair with what counted most in its score; `fits`: somebody has said that it does."""

    demand: Public
    offer: Public
    total: int
    signals: tuple[Signal, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some pairs, the best first. `after` is where the next page begins; empty when there is nothing more."""

    pairs: tuple[Promising, ...] = ()
    after: str = ""


def page(work: Work, actor: Actor, *, show: Show, words: str = "", after: str = "") -> Page:
    """The pairs `show` means, with all these words in one of their titles.

    Raises `Forbidden` for who is no broker or has no entry in the register, and `Conflict` with what keeps all his entries
    from taking a case.
    """
    permit(actor, "board.read")
    entries = assigning.able(work, actor)
    if not entries:
        assigning.entry_for(work, actor, assigning.NOTHING)  # Says why not.
    own = frozenset(code for one in entries for code in one.fields)
    asked = _Asked(entries, own if show == "mine" else frozenset(), fold(words).split())
    found: list[_Read] = []
    last = Mark.read(after)
    for _ in range(MOST_READ):
        marks = _marks(work, last, fitting=show == "fits")
        for one in _read(work, marks):
            if asked.means(one):
                if len(found) == PAGE:
                    return Page(_shown(work, found), found[-1].mark.written())
                found.append(one)
        if len(marks) < AT_ONCE:
            return Page(_shown(work, found))
        last = marks[-1]
    return Page(_shown(work, found), last.written() if last else "")


class _Read(NamedTuple):
    """A pair of two public listings of this exchange, and whose they are."""

    mark: Mark
    demand: Public
    offer: Public
    owners: frozenset[str]


class _Asked(NamedTuple):
    """`fields`: those of which one side must have one, if there are any."""

    entries: Sequence[Candidate]
    fields: frozenset[str]
    words: Sequence[str]

    def means(self, one: _Read) -> bool:
        """Whether both sides take enquiries, one of the entries has no interest in them, and it is what was asked for."""
        contents = (one.demand.content, one.offer.content)
        titles = fold(" ".join(text.title for content in contents for text in content.texts.values()))
        return (
            len(one.owners) > 1
            and any(one.owners.isdisjoint(entry.interests) for entry in self.entries)
            and not any(side.mark == "prohibited" or not side.content.open_for_interest for side in one[1:3])
            and (not self.fields or any(self.fields.intersection(content.fields) for content in contents))
            and all(word in titles for word in self.words)
        )


def _marks(work: Work, after: Mark | None, *, fitting: bool) -> list[Mark]:
    """The next pairs nobody has taken up or called unfit, and, if so asked, somebody has called fitting."""
    place = (Match.total, Match.demand_uid, Match.offer_uid)
    best = select(*place).where(
        IS_GOOD, Match.place <= BEST, Match.copy_of == "", ~_had_a_case(), ~_said("rejected")
    )
    if fitting:
        best = best.where(_said("accepted"))
    if after is not None:
        best = best.where(tuple_(*place) < tuple_(*after))
    rows = work.session.execute(best.order_by(*(part.desc() for part in place)).limit(AT_ONCE))
    return [Mark(*row) for row in rows]


def _had_a_case() -> ColumnElement[bool]:
    return exists().where(Deal.demand_uid == Match.demand_uid, Deal.offer_uid == Match.offer_uid)


def _said(verdict: str) -> ColumnElement[bool]:
    """Whether somebody has, and holds to it."""
    about = and_(Decision.demand_uid == Match.demand_uid, Decision.offer_uid == Match.offer_uid)
    return exists().where(about, Decision.verdict == verdict, Decision.undone_at.is_(None))


def _read(work: Work, marks: Sequence[Mark]) -> Iterator[_Read]:
    """Those of which both listings are public, and at home here."""
    uids = [uid for _, *pair in marks for uid in pair]
    # Its status is looked at here: asked for it, SQLite would go through all that have it.
    own = select(Listing.uid, Listing.organisation_id, Listing.status).where(Listing.uid.in_(uids))
    owners = {uid: owner for uid, owner, status in work.session.execute(own) if status == "published"}
    public = catalogue.published(work, list(owners))
    for mark in marks:
        demand, offer = public.get(mark.demand_uid), public.get(mark.offer_uid)
        if demand is not None and offer is not None:
            yield _Read(mark, demand, offer, frozenset({owners[demand.uid], owners[offer.uid]}))


def _shown(work: Work, found: Sequence[_Read]) -> tuple[Promising, ...]:
    """With their reasons, which only those are asked for that are shown."""
    if not found:
        return ()
    pairs = [(one.mark.demand_uid, one.mark.offer_uid) for one in found]
    stored = select(Match.demand_uid, Match.offer_uid, Match.score, _said("accepted").label("fits"))
    rows = work.session.execute(stored.where(in_pairs(Match.demand_uid, Match.offer_uid, pairs)))
    known = {(row.demand_uid, row.offer_uid): row for row in rows}
    return tuple(
        Promising(one.demand, one.offer, one.mark.total, signals(known[pair].score), known[pair].fits)
        for one, pair in zip(found, pairs, strict=True)
    )
