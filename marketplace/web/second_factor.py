"""One's own second factor: setting it up with an authenticator app, recovery codes, turning it off."""

from __future__ import annotations

from flask import Blueprint, render_template
from segno import make_qr
from werkzeug.wrappers import Response

from marketplace.services import second_factor as factor
from marketplace.services.second_factor import Standing
from marketplace.web import login
from marketplace.web.filling import Page, form_page
from marketplace.web.given import code_given, password_given
from marketplace.web.request import actor, begin, go, look, say

second_factor = Blueprint("second_factor", __name__)


@second_factor.get("/account/second-factor")
def show() -> str:
    return render_template("accounts/second_factor.html", standing=_standing(), needed=actor().held_back)


@second_factor.route("/account/second-factor/start", methods=["GET", "POST"])
def start() -> Page:
    return form_page("accounts/second_factor_start.html", _start)


def _start() -> Response:
    proof = password_given()
    with begin() as work:
        factor.start(work, actor(), proof=proof)
    return go("second_factor.confirm")


@second_factor.route("/account/second-factor/confirm", methods=["GET", "POST"])
def confirm() -> Page:
    with look() as work:
        made = factor.enrolment(work, actor())
    picture = make_qr(made.uri, error="m").svg_data_uri(light="#fff", scale=6)
    return form_page("accounts/second_factor_confirm.html", _confirm, picture=picture, secret=made.secret)


def _confirm() -> Response:
    code = code_given(actor().user_id)
    with begin() as work:
        secret, codes = factor.confirm(work, actor(), code=code, token=login.session_token())
    login.sign_in_with(secret)
    return _shown_once(codes)


@second_factor.route("/account/second-factor/codes", methods=["GET", "POST"])
def new_codes() -> Page:
    return form_page("accounts/second_factor_codes.html", _new_codes)


def _new_codes() -> Response:
    proof = password_given()
    code = code_given(actor().user_id)
    with begin() as work:
        codes = factor.new_recovery_codes(work, actor(), proof=proof, code=code)
    return _shown_once(codes)


@second_factor.route("/account/second-factor/off", methods=["GET", "POST"])
def turn_off() -> Page:
    return form_page("accounts/second_factor_off.html", _turn_off)


def _turn_off() -> Response:
    proof = password_given()
    code = code_given(actor().user_id)
    with begin() as work:
        secret = factor.turn_off(work, actor(), proof=proof, code=code, token=login.session_token())
    login.sign_in_with(secret)
    say("second_factor.turned_off")
    return go("own_account.show")


def _standing() -> Standing:
    with look() as work:
        return factor.standing(work, actor())


def _shown_once(codes: tuple[str, ...]) -> Response:
    """The answer itself and no redirect: the codes are kept nowhere from where a second page could read them."""
    return Response(
        render_template("accounts/second_factor_recovery.html", codes=codes), mimetype="text/html"
    )
