"""Finding the organisation that an operator names in a terminal, and making it when that is wished."""

from __future__ import annotations

from sqlalchemy import or_, select

from marketplace.db import new_id
from marketplace.errors import Invalid, NotFound
from marketplace.models.accounts import Organisation
from marketplace.services import names
from marketplace.services.locks import alone
from marketplace.work import Work


def find(work: Work, name: str) -> Organisation:
    """The organisation of this id, registration code or name, however it is typed.

    Raises `NotFound` when there is none or more than one.
    """
    key = names.key(name)
    wanted = or_(Organisation.id == name, Organisation.code == name, Organisation.name_key == key)
    found = work.session.scalars(select(Organisation).where(wanted).limit(2)).all() if key else ()
    if not found:
        raise NotFound("owner_unknown", name=name)
    if len(found) > 1:
        raise NotFound("owner_ambiguous", name=name)
    return found[0]


def find_or_create(work: Work, name: str) -> Organisation:
    """The organisation, made when there is none of that name. Raises `Invalid` for a name that is none."""
    if known := _known(work, name):
        return known
    tidy = names.tidy(name)
    if wrong := names.problems(tidy, path="owner", longest=names.LONGEST_ORGANISATION):
        raise Invalid(wrong)
    # Two imports at once that name the same new owner make one; those of others go on.
    alone(work, f"owner {names.key(tidy)}")
    if known := _known(work, name):
        return known
    owner = Organisation(id=new_id(), name=tidy, name_key=names.key(tidy), created_at=work.now)
    work.session.add(owner)
    work.session.flush()
    return owner


def _known(work: Work, name: str) -> Organisation | None:
    try:
        return find(work, name)
    except NotFound as missing:
        if missing.code != "owner_unknown":
            raise
        return None
