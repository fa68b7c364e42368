"""Sessions: browsers that are signed in. The browser holds 256 random bits, the database only their hash."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update

from marketplace.errors import NotFound, SignInNeeded
from marketplace.models.accounts import STAFF_ROLES, Membership, Organisation, SecondFactor, SignIn, User
from marketplace.services import audit
from marketplace.services.policy import VISITOR, Actor
from marketplace.services.tokens import fresh, hash_of
from marketplace.work import Work

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""A session ends after half an hour without a request, after twelve hours in any case (ASVS 5.0, 7.3)."""
LONGEST_WAIT = timedelta(minutes=10)
"""How long the right password waits for its second factor."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is written down when a session was last used; a write for every page would be a waste."""
KEPT = timedelta(days=30)
LONGEST_AGENT = 200

# Built once: every page asks who reads it.
_ALIVE = and_(
    SignIn.ended_at.is_(None),
    SignIn.ends_at > bindparam("now"),
    SignIn.last_seen_at > bindparam("last"),
    SignIn.awaits_code.is_(False),
)
_RECOGNISED = (
    select(
        User.id,
        User.name,
        User.language,
        User.email_confirmed_at,
        SignIn.last_seen_at,
        SignIn.ends_at,
        SecondFactor.confirmed_at.label("second_factor"),
    )
    .join(SignIn, SignIn.user_id == User.id)
    .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
    .where(SignIn.token_hash == bindparam("token_hash"), _ALIVE, User.disabled_at.is_(None))
)
_ROLES = (
    select(Membership.organisation_id, Membership.role, Organisation.is_exchange)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(Membership.user_id == bindparam("user_id"))
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who asks. `unseen`: it was not written down for a minute that this session is alive; call `seen`.

    `left` is how long the session lives if nothing more is asked for, `most` how long once it is seen.
    """

    actor: Actor
    unseen: bool = False
    left: timedelta = timedelta()
    most: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Session:
    """One browser, as its owner sees it. `id` is the hash, worthless for signing in."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str
    is_this: bool


def recognise(work: Work, token: str) -> Recognised:
    """The person whose session this is; the visitor when it is unknown, ended or too old. Only reads."""
    asked = {"token_hash": hash_of(token), "now": work.now, "last": work.now - IDLE}
    found = work.session.execute(_RECOGNISED, asked).one_or_none()
    if found is None:
        return Recognised(VISITOR)
    roles, staff = _roles(work, found.id)
    confirmed = found.email_confirmed_at is not None
    held_back: frozenset[str] = frozenset()
    if work.runtime.settings.staff_need_second_factor and found.second_factor is None:
        staff, held_back = held_back, staff
    actor = Actor(found.id, found.name, found.language, roles, staff, confirmed, held_back)
    idle, longest = work.now - found.last_seen_at, found.ends_at - work.now
    return Recognised(actor, idle >= SEEN_EVERY, left=min(IDLE - idle, longest), most=min(IDLE, longest))


def seen(work: Work, token: str) -> None:
    """Write down that the session is in use."""
    used = update(SignIn).where(SignIn.token_hash == hash_of(token), SignIn.last_seen_at < work.now)
    work.session.execute(used.values(last_seen_at=work.now))


def open_for(work: Work, user_id: str, *, address: str = "", agent: str = "") -> str:
    """A new session of a person; its secret. Whoever calls this has made sure that it is that person."""
    return _open(work, user_id, work.now + LONGEST, address=address, agent=agent)


def open_half(work: Work, user_id: str, *, address: str = "", agent: str = "") -> str:
    """What a browser holds between the right password and the second factor; its secret. It signs nobody in."""
    return _open(work, user_id, work.now + LONGEST_WAIT, address=address, agent=agent, awaits_code=True)


def half_open(work: Work, token: str, *, hold: bool = False) -> SignIn | None:
    """The half-open session of this secret, if the person may still complete it; to `hold` it is to complete it now."""
    known = (SignIn.token_hash == hash_of(token), SignIn.awaits_code, SignIn.ended_at.is_(None))
    waiting = select(SignIn).join(User, User.id == SignIn.user_id).where(*known, SignIn.ends_at > work.now)
    still = waiting.where(User.disabled_at.is_(None))
    return work.session.scalar(still.with_for_update() if hold else still)


def complete(work: Work, half: SignIn) -> str:
    """The whole session in place of a half-open one, under a new secret."""
    half.ended_at = work.now
    return open_for(work, half.user_id, address=half.address, agent=half.agent)


def renew(work: Work, actor: Actor, token: str) -> str:
    """The same session under a new secret, after the person's rights have changed; it ends no later for that.

    All other sessions of the person end. Raises `SignInNeeded` for one that others have ended while this request ran:
    the person on another machine, an admin. What ended it in this transaction is the change itself.
    """
    known = select(SignIn).where(SignIn.token_hash == hash_of(token), SignIn.user_id == actor.user_id)
    old = work.session.scalar(known.where(or_(SignIn.ended_at.is_(None), SignIn.ended_at == work.now)))
    if old is None:
        raise SignInNeeded
    end_all(work, actor.user_id)
    return _open(work, actor.user_id, old.ends_at, address=old.address, agent=old.agent)


def end(work: Work, actor: Actor, token: str) -> None:
    """Sign out."""
    if _end(work, SignIn.token_hash == hash_of(token)):
        audit.record(work, actor, "sign_out", actor.user_id)


def end_one(work: Work, actor: Actor, session_id: str) -> None:
    """End one of one's own sessions from afar. Raises `NotFound` for any other."""
    if not _end(work, and_(SignIn.token_hash == session_id, SignIn.user_id == actor.user_id)):
        raise NotFound("not_found")
    audit.record(work, actor, "session.end", actor.user_id)


def end_others(work: Work, actor: Actor, token: str) -> int:
    """End all of one's own sessions but this; how many there were."""
    ended = _end(work, and_(SignIn.user_id == actor.user_id, SignIn.token_hash != hash_of(token)))
    audit.record(work, actor, "session.end_others", actor.user_id, ended=ended)
    return ended


def end_all(work: Work, user_id: str) -> None:
    """End every session of a person: what they may do has changed, or nobody may come in under this name."""
    _end(work, SignIn.user_id == user_id)


def own(work: Work, actor: Actor, token: str) -> list[Session]:
    """The person's live sessions, this one first, then the latest used."""
    columns = (SignIn.token_hash, SignIn.created_at, SignIn.last_seen_at, SignIn.address, SignIn.agent)
    alive = select(*columns).where(SignIn.user_id == actor.user_id, _ALIVE)
    this, asked = hash_of(token), {"now": work.now, "last": work.now - IDLE}
    found = [Session(*row, is_this=row.token_hash == this) for row in work.session.execute(alive, asked)]
    return sorted(found, key=lambda one: (one.is_this, one.last_seen_at), reverse=True)


def sweep(work: Work) -> None:
    """Forget sessions that ended long ago."""
    work.session.execute(delete(SignIn).where(SignIn.ends_at < work.now - KEPT))


def _open(
    work: Work, user_id: str, ends_at: datetime, *, address: str, agent: str, awaits_code: bool = False
) -> str:
    token = fresh()
    opened = SignIn(token_hash=hash_of(token), user_id=user_id, created_at=work.now, last_seen_at=work.now)
    opened.ends_at, opened.address, opened.agent = ends_at, address, agent[:LONGEST_AGENT]
    opened.awaits_code = awaits_code
    work.session.add(opened)
    return token


def _end(work: Work, which: ColumnElement[bool]) -> int:
    ended = update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=work.now)
    return len(work.session.execute(ended.returning(SignIn.token_hash)).all())


def _roles(work: Work, user_id: str) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Roles by organisation, and those held as staff of the exchange."""
    held = work.session.execute(_ROLES, {"user_id": user_id})
    roles, staff = defaultdict(set), set()
    for organisation_id, role, is_exchange in held:
        roles[organisation_id].add(role)
        if is_exchange and role in STAFF_ROLES:
            staff.add(role)
    return {organisation: frozenset(names) for organisation, names in roles.items()}, frozenset(staff)
