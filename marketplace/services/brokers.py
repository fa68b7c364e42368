"""Entering the register of brokers, being verified there, and declaring one's interests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Invalid, NotFound, Stale
from marketplace.models.brokers import Broker, Conflict
from marketplace.services import audit, broker_desks, owners
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, permit
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.fields import FORD
from vocabulary.problems import Problem
from vocabulary.regions import PROVINCES

LONGEST_ABOUT = 1_000
LONGEST_NAME = 120
MOST_CASES = 200
"""A desk of more live cases than this is a slip of the keyboard."""
LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Entered:
    """What a broker says of himself, as it was read from the form. `capacity` counts live cases."""

    about: str
    certificate: str
    issuer: str
    certified_until: date | None
    fields: tuple[str, ...]
    provinces: tuple[str, ...]
    languages: tuple[str, ...]
    capacity: int
    active: bool
    lead_id: str = ""


def entered(
    *, about: str = "", certificate: str = "", issuer: str = "", certified_until: date | None = None,
    fields: Sequence[str] = (), provinces: Sequence[str] = (), languages: Sequence[str] = (), capacity: str = "10",
    active: bool = True, lead_id: str = "",
) -> Entered:  # fmt: skip
    """Read the form. Raises `Invalid` naming each field that cannot stand."""
    problems = [
        Problem(name, "code.unknown", {"value": code, "list": name})
        for name, codes, known in (("fields", fields, FORD), ("provinces", provinces, PROVINCES))
        for code in codes
        if known.get(code) is None
    ]
    problems += [Problem("languages", "required")] if not set(languages) & set(LANGUAGES) else []
    problems += [Problem("fields", "required")] if not fields else []
    if capacity.strip() not in map(str, range(1, MOST_CASES + 1)):
        problems.append(Problem("capacity", "broker.capacity", {"most": str(MOST_CASES)}))
    if problems:
        raise Invalid(problems)
    return Entered(
        taken("about", about, LONGEST_ABOUT),
        taken("certificate", certificate, LONGEST_NAME, needed=True),
        taken("issuer", issuer, LONGEST_NAME, needed=True),
        certified_until, tuple(fields), tuple(provinces),
        tuple(one for one in LANGUAGES if one in languages), int(capacity), active, lead_id,
    )  # fmt: skip


def save(
    work: Work, actor: Actor, organisation_id: str, said: Entered, *, network: bool = False, version: int = 0
) -> str:
    """Enter the actor, or (as `network`) the organisation, into the register, or change the entry.

    A changed certificate has to be verified again. Raises `Stale` when the entry is no longer at `version`.
    """
    permit(actor, "broker.lead" if network else "broker.own", organisation_id)
    row = _own(work, organisation_id, None if network else actor.user_id)
    if row is None:
        row = Broker(
            id=new_id(), organisation_id=organisation_id, user_id=None if network else actor.user_id,
            created_at=work.now, version=0,
        )  # fmt: skip
        work.session.add(row)
    elif row.version != version:
        raise Stale(row.version)
    row.organisation_id = organisation_id  # Of which he is a broker now: an entry goes with its person.
    if (row.certificate, row.issuer, row.certified_until) != (
        said.certificate,
        said.issuer,
        said.certified_until,
    ):
        row.verified_at = row.verified_by = None
    for name in ("about", "certificate", "issuer", "certified_until", "capacity", "active"):
        setattr(row, name, getattr(said, name))
    row.fields, row.provinces, row.languages = list(said.fields), list(said.provinces), list(said.languages)
    row.lead_id = _network(work, said.lead_id) if not network else None
    row.version += 1
    work.session.flush()
    audit.record(work, actor, "broker.save", row.id)
    if row.active:
        broker_desks.look_again(work)
    return row.id


def verify(work: Work, actor: Actor, broker_id: str, *, version: int) -> None:
    """A moderator has seen the certificate. Raises `Stale` when the entry is no longer as he saw it, at `version`."""
    permit(actor, "broker.verify")
    row = _get(work, broker_id)
    if row.version != version:
        raise Stale(row.version)
    row.verified_at, row.verified_by = work.now, actor.user_id or None
    audit.record(work, actor, "broker.verify", broker_id)


def declare(work: Work, actor: Actor, broker_id: str, organisation: str) -> None:
    """The broker has an interest in an organisation, given by its name or code. Raises `Invalid` when unknown."""
    row = _mine(work, actor, broker_id)
    found = _organisation(work, organisation)
    known = select(Conflict).where(Conflict.broker_id == row.id, Conflict.organisation_id == found)
    if work.session.scalar(known) is None:
        work.session.add(Conflict(id=new_id(), broker_id=row.id, organisation_id=found, declared_at=work.now))
    audit.record(work, actor, "broker.declare", broker_id, organisation=found)


def undeclare(work: Work, actor: Actor, conflict_id: str) -> None:
    conflict = work.session.get(Conflict, conflict_id, with_for_update=True)
    if conflict is None:
        raise NotFound("not_found")
    _mine(work, actor, conflict.broker_id)
    work.session.delete(conflict)
    audit.record(work, actor, "broker.undeclare", conflict.broker_id, organisation=conflict.organisation_id)


def _get(work: Work, broker_id: str) -> Broker:
    """The entry, locked to the end of the transaction."""
    row = work.session.get(Broker, broker_id, with_for_update=True)
    if row is None:
        raise NotFound("not_found")
    return row


def _mine(work: Work, actor: Actor, broker_id: str) -> Broker:
    """The entry, for somebody who may change it."""
    row = _get(work, broker_id)
    permit(actor, "broker.own" if row.user_id else "broker.lead", row.organisation_id)
    if row.user_id not in (None, actor.user_id):
        raise NotFound("not_found")
    return row


def _own(work: Work, organisation_id: str, user_id: str | None) -> Broker | None:
    """The entry, locked as that of `_get`; while there is none nobody else makes it."""
    alone(work, f"broker {user_id or organisation_id}")
    network = (Broker.organisation_id == organisation_id, Broker.user_id.is_(None))
    which = network if user_id is None else (Broker.user_id == user_id,)
    return work.session.scalar(select(Broker).where(*which).with_for_update())


def _network(work: Work, lead_id: str) -> str | None:
    if not lead_id:
        return None
    lead = work.session.get(Broker, lead_id)
    if lead is None or lead.user_id is not None:
        raise Invalid([Problem("lead_id", "broker.lead_unknown")])
    return lead.id


def _organisation(work: Work, name: str) -> str:
    try:
        return owners.find(work, name).id
    except NotFound:
        raise Invalid([Problem("organisation", "broker.organisation_unknown", {"value": name})]) from None
