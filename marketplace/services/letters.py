"""What people get by mail about their account: asked for in a transaction, written and sent by a job.

The job carries ids only. Secrets for links are made when the letter is written and go nowhere but into it, so
that no table ever holds one. In a letter that has to be written again the link of the first goes on leading somewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select, update

from marketplace import jobs, mail
from marketplace.db import new_id
from marketplace.languages import DEFAULT, catalogue
from marketplace.models.accounts import Invitation, Organisation, User
from marketplace.services import tokens
from marketplace.services.expiring import warned
from marketplace.work import Work

TASK = "send_letter"
MOST_NAMED = 7
"""Listings that one letter names; the desk shows the rest."""
PATHS = {
    "confirm": "confirm/{token}",
    "move": "move/{token}",
    "reset": "reset/{token}",
    "invitation": "invitations/{token}",
    "forgot": "forgot",
    "sign_in": "sign-in",
    "account": "account",
    "second_factor": "account/second-factor",
    "listing": "desk/listings/{uid}",
    "desk": "desk",
}
"""Where the links of letters lead, below the language. A test holds them against the routes."""


ATTEMPTS = 20
"""Of sending a letter; the waits grow to an hour (`jobs.wait_after`). A mail server may be away for half a day."""


class Receiver(NamedTuple):
    id: str
    email: str
    name: str
    language: str


def post_letter(work: Work, letter: str, **arguments: Any) -> None:
    """Have `letter` sent after this transaction. `arguments` are ids and addresses, never secrets."""
    work.ask(TASK, attempts=ATTEMPTS, letter=letter, **arguments)


def write(work: Work, letter: str, **arguments: Any) -> mail.Mail | None:
    """The letter as it is to go out, its links made now; None when it has no point any more.

    Raises `NotNow` for a letter of another version of Giao, which is left to that one's processes.
    """
    return jobs.known("letter", LETTERS, letter, work, **arguments)(work, **arguments)


def link(work: Work, language: str, place: str, **parts: str) -> str:
    """The absolute address of a page that letters lead to."""
    return f"{work.runtime.settings.base_url}/{language}/{PATHS[place].format(**parts)}"


def _confirm(work: Work, user_id: str) -> mail.Mail | None:
    confirmed = select(User.email_confirmed_at).where(User.id == user_id)
    user = _receiver(work, user_id)
    if user is None or work.session.scalar(confirmed) is not None:
        return None
    return _with_link(work, "confirm", user, user.email)


def _reset(work: Work, user_id: str) -> mail.Mail | None:
    user = _receiver(work, user_id)
    return _with_link(work, "reset", user, user.email) if user else None


def _move(work: Work, user_id: str, email: str) -> mail.Mail | None:
    user = _receiver(work, user_id)
    return _with_link(work, "move", user, email) if user else None


def _already(work: Work, email: str) -> mail.Mail | None:
    """To somebody whose address was typed by a person who wanted to register it: perhaps they themselves."""
    user = _receiver(work, work.session.scalar(select(User.id).where(User.email == email)))
    if user is None:
        return None
    links = {place: link(work, user.language, place) for place in ("sign_in", "forgot")}
    return _written(work, "already", user, email, **links)


def _password_changed(work: Work, user_id: str) -> mail.Mail | None:
    user = _receiver(work, user_id)
    return (
        _written(work, "password_changed", user, user.email, forgot=link(work, user.language, "forgot"))
        if user
        else None
    )


def _second_factor_on(work: Work, user_id: str) -> mail.Mail | None:
    user = _receiver(work, user_id)
    return _written(work, "second_factor_on", user, user.email, **_ways(work, user)) if user else None


def _second_factor_off(work: Work, user_id: str) -> mail.Mail | None:
    user = _receiver(work, user_id)
    return _written(work, "second_factor_off", user, user.email, **_ways(work, user)) if user else None


def _ways(work: Work, user: Receiver) -> dict[str, str]:
    """Where somebody goes who has not done this himself, and where it is done."""
    return {place: link(work, user.language, place) for place in ("forgot", "second_factor")}


def _moved(work: Work, user_id: str, email: str) -> mail.Mail | None:
    """To the old address: whoever reads it there must learn that the account has gone elsewhere."""
    user = _receiver(work, user_id)
    return _written(work, "moved", user, email) if user else None


def _invitation(work: Work, invitation_id: str, language: str) -> mail.Mail | None:
    """Carries the same link however often it is written: only one of such letters is shown to whom they are for."""
    wanted = (
        select(
            Invitation.email, Invitation.role, Invitation.expires_at, Organisation.name, User.name.label("by")
        )
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .join(User, User.id == Invitation.invited_by)
        .where(
            Invitation.id == invitation_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
        )
    )
    found = work.session.execute(wanted).one_or_none()
    if found is None or found.expires_at <= work.now:
        return None
    token = tokens.derived(work, f"invitation {invitation_id}")
    kept = update(Invitation).where(Invitation.id == invitation_id)
    work.session.execute(kept.values(token_hash=tokens.hash_of(token)))
    known = work.session.scalar(select(User.id).where(User.email == found.email))
    user = _receiver(work, known) or Receiver("", found.email, "", language)
    values = {"organisation": found.name, "by": found.by, "role": found.role, "ends": found.expires_at}
    return _written(
        work,
        "invitation",
        user,
        found.email,
        link=link(work, user.language, "invitation", token=token),
        **values,
    )


def _expiring(work: Work, user_id: str, organisation_id: str, warned_at: str) -> mail.Mail | None:
    """Which listings of an organisation end soon. Without a point when all were renewed before it is written."""
    user = _receiver(work, user_id)
    found = warned(work, organisation_id, datetime.fromisoformat(warned_at), most=MOST_NAMED)
    if user is None or not found.total:
        return None
    named = work.session.scalars(select(Organisation.name).where(Organisation.id == organisation_id)).one()
    items = [
        one._asdict() | {"link": link(work, user.language, "listing", uid=one.uid)} for one in found.soonest
    ]
    return _written(
        work, "expiring", user, user.email, organisation=named, items=items, more=found.total - len(items),
        desk=link(work, user.language, "desk"),
    )  # fmt: skip


LETTERS: Mapping[str, Callable[..., mail.Mail | None]] = {
    "confirm": _confirm,
    "already": _already,
    "reset": _reset,
    "password_changed": _password_changed,
    "move": _move,
    "moved": _moved,
    "invitation": _invitation,
    "expiring": _expiring,
    "second_factor_on": _second_factor_on,
    "second_factor_off": _second_factor_off,
}


def _receiver(work: Work, user_id: str | None) -> Receiver | None:
    """The person, unless the account was shut meanwhile."""
    wanted = select(User.id, User.email, User.name, User.language).where(
        User.id == user_id, User.disabled_at.is_(None)
    )
    found = work.session.execute(wanted).one_or_none()
    return Receiver(*found) if found else None


def _with_link(work: Work, purpose: str, user: Receiver, email: str) -> mail.Mail:
    token = tokens.issue(work, purpose, user.id, email)
    lives = int(tokens.LIVES[purpose].total_seconds() // 3600)
    return _written(
        work, purpose, user, email, link=link(work, user.language, purpose, token=token), hours=lives
    )


def _written(work: Work, letter: str, user: Receiver, to: str, **values: Any) -> mail.Mail:
    settings = work.runtime.settings
    exchange = settings.exchange_name or catalogue(user.language).gettext("exchange.name")
    values |= {"name": user.name, "exchange": exchange, "base_url": settings.base_url}
    return mail.write(
        letter, to=to, language=user.language or DEFAULT, message_id=_message_id(work, letter, to), **values
    )


def _message_id(work: Work, letter: str, to: str) -> str:
    """The same however often one job writes this letter, so that mail programs show once what was sent twice: a
    process may be killed after it has handed the letter over and before it has written that down."""
    what = hashlib.sha256(f"{work.trace or new_id()} {letter} {to}".encode()).hexdigest()[:32]
    return f"<{what}@{urlsplit(work.runtime.settings.base_url).hostname or 'localhost'}>"
