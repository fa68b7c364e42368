"""Who may do what: one table, read by services for objects and by the web for routes.

An action is open to anyone, to anyone signed in, to the members of the organisation it concerns, or to the staff of
the exchange; an actor who holds none of these may not. There is no other place where a role is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.errors import Forbidden, NotFound, SignInNeeded

NOBODY: frozenset[str] = frozenset()
WRITERS = frozenset({"owner", "editor"})
MEMBERS = frozenset({"owner", "editor", "broker"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. A visitor has no id and no role."""

    user_id: str = ""
    name: str = ""
    language: str = "vi"
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Organisation id -> roles held there."""
    staff: frozenset[str] = NOBODY
    """Roles held in the exchange's own organisation."""
    confirmed: bool = False
    """The e-mail address was confirmed; without it nothing can be sent for review."""
    held_back: frozenset[str] = NOBODY
    """Staff roles that count for nothing until the person has set up a second factor."""

    @property
    def signed_in(self) -> bool:
        return bool(self.user_id)

    def roles_in(self, organisation_id: str) -> frozenset[str]:
        return self.roles.get(organisation_id, NOBODY)


VISITOR = Actor()
"""Anyone who is not signed in."""
SYSTEM = Actor(user_id="", name="system", staff=frozenset({"admin", "moderator", "operator"}), confirmed=True)
"""The exchange itself: periodic work and the command line on the exchange's own machine."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: `anyone`; else any `signed_in`; else `members` of the object's organisation; else `staff`."""

    anyone: bool = False
    signed_in: bool = False
    members: frozenset[str] = NOBODY
    staff: frozenset[str] = NOBODY
    hidden: bool = False
    """A refusal looks as if there were nothing: 404, not 403."""


ANYONE = Rule(anyone=True)
SIGNED_IN = Rule(signed_in=True)
MODERATORS = frozenset({"moderator", "admin"})

RULES: Mapping[str, Rule] = {
    "public.read": ANYONE,
    "account.enter": ANYONE,
    "account.own": SIGNED_IN,
    "organisation.create": SIGNED_IN,
    "organisation.join": SIGNED_IN,
    "organisation.read": Rule(
        members=MEMBERS, staff=frozenset({"admin", "operator", "moderator"}), hidden=True
    ),
    "organisation.manage": Rule(members=frozenset({"owner"}), staff=frozenset({"admin"}), hidden=True),
    "draft.start": ANYONE,
    "desk.read": SIGNED_IN,
    "listing.own.read": Rule(members=MEMBERS, staff=MODERATORS, hidden=True),
    "listing.post": Rule(members=WRITERS, hidden=True),
    "listing.edit": Rule(members=WRITERS, hidden=True),
    "listing.report": ANYONE,
    "listing.contact.read": SIGNED_IN,
    "listing.sealed.read": Rule(members=WRITERS, hidden=True),
    "listing.import": Rule(members=WRITERS, staff=frozenset({"admin", "operator"}), hidden=True),
    "match.read": Rule(members=MEMBERS, staff=MODERATORS, hidden=True),
    "match.decide": Rule(members=MEMBERS),
    "match.broker": Rule(members=frozenset({"broker"})),
    "review.work": Rule(staff=MODERATORS),
    "listing.mark": Rule(staff=MODERATORS),
    # Two of them are needed, and none can do it alone: all three, for a small exchange has no two of one kind, moderators
    # read what the law says of a listing, and operators could erase by themselves before.
    "listing.erase": Rule(staff=frozenset({"operator", "moderator", "admin"})),
    "exchange.speak": Rule(),  # other exchanges, known by their signature and never by a cookie
    "exchanges.read": Rule(staff=frozenset({"operator", "admin"})),
    "exchanges.operate": Rule(staff=frozenset({"operator", "admin"})),
    "exchanges.manage": Rule(staff=frozenset({"admin"})),
    "operations.read": Rule(staff=frozenset({"operator", "admin"})),
    "operations.act": Rule(staff=frozenset({"operator", "admin"})),
    "job.own": SIGNED_IN,
    "broker.own": Rule(members=frozenset({"broker"}), hidden=True),
    "broker.lead": Rule(members=frozenset({"owner"}), hidden=True),
    "broker.verify": Rule(staff=MODERATORS),
    "broker.enter": Rule(members=frozenset({"broker", "owner"})),
    "board.read": Rule(members=frozenset({"broker"})),
    "deal.ask": Rule(members=WRITERS, hidden=True),
    "deal.read": SIGNED_IN,
    "terms.edit": Rule(staff=frozenset({"operator", "moderator", "admin"})),
    "listing.classify": Rule(staff=frozenset({"operator", "moderator", "admin"})),
    "suggestion.answer": Rule(members=WRITERS, staff=frozenset({"operator", "admin"}), hidden=True),
    "clusters.review": Rule(staff=MODERATORS),
    "people.manage": Rule(staff=frozenset({"admin"})),
}


def may(actor: Actor, action: str, organisation_id: str | None = None) -> bool:
    """Whether `actor` may do `action`, on something of `organisation_id` where the rule speaks of members.

    Without an organisation, a member rule is met by holding the role anywhere: that is the question a route asks
    before the object is known; the service asks again with the object's organisation.
    """
    rule = RULES[action]
    if rule.anyone or (rule.signed_in and actor.signed_in) or rule.staff & actor.staff:
        return True
    if organisation_id is None:
        return any(rule.members & roles for roles in actor.roles.values())
    return bool(rule.members & actor.roles_in(organisation_id))


def permit(actor: Actor, action: str, organisation_id: str | None = None) -> None:
    """Return, or raise `SignInNeeded`, `Forbidden` or (where the rule hides) `NotFound`."""
    if may(actor, action, organisation_id):
        return
    if not actor.signed_in and actor is not SYSTEM:
        raise SignInNeeded
    if organisation_id is None and RULES[action].staff & actor.held_back:
        raise Forbidden("second_factor_needed")
    raise NotFound("not_found") if RULES[action].hidden and organisation_id is not None else Forbidden
