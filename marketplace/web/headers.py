"""What every answer says to the browser about safety (security.md V3): nothing foreign, nothing inline, no frames."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.wrappers import Response

from marketplace.web.request import runtime

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
TWO_YEARS = 63_072_000  # seconds


def install(app: Flask) -> None:
    app.after_request(_write)


def _write(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if runtime().settings.secure:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    response.headers["X-Request-Id"] = g.get("trace", "")
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        # The answer to a form may hold what was typed into it, also that of somebody whose session has ended.
        private = request.method == "POST" or ("actor" in g and g.actor.signed_in)
        response.headers.setdefault("Cache-Control", "no-store" if private else "no-cache")
    return response
