"""The register of brokers as people read it: what each says of himself and what he has achieved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, exists, or_, select

from marketplace.errors import NotFound
from marketplace.models.accounts import Organisation, User
from marketplace.models.brokers import Broker, Conflict
from marketplace.services import broker_desks, parties, records
from marketplace.services.brokers import Entered
from marketplace.services.policy import Actor, may
from marketplace.services.records import Record
from marketplace.work import Work
from vocabulary.sorting import sort_key


@dataclass(frozen=True, slots=True)
class Shown:
    """A broker as the register shows him: what he says, whether it was verified, and what he has achieved."""

    id: str
    name: str
    organisation: str
    is_network: bool
    entered: Entered
    verified: bool
    certified: bool
    lead: str
    version: int
    load: int = 0
    record: Record = field(default_factory=Record)


def register(work: Work, *, field: str = "", province: str = "") -> list[Shown]:
    """The public register: all networks and brokers that are active, by name;
    those of a field or its branch, those of a province."""
    standing = or_(Broker.user_id.is_(None), exists().where(parties.STAFFED))
    rows = work.session.execute(_named().where(Broker.active, standing)).all()
    shown = _shown(work, rows)
    wanted = [
        one
        for one in shown
        if (not field or any(code == field or code.startswith(f"{field}.") for code in one.entered.fields))
        and (not province or province in one.entered.provinces)
    ]
    return sorted(wanted, key=lambda one: (sort_key(one.name), one.id))


def one(work: Work, broker_id: str) -> Shown:
    """One broker's public page. Raises `NotFound`."""
    row = work.session.execute(_named().where(Broker.id == broker_id)).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return _shown(work, [row])[0]


def mine(work: Work, actor: Actor) -> list[Shown]:
    """The entries that the actor keeps: his own, and those of the organisations he may enter as networks."""
    own = select(Broker.id).where(Broker.user_id == actor.user_id)
    leads = [of for of in actor.roles if may(actor, "broker.lead", of)]
    networks = select(Broker.id).where(Broker.user_id.is_(None), Broker.organisation_id.in_(leads))
    rows = work.session.execute(_named().where(Broker.id.in_(own.union(networks))))
    return _shown(work, rows.all())


def ids_of(work: Work, actor: Actor) -> list[str]:
    """Entries whose cases are the actor's to work on, his own first."""
    rows = select(Broker.id).where(parties.brokers_as(actor))
    return list(work.session.scalars(rows.order_by(Broker.user_id.is_(None), Broker.id)))


def declared(work: Work, broker_id: str) -> list[tuple[str, str]]:
    """Declared interests: the declaration's id and the organisation's name."""
    joined = select(Conflict.id, Organisation.name).join(
        Organisation, Organisation.id == Conflict.organisation_id
    )
    return [(own, name) for own, name in work.session.execute(joined.where(Conflict.broker_id == broker_id))]


def _named() -> Select[*tuple[Any, ...]]:
    return (
        select(Broker, User.name, Organisation.name)
        .outerjoin(User, User.id == Broker.user_id)
        .join(Organisation, Organisation.id == Broker.organisation_id)
    )


def _shown(work: Work, found: Sequence[Any]) -> list[Shown]:
    ids = [row.id for row, _, _ in found]
    achieved, load, leads = records.of_brokers(work, ids), broker_desks.load(work), _leads(work, found)
    return [
        Shown(
            id=row.id,
            name=person or organisation,
            organisation=organisation,
            is_network=row.user_id is None,
            entered=_as_entered(row),
            verified=row.verified_at is not None,
            certified=row.certified_until is not None and row.certified_until >= work.now.date(),
            lead=leads.get(row.lead_id or "", ""),
            version=row.version,
            load=load.get(row.id, 0),
            record=achieved[row.id],
        )
        for row, person, organisation in found
    ]


def _leads(work: Work, found: Sequence[Any]) -> dict[str, str]:
    """Names of the organisations that lead these brokers' networks."""
    joined = select(Broker.id, Organisation.name).join(
        Organisation, Organisation.id == Broker.organisation_id
    )
    rows = work.session.execute(
        joined.where(Broker.id.in_([row.lead_id for row, _, _ in found if row.lead_id]))
    )
    return {broker_id: name for broker_id, name in rows}  # noqa: C416 - dict() of a Result loses the types


def _as_entered(row: Broker) -> Entered:
    return Entered(
        row.about, row.certificate, row.issuer, row.certified_until, tuple(row.fields), tuple(row.provinces),
        tuple(row.languages), row.capacity, row.active, row.lead_id or "",
    )  # fmt: skip
