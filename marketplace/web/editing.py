"""Editing a listing that exists. A form filled from an older version loses nothing: both texts are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Conflict, Stale
from marketplace.schemas import form as forms
from marketplace.schemas.listing import Reading, read
from marketplace.services import drafts, listings, own_listings, steps
from marketplace.services.own_listings import OwnListing
from marketplace.web import login, sheets
from marketplace.web.describing import differences
from marketplace.web.filling import Page, version
from marketplace.web.request import actor, begin, go, look
from marketplace.web.sheets import Sheet
from vocabulary.listing import Sealed

editing = Blueprint("editing", __name__)

TOGETHER = {
    "price_min": ("price_min", "price_max", "price_kind", "currency"),
    "trl_min": ("trl_min", "trl_max"),
    "contact_email": ("contact_name", "contact_email", "contact_phone"),
}
"""Fields that are compared, and taken over, as one."""


@editing.get("/desk/listings/<uid>/edit")
def edit(uid: str) -> Page:
    with look() as work:
        own = own_listings.editable(work, actor(), uid)
        draft = drafts.find(work, login.holder(), _form(uid))
    if draft is None:
        return sheets.page(_sheet(own, _typed(own), own.version))
    sheet = _sheet(own, sheets.restored(draft), draft.base_version)
    return sheets.page(replace(sheet, restored_at=draft.saved_at))


@editing.post("/desk/listings/<uid>/edit")
def save(uid: str) -> Page:
    own = _current(uid)
    if sheets.pressed() or "back" in request.form:
        sheet = _sheet(own, sheets.after_button(sheets.sent()), version())
        return sheets.changed(sheet, _form(uid))
    values = _taken_over(sheets.with_title(forms.raw(sheets.sent())), _typed(own))
    reading = read(values, kind=own.kind, publishing="save" not in values)
    reading = replace(reading, content=forms.keeping(reading.content, own.content, request.form))
    if reading.wrong:
        return sheets.page(replace(_sheet(own, values, version()), problems=sheets.in_order(reading)), 422)
    try:
        return _revise(uid, reading)
    except Stale as stale:
        return _both(own, reading, stale.current_version)


@editing.post("/desk/listings/<uid>/autosave")
def autosave(uid: str) -> Page:
    with look() as work:
        current = steps.find(work, actor(), uid, "listing.edit").version
    return sheets.autosave(_form(uid), version(), current=current)


@editing.post("/desk/listings/<uid>/forget")
def forget(uid: str) -> Response:
    with begin() as work:
        steps.find(work, actor(), uid, "listing.edit")
        drafts.drop(work, login.holder(), _form(uid))
    return go("editing.edit", uid=uid)


def _revise(uid: str, reading: Reading) -> Response:
    with begin() as work:
        listings.revise(work, actor(), uid, reading.content, version=version(), sealed=reading.sealed)
        drafts.drop(work, login.holder(), _form(uid))
    sheets.say_warnings(reading)
    return go("own_listing.check", uid=uid)


def _current(uid: str) -> OwnListing:
    """The listing as it stands. When no revision can be written any more, what was typed is kept as a draft."""
    try:
        with look() as work:
            return own_listings.editable(work, actor(), uid)
    except Conflict:
        sheets.keep(_form(uid), version())
        raise


def _both(own: OwnListing, mine: Reading, version: int) -> tuple[str, int]:
    """Somebody else was quicker: both texts, all that was typed kept, and each field to be chosen."""
    changed = differences(own.content, mine.content, (own.sealed or Sealed(), mine.sealed))
    fields = [pair for pair in sheets.sent() if pair[0] not in ("take", "save")]
    page = render_template(
        "posting/stale.html", uid=own.uid, differences=changed, fields=fields, version=version
    )
    return page, Stale.status


def _taken_over(values: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """What was typed, but for the fields whose present text was chosen instead."""
    for chosen in request.form.getlist("take"):
        for name in TOGETHER.get(chosen, (chosen,)):
            values[name] = current.get(name, "")
    return values


def _typed(own: OwnListing) -> dict[str, Any]:
    """The working revision as the form would hold it."""
    return forms.typed(own.content, own.sealed or Sealed())


def _form(uid: str) -> str:
    return f"listing:{uid}"


def _sheet(own: OwnListing, values: dict[str, Any], version: int) -> Sheet:
    return Sheet(
        kind=own.kind,
        action=url_for("editing.save", uid=own.uid),
        autosave=url_for("editing.autosave", uid=own.uid),
        values=values,
        version=version,
        uid=own.uid,
        forget=url_for("editing.forget", uid=own.uid),
    )
