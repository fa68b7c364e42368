"""A page with a form: shown, tried, and shown again with what is wrong and everything that was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from flask import render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.formats import ZONE
from marketplace.runtime import Runtime
from marketplace.schemas.values import whole
from marketplace.services.uploads import LARGEST, Upload, received
from marketplace.web.request import runtime
from vocabulary.days import read_date
from vocabulary.problems import Problem, Unreadable

Page = str | Response | tuple[str, int]


def form_page(template: str, accept: Callable[[], Response], *, values: Any = None, **context: Any) -> Page:
    """On POST do `accept`; on GET, or when it raises `Invalid` (answered with 422), show the form.

    The template gets `values`, what was typed or else what is known, and `problems`. It must never put a
    password back.
    """
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            return accept()
        except Invalid as refused:
            problems, values = refused.problems, request.form
    page = render_template(template, values=values or MultiDict(), problems=problems, **context)
    return (page, Invalid.status) if problems else page


def typed(name: str) -> str:
    """One field of the form as it was typed; empty when it was not sent."""
    return request.form.get(name, "")


def version(missing: int = 0) -> int:
    """The version that the form was filled from; `missing` when it says none. 0 is of nothing there is, and always stale."""
    return request.form.get("version", missing, type=whole)


def sent_file(name: str, receive: Callable[[Runtime, str, bytes], Upload] = received) -> Upload | None:
    """The file of one field, examined; None when none was chosen. Raises `Invalid`."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    # One byte more than is allowed is enough to know that it is too much.
    return receive(runtime(), sent.filename, sent.stream.read(LARGEST + 1))


def day(name: str) -> date:
    """A day as people in Vietnam write it. Raises `Invalid`."""
    try:
        return read_date(typed(name))
    except Unreadable as unread:
        raise Invalid([unread.at(name)]) from None


def moment(on: str = "day", at: str = "time") -> datetime:
    """A day and a time as people in Vietnam write them, from two fields. Raises `Invalid`."""
    begun = day(on)
    try:
        return datetime.combine(begun, time.fromisoformat(typed(at).strip().zfill(5)), ZONE)
    except ValueError:
        raise Invalid([Problem(at, "meeting.time")]) from None


def address() -> str:
    """The network address the request came from."""
    return request.remote_addr or ""
