"""Two questions a supervisor asks: is the process alive, and can it serve?"""

from __future__ import annotations

from flask import Blueprint

from marketplace.services import feed
from marketplace.web.request import look

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> dict[str, str]:
    return {"status": "alive"}


@health.get("/ready")
def ready() -> dict[str, str]:
    with look() as work:
        feed.state(work)
    return {"status": "ready"}
