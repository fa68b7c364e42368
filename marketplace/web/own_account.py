"""One's own account: name, language, password, address, sessions, and everything that is known about oneself."""

from __future__ import annotations

import json

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from marketplace.languages import LANGUAGES, OWN_NAMES
from marketplace.services import accounts as people
from marketplace.services import credentials, invitations, organisations, own_data, second_factor, sessions
from marketplace.services.accounts import Profile
from marketplace.web import login
from marketplace.web.devices import device
from marketplace.web.filling import Page, address, form_page, typed
from marketplace.web.given import password_given
from marketplace.web.request import actor, begin, go, look, runtime, say

own_account = Blueprint("own_account", __name__)

SPOKEN = [(code, OWN_NAMES[code]) for code in LANGUAGES]


@own_account.get("/account")
def show() -> str:
    with look() as work:
        return render_template(
            "accounts/account.html",
            profile=(own := people.profile(work, actor())),
            spoken=OWN_NAMES[own.language],
            organisations=organisations.mine(work, actor()),
            waiting=invitations.waiting(work, actor()),
            second_factor=second_factor.standing(work, actor()),
            sessions=[(one, device(one.agent)) for one in sessions.own(work, actor(), login.session_token())],
        )


@own_account.route("/account/profile", methods=["GET", "POST"])
def profile() -> Page:
    return form_page(
        "accounts/profile.html",
        _profile,
        values=_known(),
        spoken=SPOKEN,
    )


def _profile() -> Response:
    with begin() as work:
        people.change_profile(work, actor(), name=typed("name"), language=typed("language"))
    say("account.profile_changed")
    return go("own_account.show")


@own_account.route("/account/password", methods=["GET", "POST"])
def password() -> Page:
    return form_page("accounts/password.html", _password, profile=_known())


def _password() -> Response:
    own = _known()
    new = credentials.new_password(typed("password"), about=(own.email, own.name))
    proof = password_given()
    with begin() as work:
        credentials.change_password(work, actor(), new, proof=proof, token=login.session_token())
    say("account.password_changed")
    return go("own_account.show")


@own_account.route("/account/email", methods=["GET", "POST"])
def email() -> Page:
    return form_page("accounts/email.html", _email, profile=_known())


def _email() -> Response:
    proof = password_given()
    with begin() as work:
        credentials.ask_to_move(work, actor(), typed("email"), proof=proof)
    say("account.move_sent")
    return go("own_account.show")


@own_account.route("/account/data", methods=["GET", "POST"])
def data() -> Page:
    return form_page("accounts/data.html", _data, profile=_known())


def _data() -> Response:
    proof = password_given()
    with begin() as work:
        known = own_data.collect(work, actor(), proof=proof)
    name = f"giao-{runtime().settings.node_id}-{actor().user_id}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        json.dumps(known, ensure_ascii=False, indent=2), headers=headers, mimetype="application/json"
    )


@own_account.post("/account/confirmation")
def confirmation() -> Response:
    with begin() as work:
        people.ask_for_confirmation(work, actor(), address=address())
    say("account.confirmation_sent")
    return go("own_account.show")


@own_account.post("/account/sessions/end")
def end_session() -> Response:
    with begin() as work:
        sessions.end_one(work, actor(), typed("session"))
    say("account.session_ended")
    return go("own_account.show")


@own_account.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    with begin() as work:
        sessions.end_others(work, actor(), login.session_token())
    say("account.sessions_ended")
    return go("own_account.show")


def _known() -> Profile:
    with look() as work:
        return people.profile(work, actor())
