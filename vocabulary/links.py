"""Addresses of pages elsewhere, as people may follow them: what somebody wrote becomes a link only when it is one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 2_000
"""Characters; servers need not take more."""
_SEEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
"""What RFC 3986 lets an address hold: other letters are written in percent signs and punycode."""


def web_address(text: str) -> str:
    """The text when it is an address of http or https with a host and nobody's name in it; else nothing.

    So `javascript:`, `data:` and `file:` are no links, nor is what hides another host behind a user's name.
    """
    said = text.strip()
    if len(said) > LONGEST or not _SEEN.fullmatch(said):
        return ""
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and port != 0
    return said if plain else ""
