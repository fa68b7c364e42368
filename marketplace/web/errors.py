"""Every refusal as a page in the reader's language: what happened, what was kept, what to do, and a number to quote."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from marketplace import formats
from marketplace.errors import Forbidden, GiaoError, Gone, Outlived, SignInNeeded, TooMany, Unavailable
from marketplace.languages import catalogue
from marketplace.services import audit
from marketplace.services.policy import VISITOR
from marketplace.web import kept, language, login, proving
from marketplace.web.labels import label
from marketplace.web.request import begin
from search.engine import SearchError

log = logging.getLogger("giao.web")


_NOTHING: Mapping[str, object] = MappingProxyType({})


def install(app: Flask) -> None:
    app.register_error_handler(SignInNeeded, _sign_in)
    app.register_error_handler(Outlived, _outlived)
    app.register_error_handler(GiaoError, _refused)
    app.register_error_handler(SearchError, _search_away)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def page(
    status: int, code: str, params: Mapping[str, object] = _NOTHING, *, topic: str = "", back: str = ""
) -> tuple[str, int]:
    """The error page. `code` is the message `error.<code>`; title and advice are those of the `topic`, where it is not
    the status that says it all. `back` is the page to come back to."""
    g.setdefault("actor", VISITOR)
    g.setdefault("language", "vi")
    shown = render_template(
        "errors/error.html", status=status, code=code, params=params, trace=g.get("trace", ""), back=back,
        topic=topic, kept=kept.form(),
    )  # fmt: skip
    return shown, status


def _sign_in(error: SignInNeeded) -> Response | tuple[str, int]:
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        return redirect(url_for("accounts.sign_in", next=kept.whence()), code=303)
    return _once_more(error.status, error.code)


def _outlived(error: Outlived) -> tuple[str, int]:
    return _once_more(
        SignInNeeded.status if login.has_ended() else error.status, error.code, topic="outlived"
    )


def _once_more(status: int, code: str, *, topic: str = "") -> tuple[str, int]:
    """Everything that was typed, in a form that sends it again with a token of now; without any, the way back."""
    log.info("outlived %s %s", request.method, request.endpoint)
    form, back = kept.form(), kept.whence()
    if form is None:
        return page(status, code, topic=topic, back=back)
    address = request.full_path.rstrip("?")
    return render_template("errors/kept.html", kept=form, back=back, action=address, status=status), status


def _refused(error: GiaoError) -> Response | tuple[str, int]:
    # The endpoint, not the path: the path of a link from a letter holds its secret.
    log.info("refused %s %s: %s", request.method, request.endpoint, error.code)
    if isinstance(error, Forbidden):
        error = _written_down(error)
    if isinstance(error, Unavailable):
        log.warning("%s: %s", error.code, error.why)
    if isinstance(error, Unavailable) and proving.is_of_exchanges():
        return proving.turned_away(error.status, retry_after=error.retry_after)
    shown = page(error.status, error.code, _worded(error.params), topic=_topic(error))
    if isinstance(error, TooMany | Unavailable):
        return _later(shown, error.retry_after)
    return shown


def _written_down(error: Forbidden) -> GiaoError:
    """What is refused, once the audit log has it; where that cannot be written the database is away, and this is said."""
    actor = g.get("actor", VISITOR)
    try:
        with begin() as work:
            audit.denied(work, actor, request.endpoint or "", address=request.remote_addr or "")
    except Unavailable as away:
        return away
    return error


def _topic(error: GiaoError) -> str:
    """A listing that is gone is withdrawn, or paused, or expired …; other refusals are of their status."""
    topic = f"gone_{error.params.get('reason')}" if isinstance(error, Gone) else ""
    return topic if topic and catalogue(g.language).has(f"error_page.title_{topic}") else ""


def sentence(error: GiaoError) -> str:
    """What a service refused, as its page would say it."""
    return catalogue(g.language).gettext(f"error.{error.code}", **_worded(error.params))


def _later(shown: tuple[str, int], seconds: int) -> Response:
    """The page, and for programs when it is worth asking again."""
    return Response(shown[0], shown[1], {"Retry-After": str(seconds)}, mimetype="text/html")


def _worded(params: Mapping[str, object]) -> dict[str, object]:
    """A day, a node of an exchange, a step and a state as the reader writes them."""
    words = catalogue(g.language)
    worded = dict(params)
    if isinstance(day := params.get("day"), str | date):
        worded["day"] = formats.date(day, g.language)
    if isinstance(node := params.get("exchange"), str):
        worded["exchange"] = label("origin", node)
    if isinstance(reason := params.get("reason"), str) and words.has(f"gone.{reason}"):
        worded["reason"] = words.gettext(f"gone.{reason}")
    if "territory" in params:
        worded |= _licence(params)
    if "standing" in params:
        worded["step"] = words.gettext(f"step.{params['step']}")
        worded["standing"] = words.gettext(f"status.{params['standing']}")
    return worded


def _licence(params: Mapping[str, object]) -> dict[str, object]:
    """What a licence covers, in words."""
    text = catalogue(g.language).gettext
    first, last = str(params["first"]), str(params["last"])
    return {
        "form": label("transfer_form", str(params["form"])),
        "territory": str(params["territory"]) or text("terms.everywhere"),
        "first": formats.date(first, g.language),
        "last": formats.date(last, g.language) if last else text("terms.no_end"),
    }


def _search_away(error: SearchError) -> Response:
    log.warning("search is away: %s", error)
    return _later(page(503, "search_away"), Unavailable.retry_after)


def _http(error: HTTPException) -> Response | tuple[str, int]:
    status = error.code or 500
    if status < 400:
        return Response(error.get_body(), status, error.get_headers())
    if proving.is_of_exchanges():
        return _with_methods(proving.turned_away(status), error)
    if status == 404 and (address := language.completed()):
        return redirect(address)
    shown = page(status, f"http_{status}" if status in (400, 404, 405, 413, 415) else "http")
    return _with_methods(make_response(shown), error)


def _with_methods(response: Response, error: HTTPException) -> Response:
    """What may be asked in another way says in which (RFC 9110, 15.5.6)."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unforeseen(error: Exception) -> tuple[str, int]:
    log.exception("unforeseen, trace %s", g.get("trace", ""))
    return page(500, "unforeseen")
