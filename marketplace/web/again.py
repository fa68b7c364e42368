"""A request whose transaction collided with another is done once more as a whole, while nothing of it was kept."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, g, request

from marketplace.errors import Collided
from marketplace.work import again

log = logging.getLogger("giao.web")


class Again(Flask):
    """The application; a view may run up to three times, so what it does before its transaction must bear that."""

    def dispatch_request(self) -> Any:
        try:
            return again(self._dispatch)
        except _Kept as kept:
            raise kept.collision from None

    def log_exception(self, exc_info: Any) -> None:
        """What even an error page failed with. The endpoint, not the path: that of a link from a letter holds its secret."""
        log.error("unforeseen in %s, trace %s", request.endpoint, g.get("trace", ""), exc_info=exc_info)

    def _dispatch(self) -> Any:
        try:
            return super().dispatch_request()
        except Collided as collision:
            if g.get("kept"):
                # A transaction before this one was committed, and its promises are kept: it must not be made twice.
                raise _Kept(collision) from collision
            for file in request.files.values():
                file.seek(0)
            raise


class _Kept(Exception):
    def __init__(self, collision: Collided) -> None:
        super().__init__()
        self.collision = collision
