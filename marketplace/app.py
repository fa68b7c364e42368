"""Where the web is wired: one Flask application over one Runtime."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from marketplace import logs
from marketplace.counted import Counted
from marketplace.runtime import Runtime
from marketplace.settings import Settings
from marketplace.web import BLUEPRINTS, access, errors, guard, headers, language, login, rendering
from marketplace.web.again import Again
from marketplace.web.request import COUNTED, RUNTIME

ROOT = Path(__file__).resolve().parent.parent
LARGEST_REQUEST = 12 * 1024 * 1024  # bytes; a sealed file may have ten of them
LARGEST_FORM = 1024 * 1024


def create_app(runtime: Runtime | None = None, counted: Counted | None = None) -> Flask:
    """The application. Without a runtime one is opened from the environment; settings errors are raised from here."""
    app = wired()
    connect(app, runtime or _own_runtime(), counted)
    return app


def wired() -> Flask:
    """All routes and what happens before and after them, for no exchange yet."""
    app = Again("marketplace", root_path=str(ROOT / "marketplace"), template_folder=str(ROOT / "templates"))
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        TEMPLATES_AUTO_RELOAD=False,
    )
    # The order is the order of a request: its language, who asks, whether they may.
    for part in (access, errors, language, login, guard, headers, rendering):
        part.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=language.prefixed(blueprint))
    return app


def connect(app: Flask, runtime: Runtime, counted: Counted | None = None) -> None:
    """Let the application serve this exchange. Raises `SettingsError` where what they name cannot be read."""
    settings = runtime.settings
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME=login.cookie_name(settings, "notes"),
        SESSION_COOKIE_SECURE=settings.secure,
    )
    # Read now, so that a file that cannot be read stops the start and is not met by every page.
    _ = runtime.own_terms
    app.extensions[RUNTIME] = runtime
    app.extensions[COUNTED] = counted or Counted()


def _own_runtime() -> Runtime:
    """For a WSGI server, which knows nothing of us: the exchange of this folder, and its log."""
    settings = Settings.from_environment()
    logs.set_up(settings.log_format, settings.node_id)
    return Runtime(settings)
