"""Organisations: founding one, its page, its members, and joining by invitation."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from marketplace.errors import NotFound
from marketplace.languages import catalogue
from marketplace.services import accounts as people
from marketplace.services import invitations, memberships, sessions
from marketplace.services import organisations as service
from marketplace.services.policy import may
from marketplace.web import login
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.labels import label
from marketplace.web.request import actor, begin, go, look, say
from marketplace.work import Work
from vocabulary.regions import PROVINCES
from vocabulary.sorting import sort_key

organisations = Blueprint("organisations", __name__)


@organisations.get("/organisations")
def mine() -> str:
    with look() as work:
        own, waiting = service.mine(work, actor()), invitations.waiting(work, actor())
    return render_template("organisations/mine.html", organisations=own, waiting=waiting)


@organisations.route("/organisations/new", methods=["GET", "POST"])
def found() -> Page:
    with look() as work:
        likely = service.likely(work, typed("name"), typed("code")) if request.method == "POST" else []
    return form_page("organisations/form.html", _found, likely=likely, **_choices())


def _found() -> Response:
    asked = _described()
    with begin() as work:
        founded = service.found(work, actor(), asked, different=bool(typed("different")))
        _keep_signed_in(work)
    say("organisation.founded", name=asked.name)
    return go("organisations.show", organisation_id=founded)


@organisations.get("/organisations/<organisation_id>")
def show(organisation_id: str) -> str:
    manages = may(actor(), "organisation.manage", organisation_id)
    with look() as work:
        return render_template(
            "organisations/show.html",
            id=organisation_id,
            organisation=service.details(work, actor(), organisation_id),
            members=memberships.members(work, actor(), organisation_id),
            invitations=invitations.still_open(work, actor(), organisation_id) if manages else [],
            manages=manages,
        )


@organisations.route("/organisations/<organisation_id>/describe", methods=["GET", "POST"])
def describe(organisation_id: str) -> Page:
    with look() as work:
        known = service.details(work, actor(), organisation_id)
    accept = lambda: _describe(organisation_id)  # noqa: E731 - the form's step, named for what follows
    return form_page(
        "organisations/form.html", accept, values=known, likely=[], id=organisation_id, **_choices()
    )


def _describe(organisation_id: str) -> Response:
    with begin() as work:
        service.describe(work, actor(), organisation_id, _described())
    say("organisation.described")
    return go("organisations.show", organisation_id=organisation_id)


@organisations.route("/organisations/<organisation_id>/invite", methods=["GET", "POST"])
def invite(organisation_id: str) -> Page:
    with look() as work:
        organisation = service.details(work, actor(), organisation_id)
        roles = _explained(memberships.grantable(work, actor(), organisation_id))
    context = {"id": organisation_id, "organisation": organisation, "roles": roles}
    return form_page("organisations/invite.html", lambda: _invite(organisation_id), **context)


def _invite(organisation_id: str) -> Response:
    with begin() as work:
        invitations.invite(work, actor(), organisation_id, email=typed("email"), role=typed("role"))
    say("organisation.invited", email=typed("email").strip())
    return go("organisations.show", organisation_id=organisation_id)


@organisations.post("/organisations/<organisation_id>/invitations/<invitation_id>/revoke")
def revoke(organisation_id: str, invitation_id: str) -> Response:
    with begin() as work:
        invitations.revoke(work, actor(), organisation_id, invitation_id)
    say("organisation.revoked")
    return go("organisations.show", organisation_id=organisation_id)


@organisations.route("/organisations/<organisation_id>/members/<user_id>", methods=["GET", "POST"])
def member(organisation_id: str, user_id: str) -> Page:
    with look() as work:
        organisation = service.details(work, actor(), organisation_id)
        roles = _explained(memberships.grantable(work, actor(), organisation_id))
        person = next(
            (one for one in memberships.members(work, actor(), organisation_id) if one.user_id == user_id),
            None,
        )
    if person is None:
        raise NotFound("not_found")
    context = {"id": organisation_id, "organisation": organisation, "member": person, "roles": roles}
    return form_page("organisations/member.html", lambda: _set_roles(organisation_id, user_id), **context)


def _set_roles(organisation_id: str, user_id: str) -> Response:
    roles = [] if typed("remove") else request.form.getlist("roles")
    with begin() as work:
        memberships.set_roles(work, actor(), organisation_id, user_id, roles)
        if user_id == actor().user_id:
            _keep_signed_in(work)
    say("organisation.roles_changed" if roles else "organisation.member_removed")
    return go("organisations.show", organisation_id=organisation_id)


@organisations.post("/organisations/<organisation_id>/leave")
def leave(organisation_id: str) -> Response:
    with begin() as work:
        memberships.leave(work, actor(), organisation_id)
        _keep_signed_in(work)
    say("organisation.left")
    return go("organisations.mine")


@organisations.route("/invitations/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Page:
    with look() as work:
        invited = invitations.by_link(work, token)
        own = people.profile(work, actor()) if actor().signed_in else None
    return form_page("organisations/invitation.html", lambda: _accept(token), invited=invited, own=own)


def _accept(token: str) -> Response:
    with begin() as work:
        joined = invitations.accept(work, actor(), token)
        _keep_signed_in(work)
    say("organisation.joined", name=joined.organisation)
    return go("organisations.show", organisation_id=joined.organisation_id)


@organisations.post("/organisations/invitations/<invitation_id>/accept")
def accept_waiting(invitation_id: str) -> Response:
    with begin() as work:
        joined = invitations.accept_waiting(work, actor(), invitation_id)
        _keep_signed_in(work)
    say("organisation.joined", name=joined.organisation)
    return go("organisations.show", organisation_id=joined.organisation_id)


def _keep_signed_in(work: Work) -> None:
    """What this person may do has changed, so all sessions have ended; this browser goes on with a new secret."""
    login.sign_in_with(sessions.renew(work, actor(), login.session_token()))


def _described() -> service.Described:
    return service.described(
        name=typed("name"), kind=typed("kind"), province=typed("province"), code=typed("code"),
        name_en=typed("name_en"), website=typed("website"),
    )  # fmt: skip


def _explained(roles: Sequence[str]) -> list[tuple[str, str, str]]:
    """Roles as choices: the code, its name, and what it lets a person do."""
    text = catalogue(g.language).gettext
    return [(role, text(f"role.{role}"), text(f"role_help.{role}")) for role in roles]


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Kinds and provinces to choose from; the provinces in the order of the reader's alphabet."""
    named = [(one.code, label("province", one.code)) for one in PROVINCES.all()]
    kinds = [(kind, catalogue(g.language).gettext(f"organisation_kind.{kind}")) for kind in service.KINDS]
    return {
        "kinds": kinds,
        "provinces": sorted(named, key=lambda one: sort_key(one[1])),
    }
