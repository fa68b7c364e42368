"""Posting a new listing: one form, kept by the server while it is typed, also before signing in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.schemas import form as forms
from marketplace.schemas.listing import Reading, read
from marketplace.services import drafts, listings, organisations
from marketplace.services.policy import WRITERS
from marketplace.web import login, sheets
from marketplace.web.filling import Page
from marketplace.web.request import actor, begin, go, look, say
from marketplace.web.sheets import Sheet

posting = Blueprint("posting", __name__)

KIND = "<any(offer, demand, initiative):kind>"


@posting.get(f"/post/{KIND}")
def new(kind: str) -> Page:
    with look() as work:
        draft = drafts.find(work, login.holder(), _new_form(kind))
    sheet = _new_sheet(kind, sheets.restored(draft) if draft else sheets.blank())
    return sheets.page(replace(sheet, restored_at=draft.saved_at) if draft else sheet)


@posting.post(f"/post/{KIND}")
def create(kind: str) -> Page:
    if sheets.pressed():
        return sheets.changed(_new_sheet(kind, sheets.after_button(sheets.sent())), _new_form(kind))
    values = sheets.with_title(forms.raw(sheets.sent()))
    reading = read(values, kind=kind, publishing="save" not in values)
    if reading.wrong:
        return sheets.page(replace(_new_sheet(kind, values), problems=sheets.in_order(reading)), 422)
    home = _home(str(values.get("organisation") or ""))
    return _post(kind, reading, home) if home else _kept_for_later(kind)


@posting.post(f"/post/{KIND}/autosave")
def autosave_new(kind: str) -> Page:
    return sheets.autosave(_new_form(kind), 0)


@posting.post(f"/post/{KIND}/forget")
def forget_new(kind: str) -> Response:
    with begin() as work:
        drafts.drop(work, login.holder(), _new_form(kind))
    return go("posting.new", kind=kind)


@posting.after_request
def keep_nowhere(response: Response) -> Response:
    """What a visitor has begun to write, sealed words too, is no more for the next one at this machine than a member's."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _post(kind: str, reading: Reading, home: str) -> Response:
    with begin() as work:
        posted = listings.post(work, actor(), home, reading.content, sealed=reading.sealed)
        drafts.drop(work, login.holder(), _new_form(kind))
    sheets.say_warnings(reading)
    return go("own_listing.check", uid=posted.uid)


def _kept_for_later(kind: str) -> Response:
    """Somebody who is not signed in, or belongs to no organisation yet, finds the form again as it is now."""
    sheets.keep(_new_form(kind), 0)
    here = url_for("posting.new", kind=kind, draft=request.args.get("draft"))
    if not actor().signed_in:
        say("posting.kept_sign_in")
        return go("accounts.sign_in", next=here)
    say("posting.kept_organisation")
    return go("organisations.mine", next=here)


@posting.get("/money")
def money() -> Response:
    """An amount in full while it is typed."""
    echo = sheets.money_echo(request.args.get("value", "")[:100], request.args.get("currency", "")[:3])
    return Response(echo, mimetype="text/plain")


def _new_form(kind: str) -> str:
    """The name under which a new listing's draft is kept; several can wait side by side."""
    further = request.args.get("draft", "")
    return f"new:{kind}:{further}" if further.isalnum() else f"new:{kind}"


def _new_sheet(kind: str, values: dict[str, Any]) -> Sheet:
    draft = request.args.get("draft")
    return Sheet(
        kind=kind,
        action=url_for("posting.create", kind=kind, draft=draft),
        autosave=url_for("posting.autosave_new", kind=kind, draft=draft),
        values=values,
        forget=url_for("posting.forget_new", kind=kind, draft=draft),
        organisations=_homes(),
    )


def _homes() -> list[tuple[str, Any]] | None:
    """The organisations the person may post for, where there is a choice."""
    own = _writes_for()
    if len(own) < 2:
        return None
    with look() as work:
        return [(one.id, one.name) for one in organisations.mine(work, actor()) if one.id in own]


def _home(chosen: str) -> str:
    """Where the listing belongs; empty when the person must join an organisation, or sign in, first."""
    own = _writes_for()
    return chosen if chosen in own else next(iter(own), "")


def _writes_for() -> list[str]:
    return [organisation for organisation, roles in actor().roles.items() if roles & WRITERS]
