"""Catalogues that do not push: entered by one person of the staff, approved by an admin, paused, decided on.

A source is a peer without a key. It can be read, and nothing that anybody signs is ever taken for its word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.peers import Peer, PeerInvitation
from marketplace.models.sources import Source
from marketplace.services import audit
from marketplace.services.policy import Actor, permit
from marketplace.services.sync import enrolment
from marketplace.services.sync.harvest import DCAT, FEED, KINDS, OAI
from marketplace.work import Work
from vocabulary.links import web_address
from vocabulary.problems import Problem

JOB = "harvest_source"
EVERY = timedelta(days=1)
"""A source is read to its end once a day."""
FORMATS = (OAI, DCAT, FEED)
LONGEST = 200
CHOICES: Mapping[str, frozenset[str]] = {
    "confirm": frozenset({"suspicious_zero"}),
    "relink": frozenset({"ids_changed"}),
    "admit": frozenset({"ids_changed"}),
}
"""What somebody may decide -> the alarms it answers."""
_URL = {DCAT: "source_url_dcat", FEED: "source_url_feed"}


@dataclass(frozen=True, slots=True)
class Entered:
    """What is said of a source when it is entered. `chosen` is the set to be read, empty for all. Of a feed neither that
    nor `kind` is asked: each of its records says what it is."""

    node_id: str
    name_vi: str
    name_en: str
    url: str
    chosen: str = ""
    kind: str = "offer"
    format: str = OAI


def enter(work: Work, actor: Actor, entered: Entered) -> None:
    """Keep a source, to be approved by somebody else. Raises `Invalid`."""
    permit(actor, "exchanges.operate")
    wrong = tuple(_problems(work, entered))
    if wrong:
        raise Invalid(wrong)
    node_id = entered.node_id
    peer = Peer(
        node_id=node_id,
        role=enrolment.SOURCE,
        status="pending",
        since=work.now,
        kinds=list(KINDS) if entered.format == FEED else [entered.kind],
    )
    peer.name_vi, peer.name_en = entered.name_vi, entered.name_en
    work.session.add(peer)
    work.session.flush()
    work.session.add(
        Source(
            node_id=node_id, url=entered.url, format=entered.format, chosen=entered.chosen, kind=entered.kind,
            entered_by=_who(actor), entered_at=work.now,
        )
    )  # fmt: skip
    audit.record(work, actor, "source.enter", node_id, url=entered.url)


def approve(work: Work, actor: Actor, node_id: str) -> None:
    """A second person agrees with the address: from now on it is read. Raises `Conflict` for the first."""
    permit(actor, "exchanges.manage")
    source, peer = _pending(work, node_id)
    if source.entered_by == _who(actor):
        raise Conflict("source_needs_another")
    peer.status, source.approved_by, source.approved_at = "active", _who(actor), work.now
    audit.record(work, actor, "source.approve", node_id, url=source.url)
    work.ask(JOB, node_id=node_id)


def reject(work: Work, actor: Actor, node_id: str) -> None:
    """It is not to be read, and its name is free again."""
    permit(actor, "exchanges.manage")
    source, peer = _pending(work, node_id)
    audit.record(work, actor, "source.reject", node_id, url=source.url)
    work.session.delete(source)
    work.session.flush()
    work.session.delete(peer)


def pause(work: Work, actor: Actor, node_id: str) -> None:
    """Read nothing there until `resume`; what is shown stays."""
    _set_status(work, actor, node_id, "active", "suspended")


def resume(work: Work, actor: Actor, node_id: str) -> None:
    _set_status(work, actor, node_id, "suspended", "active")


def ask(work: Work, actor: Actor, node_id: str) -> None:
    """Read it at once."""
    permit(actor, "exchanges.operate")
    known(work, node_id)
    work.ask(JOB, node_id=node_id)


def decide(work: Work, actor: Actor, node_id: str, choice: str) -> None:
    """Answer an alarm: `confirm` that what is missing is gone, `relink` records to their new ids, or `admit` what waits as
    other records than those that are missing. Raises `Conflict` when there is no such alarm now."""
    permit(actor, "exchanges.operate")
    source, _ = known(work, node_id)
    # While a pass is being settled its alarm is not the last word, nor are its counts.
    if source.stage == "settling" or source.alarm not in CHOICES[choice]:
        raise Conflict("source_not_alarmed")
    if choice != "relink":
        source.confirmed = source.last["lost"]
    if choice == "confirm":
        source.alarm = ""
    else:
        source.deciding = choice
    audit.record(work, actor, f"source.{choice}", node_id, lost=source.last["lost"])
    work.ask(JOB, node_id=node_id)


def due(work: Work) -> list[str]:
    """Sources that are to be read now: a pass is under way, or the last ended a day ago."""
    active = select(Source).join(Peer, Peer.node_id == Source.node_id).where(Peer.status == "active")
    found = work.session.scalars(active.order_by(Source.node_id))
    return [
        one.node_id
        for one in found
        if one.stage or one.deciding or one.passed_at is None or work.now - one.passed_at >= EVERY
    ]


def active(work: Work) -> list[str]:
    statement = (
        select(Source.node_id).join(Peer, Peer.node_id == Source.node_id).where(Peer.status == "active")
    )
    return list(work.session.scalars(statement.order_by(Source.node_id)))


def known(work: Work, node_id: str) -> tuple[Source, Peer]:
    """Raises `NotFound`."""
    source = work.session.get(Source, node_id)
    if source is None:
        raise NotFound("not_found")
    return source, work.session.get_one(Peer, node_id)


# -- entering -------------------------------------------------------------------------------------------------------------


def _problems(work: Work, entered: Entered) -> Iterator[Problem]:
    if not enrolment.NODE_ID.fullmatch(entered.node_id) or entered.node_id == work.runtime.settings.node_id:
        yield Problem("node_id", "node_id")
    elif work.session.get(Peer, entered.node_id) is not None or _is_invited(work, entered.node_id):
        yield Problem("node_id", "source_exists", {"node": entered.node_id})
    if not entered.name_vi:
        yield Problem("name_vi", "required")
    for name in ("name_vi", "name_en", "chosen"):
        if len(said := getattr(entered, name)) > LONGEST:
            yield Problem(name, "text.too_long", {"limit": str(LONGEST), "length": str(len(said))})
    yield from _how(entered)
    if entered.kind not in KINDS:
        yield Problem("kind", "kind.unknown", {"value": entered.kind})


def _how(entered: Entered) -> Iterator[Problem]:
    """What is wrong with how it is to be read. A question is ours to ask; only of DCAT it may be in the address."""
    if entered.format not in FORMATS:
        yield Problem("format", "source_format")
    asks = "?" in entered.url and entered.format != DCAT
    elsewhere = entered.format == FEED and not entered.url.endswith("/changes")
    if not web_address(entered.url) or "#" in entered.url or asks or elsewhere:
        yield Problem("url", _URL.get(entered.format, "source_url"))
    if entered.chosen and entered.format != OAI:
        yield Problem("chosen", "source_set")


def _is_invited(work: Work, node_id: str) -> bool:
    unused = select(PeerInvitation.id).where(
        PeerInvitation.node_id == node_id,
        PeerInvitation.used_at.is_(None),
        PeerInvitation.expires_at > work.now,
    )
    return work.session.scalar(unused.limit(1)) is not None


def _set_status(work: Work, actor: Actor, node_id: str, before: str, after: str) -> None:
    permit(actor, "exchanges.operate")
    _, peer = known(work, node_id)
    if peer.status != before:
        raise NotFound("not_found")
    peer.status = after
    audit.record(work, actor, f"source.{after}", node_id)


def _pending(work: Work, node_id: str) -> tuple[Source, Peer]:
    source, peer = known(work, node_id)
    if peer.status != "pending":
        raise NotFound("not_found")
    return source, peer


def _who(actor: Actor) -> str:
    return actor.user_id or actor.name
