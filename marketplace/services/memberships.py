"""Who belongs to an organisation: its members, their roles, and leaving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.accounts import STAFF_ROLES, Membership, Organisation, User
from marketplace.services import accounts, audit, sessions
from marketplace.services.locks import alone
from marketplace.services.policy import Actor, may, permit
from marketplace.work import Work
from vocabulary.problems import Problem

MEMBER_ROLES = ("owner", "editor", "broker")
"""Roles in any organisation; those of `STAFF_ROLES` exist in the exchange's own only, and admins give them."""
KEEPERS = frozenset({"owner", "admin"})
"""Roles of which an organisation keeps at least one, or nobody could let anybody in again."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person in an organisation, with all roles held there."""

    user_id: str
    name: str
    email: str
    roles: tuple[str, ...]
    since: datetime


def members(work: Work, actor: Actor, organisation_id: str) -> list[Member]:
    """All members, those who came first at the top."""
    permit(actor, "organisation.read", organisation_id)
    wanted = (
        select(User.id, User.name, User.email, Membership.role, Membership.since)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.since, User.id)
    )
    people = defaultdict(list)
    for row in work.session.execute(wanted):
        people[row.id].append(row)
    return [_member(list(rows)) for rows in people.values()]


def grantable(work: Work, actor: Actor, organisation_id: str) -> tuple[str, ...]:
    """The roles the actor may give and take there."""
    if not may(actor, "organisation.manage", organisation_id):
        return ()
    own = select(Organisation.is_exchange).where(Organisation.id == organisation_id)
    staff = STAFF_ROLES if work.session.scalar(own) and may(actor, "people.manage") else ()
    return (*MEMBER_ROLES, *staff)


def set_roles(work: Work, actor: Actor, organisation_id: str, user_id: str, roles: Iterable[str]) -> None:
    """Give a person exactly these of the roles that are the actor's to give; none left, and they are out.

    Their sessions end. Somebody who is no member comes in by invitation; only admins put people in. Raises
    `Invalid` for a role the actor may not give, `Conflict` when nobody would be left who can manage it all.
    """
    permit(actor, "organisation.manage", organisation_id)
    accounts.profile_of(work, user_id)
    _alone(work, organisation_id)
    before, wanted = _held(work, organisation_id, user_id), set(roles)
    own = set(grantable(work, actor, organisation_id))
    if not before and not may(actor, "people.manage"):
        raise NotFound("not_found")
    if wanted - before - own:
        raise Invalid([Problem("roles", "role_not_yours")])
    _change(work, actor, organisation_id, user_id, (before - own) | wanted)


def join(work: Work, actor: Actor, organisation_id: str, role: str) -> None:
    """Add a role for the actor, who was invited to it."""
    _alone(work, organisation_id)
    _change(work, actor, organisation_id, actor.user_id, _held(work, organisation_id, actor.user_id) | {role})


def leave(work: Work, actor: Actor, organisation_id: str) -> None:
    """Go. Raises `Conflict` for the last one who can manage the organisation."""
    permit(actor, "organisation.read", organisation_id)
    _alone(work, organisation_id)
    _change(work, actor, organisation_id, actor.user_id, set())


def is_member(work: Work, organisation_id: str, email: str, role: str) -> bool:
    """Whether the person with this address holds the role there."""
    held = select(Membership.id).join(User, User.id == Membership.user_id).where(User.email == email)
    same = held.where(Membership.organisation_id == organisation_id, Membership.role == role)
    return work.session.scalar(same) is not None


def _change(work: Work, actor: Actor, organisation_id: str, user_id: str, after: set[str]) -> None:
    before = _held(work, organisation_id, user_id)
    if before == after:
        return
    gone = (Membership.user_id == user_id, Membership.role.in_(before - after))
    work.session.execute(delete(Membership).where(Membership.organisation_id == organisation_id, *gone))
    for role in sorted(after - before):
        added = Membership(id=new_id(), user_id=user_id, organisation_id=organisation_id, role=role)
        added.since = work.now
        work.session.add(added)
    if before & KEEPERS and not _has_keeper(work, organisation_id):
        raise Conflict("last_owner")
    sessions.end_all(work, user_id)
    said = {"before": " ".join(sorted(before)), "after": " ".join(sorted(after))}
    audit.record(work, actor, "roles.change", user_id, organisation=organisation_id, **said)


def _alone(work: Work, organisation_id: str) -> None:
    """Before it is looked who holds what: of two changes at once the later one keeps what the former gave."""
    alone(work, f"members {organisation_id}")


def _held(work: Work, organisation_id: str, user_id: str) -> set[str]:
    theirs = (Membership.organisation_id == organisation_id, Membership.user_id == user_id)
    return set(work.session.scalars(select(Membership.role).where(*theirs)))


def _has_keeper(work: Work, organisation_id: str) -> bool:
    keepers = (Membership.organisation_id == organisation_id, Membership.role.in_(KEEPERS))
    return work.session.scalar(select(Membership.id).where(*keepers).limit(1)) is not None


def _member(rows: list[Any]) -> Member:
    first = rows[0]
    return Member(first.id, first.name, first.email, tuple(sorted(row.role for row in rows)), first.since)
