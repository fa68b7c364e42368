"""What this exchange says of itself to others: who it is and what it speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exchange.envelope import LIMITS, PROTOCOL
from marketplace.languages import catalogue
from marketplace.services.feed import SCHEMA_VERSIONS
from marketplace.services.sync.enrolment import LOCAL_KINDS
from marketplace.settings import Settings


def card(settings: Settings) -> dict[str, Any]:
    """The public card of `/.well-known/xsync`."""
    base = settings.base_url
    return {
        "protocol": [PROTOCOL],
        "node_id": settings.node_id,
        "role": settings.role,
        "name": names(settings),
        "base": base,
        "jwks_uri": f"{base}/sync/v1/keys",
        "level": "L3",
        "kinds": list(LOCAL_KINDS),
        "schemas": {kind: list(SCHEMA_VERSIONS) for kind in LOCAL_KINDS},
        "limits": LIMITS.as_record(),
        "contact": settings.mail_from,
        "software": "giao",
    }


def names(settings: Settings) -> dict[str, str]:
    return {
        language: settings.exchange_name or catalogue(language).gettext("exchange.name")
        for language in ("vi", "en")
    }


def successor_file(settings: Settings) -> Path:
    """Where a key lies that is to follow the one in use."""
    return settings.key_file.with_name(f"{settings.key_file.name}.next")
