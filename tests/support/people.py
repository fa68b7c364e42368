"""People and organisations for tests of what they do with listings."""

from __future__ import annotations

from marketplace.db import new_id
from marketplace.models.accounts import STAFF_ROLES, Membership, Organisation, User
from marketplace.services.policy import Actor
from marketplace.work import Work
from vocabulary.text import fold


def organisation(work: Work, name: str, *, is_exchange: bool = False) -> str:
    made = Organisation(
        id=new_id(),
        name=name,
        name_key=fold(name),
        name_en=f"{name} (en)",
        kind="institute",
        code="0312345678",
        province="92",
        website="https://example.org",
        is_exchange=is_exchange,
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made.id


def person(work: Work, name: str, roles: dict[str, tuple[str, ...]], *, confirmed: bool = True) -> Actor:
    """A person with these roles (organisation id -> roles), as an Actor who is signed in."""
    user = User(
        id=new_id(),
        email=f"{new_id().lower()}@example.org",
        name=name,
        password_hash="none",
        language="vi",
        terms_version="1",
        terms_accepted_at=work.now,
        email_confirmed_at=work.now if confirmed else None,
        created_at=work.now,
    )
    work.session.add(user)
    work.session.flush()
    for organisation_id, held in roles.items():
        for role in held:
            work.session.add(
                Membership(
                    id=new_id(), user_id=user.id, organisation_id=organisation_id, role=role, since=work.now
                )
            )
    work.session.flush()
    everything = frozenset(role for held in roles.values() for role in held)
    return Actor(
        user_id=user.id,
        name=name,
        roles={own: frozenset(held) for own, held in roles.items()},
        staff=everything & frozenset(STAFF_ROLES),
        confirmed=confirmed,
    )
