"""What every view reaches for: the runtime, who asks, a transaction, a note for the next page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import current_app, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import work as working
from marketplace.counted import Counted
from marketplace.runtime import Runtime
from marketplace.services.policy import Actor
from marketplace.work import Work

RUNTIME, COUNTED = "giao", "giao.counted"


def runtime() -> Runtime:
    return cast(Runtime, current_app.extensions[RUNTIME])


def counted() -> Counted:
    """Where this process counts its requests."""
    return cast(Counted, current_app.extensions[COUNTED])


def actor() -> Actor:
    """Who asks; a visitor when nobody is signed in."""
    return cast(Actor, g.actor)


@contextmanager
def begin() -> Iterator[Work]:
    """A transaction that writes, committed at the end of the block."""
    with working.begin(runtime(), trace=g.trace) as work:
        yield work
    g.kept = True


@contextmanager
def look() -> Iterator[Work]:
    """A transaction that only reads."""
    with working.look(runtime(), trace=g.trace) as work:
        yield work


def say(key: str, kind: str = "ok", **params: Any) -> None:
    """Leave a note for the next page: the message `key`, as `ok`, `warn` or `bad`."""
    flash((key, params), kind)  # type: ignore[arg-type]  # Flask keeps whatever JSON can hold.


def go(endpoint: str, **values: Any) -> Response:
    """See other: the answer to a form that was accepted."""
    return redirect(url_for(endpoint, **values), code=303)


def next_place() -> dict[str, str]:
    """Where the reader wanted to go, to be handed on to one more page before that."""
    return {"next": target} if (target := request.values.get("next", "")) else {}


def back_to(default: str, **values: Any) -> Response:
    """Go where `next` says when that is one of our own paths, else to `default`."""
    target = request.values.get("next", "")
    return redirect(target, code=303) if is_own_path(target) else go(default, **values)


def is_own_path(target: str) -> bool:
    """A path of ours begins with one slash; two, or a backslash, would be another host."""
    return target.startswith("/") and not target.startswith("//") and "\\" not in target
