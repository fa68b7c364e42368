"""The language of a request: in the URL (`/vi/…`, `/en/…`), so that a link says what it shows.

A URL without one is sent to the language of the person, else of their last choice, else of their browser, else `vi`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, current_app, g, redirect, request
from werkzeug.wrappers import Response

from marketplace.languages import DEFAULT, LANGUAGES, OWN_NAMES, RIGHT_TO_LEFT, catalogue
from marketplace.web.login import cookie_name
from marketplace.web.request import actor, runtime

READING = ("GET", "HEAD")
A_YEAR = 365 * 24 * 3600


def prefixed(blueprint: Blueprint) -> str:
    """Where a blueprint stands: under the language, unless it is for machines (`url_prefix` of its own)."""
    return (
        blueprint.url_prefix if blueprint.url_prefix is not None else f"/<any({', '.join(LANGUAGES)}):lang>"
    )


def install(app: Flask) -> None:
    app.url_value_preprocessor(_take)
    app.url_defaults(_give)
    app.after_request(_remember)
    app.context_processor(_context)
    app.add_url_rule("/", "front", _front)


def chosen() -> str:
    """The language for somebody who has not asked for one in the URL."""
    wanted = actor().language if "actor" in g and actor().signed_in else _cookie()
    if wanted in LANGUAGES:
        return wanted
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT


def _cookie() -> str:
    return request.cookies.get(cookie_name(runtime().settings, "language"), "")


def _take(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.language = (values or {}).pop("lang", None) or _from_path() or chosen()


def _from_path() -> str | None:
    """Also an address that leads nowhere is answered in the language it begins with."""
    first = request.path.split("/")[1]
    return first if first in LANGUAGES else None


def _give(endpoint: str, values: dict[str, Any]) -> None:
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", g.language)


def _front() -> Response:
    return redirect(f"/{chosen()}/")


def completed() -> str:
    """The address that was asked for, with a language before it, where there is a page; else empty."""
    if request.method not in READING or _from_path():
        return ""
    path = f"/{chosen()}{request.path}"
    pages = current_app.create_url_adapter(request)
    return _with_query(quote(path)) if pages is not None and pages.test(path, "GET") else ""


def _remember(response: Response) -> Response:
    if request.endpoint and request.view_args is not None and _from_path() and _cookie() != g.language:
        settings = runtime().settings
        name = cookie_name(settings, "language")
        response.set_cookie(
            name, g.language, max_age=A_YEAR, secure=settings.secure, httponly=True, samesite="Lax"
        )
    return response


def _context() -> dict[str, Any]:
    language = g.get("language", DEFAULT)
    words = catalogue(language)
    return {
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": [(code, OWN_NAMES[code], _same_page(code)) for code in LANGUAGES],
        "_": words.gettext,
        "n_": words.ngettext,
    }


def _same_page(language: str) -> str:
    """This page in another language: path and query kept."""
    rest = request.path.split("/", 2)
    return _with_query(
        f"/{language}/{rest[2]}" if len(rest) > 2 and rest[1] in LANGUAGES else f"/{language}/"
    )


def _with_query(path: str) -> str:
    query = request.query_string.decode("utf-8", "replace")
    return f"{path}?{query}" if query and request.method in READING else path
