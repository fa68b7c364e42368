"""Two questions a supervisor asks: is the process alive, and can it serve?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from marketplace.errors import Unavailable
from marketplace.services import health as service
from marketplace.web.request import runtime

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> dict[str, str]:
    return {"status": "alive"}


@health.get("/ready")
def ready() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Without its database the exchange serves nothing (503). Without search or the queue it serves what it can, and
    says what is limited."""
    try:
        limited = service.limited(runtime())
    except Unavailable as away:
        return {"status": "away", "limited": ["database"]}, 503, {"Retry-After": str(away.retry_after)}
    return {"status": "limited" if limited else "ready", "limited": list(limited)}, 200, {}
