"""What was typed into a form that was refused: it stands in the answer, and is kept nowhere else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from marketplace.services.drafts import LARGEST, Fields
from marketplace.web import login
from marketplace.web.request import is_own_path

HOUSEKEEPING = frozenset({"csrf_token", "version"})
"""Fields of every form that nobody has typed."""
SECRETS = frozenset({"password", "current_password"})
"""Fields that never stand in an answer, nor anything beside them."""
SECRET_ROOMS = frozenset({"accounts", "second_factor"})
"""Blueprints whose forms ask for codes and carry the secrets of links: nothing of them is given back."""
MOST = 1000
"""Fields of one form."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent. `files`: one was attached, which is not kept."""

    fields: Fields
    files: bool

    @property
    def words(self) -> list[str]:
        """What somebody wrote, without codes and numbers, to be read and copied."""
        return [value for _, value in self.fields if len(value.split()) > 1]


def token() -> str:
    """The CSRF token that was sent."""
    return request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")


def is_ours() -> bool:
    """Whether the form stood on a page of ours in this browser: by its own word, else by a token it had from us."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or login.gave(token())


def form() -> Kept | None:
    """What was typed into this form, if it is ours and no larger than forms are; nothing of one that holds a secret."""
    if request.method != "POST":
        return None
    with suppress(HTTPException):  # What cannot be read cannot be kept, and is refused with its own words.
        fields = tuple(pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token")
        small = len(fields) <= MOST and sum(len(name) + len(value) for name, value in fields) <= LARGEST
        typed = any(value.strip() for name, value in fields if name not in HOUSEKEEPING)
        if small and typed and _is_no_secret() and is_ours():
            return Kept(fields, any(file.filename for file in request.files.values()))
    return None


def whence() -> str:
    """The page to come back to, as a path: the one the form stood on, else what was asked for; empty if that is none."""
    page = urlsplit(request.referrer or "")
    path = page._replace(scheme="", netloc="").geturl()
    if request.method == "POST" and page.netloc == request.host and is_own_path(path):
        return path
    shown = "GET" in current_app.create_url_adapter(request).allowed_methods()  # type: ignore[union-attr]  # there is a request
    return request.full_path.rstrip("?") if shown else ""


def _is_no_secret() -> bool:
    return request.blueprint not in SECRET_ROOMS and SECRETS.isdisjoint(request.form)
