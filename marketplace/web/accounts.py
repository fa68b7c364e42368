"""Coming in: registering, confirming an address, signing in and out, and a forgotten password."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from marketplace.errors import Invalid, SignInNeeded
from marketplace.services import accounts as people
from marketplace.services import credentials, drafts, sessions, sign_in, tokens
from marketplace.web import login
from marketplace.web.filling import Page, address, form_page, typed
from marketplace.web.given import code_given
from marketplace.web.request import actor, back_to, begin, go, look, next_place, say
from marketplace.work import Work
from vocabulary.problems import Problem

accounts = Blueprint("accounts", __name__)


@accounts.route("/register", methods=["GET", "POST"])
def register() -> Page:
    return form_page("accounts/register.html", _register, terms_version=people.TERMS_VERSION)


def _register() -> Response:
    asked = people.registration(
        email=typed("email"), name=typed("name"), password=typed("password"), language=g.language,
        terms_version=typed("terms"),
    )  # fmt: skip
    with begin() as work:
        people.register(work, actor(), asked, address=address())
    return go("accounts.registered")


@accounts.get("/register/sent")
def registered() -> str:
    return render_template("accounts/registered.html")


@accounts.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Page:
    with look() as work:
        proven = tokens.look_up(work, "confirm", token)
    return form_page("accounts/confirm.html", lambda: _confirm(token), email=proven.email)


def _confirm(token: str) -> Response:
    with begin() as work:
        people.confirm(work, actor(), token)
    say("account.confirmed")
    return go("own_account.show" if actor().signed_in else "accounts.sign_in")


@accounts.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def enter() -> Page:
    return form_page("accounts/sign_in.html", _enter, next=request.values.get("next", ""))


def _enter() -> Response:
    with begin() as work:
        knock = sign_in.knock(work, actor(), email=typed("email"), address=address())
    proof = knock.proof(typed("password"))
    if proof is None:
        with begin() as work:
            sign_in.turn_away(work, actor(), knock)
        raise Invalid([Problem("email", "sign_in_wrong")])
    with begin() as work:
        entry = sign_in.enter(work, proof, agent=request.user_agent.string)
        if not entry.awaits_code:
            _take_drafts_along(work, proof.user_id)
    login.sign_in_with(entry.secret)
    if entry.awaits_code:
        return go("accounts.code", **next_place())
    return back_to("desk.mine")


@accounts.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Page:
    """The second step of signing in; who took too long begins again."""
    try:
        with look() as work:
            user_id = sign_in.waiting(work, login.session_token())
    except SignInNeeded:
        return go("accounts.sign_in", **next_place())
    return form_page("accounts/code.html", lambda: _complete(user_id), next=request.values.get("next", ""))


def _complete(user_id: str) -> Response:
    given = code_given(user_id)
    with begin() as work:
        secret = sign_in.complete(work, login.session_token(), given)
        _take_drafts_along(work, user_id)
    login.sign_in_with(secret)
    return back_to("desk.mine")


def _take_drafts_along(work: Work, user_id: str) -> None:
    """What a visitor has begun to write in this browser goes with him."""
    if not actor().signed_in:
        drafts.adopt(work, login.holder(), f"user:{user_id}")


@accounts.route("/session", methods=["GET", "POST"])
def session() -> Response:
    """The seconds this session has left. To look changes nothing; a POST is somebody who wants to stay."""
    return Response(str(login.seconds_left()), mimetype="text/plain")


@accounts.post("/sign-out")
def sign_out() -> Response:
    with begin() as work:
        sessions.end(work, actor(), login.session_token())
    login.sign_out()
    return go("pages.home")


@accounts.route("/forgot", methods=["GET", "POST"])
def forgot() -> Page:
    return form_page("accounts/forgot.html", _forgot)


def _forgot() -> Response:
    with begin() as work:
        credentials.ask_for_reset(work, actor(), email=typed("email"), address=address())
    return go("accounts.forgot_sent")


@accounts.get("/forgot/sent")
def forgot_sent() -> str:
    return render_template("accounts/forgot_sent.html")


@accounts.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Page:
    with look() as work:
        whose = credentials.resetting(work, token)
    return form_page("accounts/reset.html", lambda: _reset(token, whose), email=whose.email)


def _reset(token: str, whose: people.Profile) -> Response:
    password = credentials.new_password(typed("password"), about=(whose.email, whose.name))
    with begin() as work:
        credentials.reset(work, actor(), token, password)
    say("account.password_set")
    return go("accounts.sign_in")


@accounts.route("/move/<token>", methods=["GET", "POST"])
def move(token: str) -> Page:
    with look() as work:
        proven = tokens.look_up(work, "move", token)
    return form_page("accounts/move.html", lambda: _move(token), email=proven.email)


def _move(token: str) -> Response:
    with begin() as work:
        credentials.move(work, actor(), token)
    say("account.moved")
    return go("accounts.sign_in")


@accounts.after_request
def keep_secret(response: Response) -> Response:
    """A page whose address holds the secret of a link is kept nowhere and named to no other page."""
    if "token" in (request.view_args or {}):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
    return response
