"""Organisations: founding one, finding that it is there already, and what its members know of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update

from marketplace.db import new_id
from marketplace.db_order import by_name
from marketplace.errors import Invalid, NotFound
from marketplace.languages import DEFAULT, catalogue
from marketplace.models.accounts import Membership, Organisation
from marketplace.models.listings import Listing
from marketplace.services import audit, names, sessions, steps, throttle
from marketplace.services.policy import SYSTEM, Actor, permit
from marketplace.work import Work
from vocabulary.problems import Problem
from vocabulary.regions import PROVINCES

KINDS = (
    "enterprise",
    "institute",
    "university",
    "agency",
    "cooperative",
    "intermediary",
    "fund",
    "inventor",
    "other",
)
CODE = re.compile(r"[0-9A-Z][0-9A-Z./-]{3,19}")
"""A tax or registration code; Vietnamese ones are ten digits, with three more for a branch."""
MOST_LIKELY = 5
SHOW_AGAIN = "show_listings_again"
AT_ONCE = 200
"""Listings in one transaction: other writers get their turn between two."""


@dataclass(frozen=True, slots=True)
class Described:
    """What an organisation says of itself, checked. Made by `described` only."""

    name: str
    kind: str
    province: str
    code: str = ""
    name_en: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An organisation as anybody may know it."""

    id: str
    name: str
    kind: str
    province: str


@dataclass(frozen=True, slots=True)
class Own:
    """One of a person's organisations, and what they may do there."""

    id: str
    name: str
    kind: str
    province: str
    roles: tuple[str, ...]


def described(
    *, name: str, kind: str, province: str, code: str = "", name_en: str = "", website: str = ""
) -> Described:
    """Check what somebody typed. Raises `Invalid` with all that is wrong."""
    name, name_en = names.tidy(name), names.tidy(name_en)
    code, website = code.strip().upper().replace(" ", ""), _with_scheme(website.strip())
    wrong = names.problems(name, path="name", longest=names.LONGEST_ORGANISATION)
    if name_en:
        wrong += names.problems(name_en, path="name_en", longest=names.LONGEST_ORGANISATION)
    if kind not in KINDS:
        wrong.append(Problem("kind", "organisation_kind_missing"))
    if province not in PROVINCES:
        wrong.append(Problem("province", "province_missing"))
    if code and not CODE.fullmatch(code):
        wrong.append(Problem("code", "organisation_code_wrong"))
    if website and not _is_web_address(website):
        wrong.append(Problem("website", "website_wrong"))
    if wrong:
        raise Invalid(wrong)
    return Described(name, kind, province, code, name_en, website)


def likely(work: Work, name: str, code: str = "") -> list[Known]:
    """Organisations that may be the same: the name typed another way, or the same registration code."""
    same_name = Organisation.name_key == names.key(name)
    same = or_(same_name, Organisation.code == code) if code else same_name
    columns = (Organisation.id, Organisation.name, Organisation.kind, Organisation.province)
    found = work.session.execute(
        select(*columns).where(same).order_by(Organisation.created_at).limit(MOST_LIKELY)
    )
    return [Known(*row) for row in found]


def found(work: Work, actor: Actor, asked: Described, *, different: bool = False) -> str:
    """A new organisation with the actor as its owner; its id. The actor's sessions end: what they may do grew.

    Raises `Invalid` (`organisation_likely`) when it may exist already, unless it is said to be a different one.
    """
    permit(actor, "organisation.create")
    if not different and likely(work, asked.name, asked.code):
        raise Invalid([Problem("name", "organisation_likely")])
    if actor.user_id:
        throttle.take(work, throttle.FOUNDINGS, actor.user_id)
    organisation_id = _add(work, asked)
    if actor.user_id:
        owner = Membership(id=new_id(), user_id=actor.user_id, organisation_id=organisation_id, role="owner")
        owner.since = work.now
        work.session.add(owner)
        sessions.end_all(work, actor.user_id)
    audit.record(work, actor, "organisation.found", organisation_id)
    return organisation_id


def describe(work: Work, actor: Actor, organisation_id: str, asked: Described) -> None:
    """Change what the organisation says of itself; its published listings, which name it, follow in a job."""
    permit(actor, "organisation.manage", organisation_id)
    before = details(work, actor, organisation_id)
    if before == asked:
        return
    values = {name: getattr(asked, name) for name in Described.__slots__} | {
        "name_key": names.key(asked.name)
    }
    work.session.execute(update(Organisation).where(Organisation.id == organisation_id).values(values))
    audit.record(work, actor, "organisation.describe", organisation_id)
    work.ask(SHOW_AGAIN, organisation_id=organisation_id)


def show_some_again(work: Work, organisation_id: str, *, after: str) -> str:
    """Make some published records agree with their organisation, those with an id beyond `after`.

    Returns the last id, to go on from; empty when there are no more.
    """
    live = select(Listing).where(Listing.organisation_id == organisation_id, Listing.status == "published")
    some = work.session.scalars(live.where(Listing.id > after).order_by(Listing.id).limit(AT_ONCE)).all()
    steps.show(work, some)
    return some[-1].id if some else ""


def details(work: Work, actor: Actor, organisation_id: str) -> Described:
    """What its members know of it. Raises `NotFound` for anybody else."""
    permit(actor, "organisation.read", organisation_id)
    columns = (getattr(Organisation, name) for name in Described.__slots__)
    found = work.session.execute(select(*columns).where(Organisation.id == organisation_id)).one_or_none()
    if found is None:
        raise NotFound("not_found")
    return Described(*found)


def mine(work: Work, actor: Actor) -> list[Own]:
    """The actor's organisations, by name, each with the roles held there."""
    permit(actor, "account.own")
    columns = (Organisation.id, Organisation.name, Organisation.kind, Organisation.province)
    wanted = select(*columns).where(Organisation.id.in_(actor.roles)).order_by(by_name(Organisation.name))
    return [Own(*row, tuple(sorted(actor.roles_in(row.id)))) for row in work.session.execute(wanted)]


def the_exchange(work: Work) -> str:
    """The exchange's own organisation, in which its staff hold their roles; made when it is first asked for."""
    known = work.session.scalar(select(Organisation.id).where(Organisation.is_exchange))
    if known is not None:
        return known
    name = work.runtime.settings.exchange_name or catalogue(DEFAULT).gettext("exchange.name")
    organisation_id = _add(work, Described(name, "intermediary", ""))
    own = update(Organisation).where(Organisation.id == organisation_id)
    work.session.execute(own.values(is_exchange=True))
    audit.record(work, SYSTEM, "organisation.found", organisation_id)
    return organisation_id


def _add(work: Work, asked: Described) -> str:
    added = Organisation(id=new_id(), name=asked.name, name_key=names.key(asked.name), name_en=asked.name_en)
    added.kind, added.code, added.province, added.website = (
        asked.kind,
        asked.code,
        asked.province,
        asked.website,
    )
    added.is_exchange, added.created_at = False, work.now
    work.session.add(added)
    work.session.flush()
    return added.id


def _with_scheme(website: str) -> str:
    return website if not website or "://" in website else f"https://{website}"


def _is_web_address(website: str) -> bool:
    """http or https only: any other scheme can run a script or read a file where somebody clicks it."""
    try:
        parts = urlsplit(website)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and len(website) <= 300
