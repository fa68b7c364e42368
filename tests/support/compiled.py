"""The web application wired once in a test process: one of its own for every test need not be made anew."""

from __future__ import annotations

from copy import copy
from functools import cache

from flask import Flask

from marketplace.app import connect, wired
from marketplace.counted import Counted
from marketplace.runtime import Runtime

_WIRED = cache(wired)
"""Its routes and templates, which are the same for every exchange, are shared: whoever changes them makes his own."""


def application(runtime: Runtime, counted: Counted | None = None) -> Flask:
    """The web application of this exchange."""
    app = copy(_WIRED())
    app.config, app.extensions = copy(app.config), {}
    connect(app, runtime, counted)
    return app
