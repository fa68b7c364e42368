"""What the doctor says about the way to the servers: encrypted, or read by whoever stands between."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from marketplace.commands.findings import Finding
from marketplace.settings import Settings, is_loopback

Reach = Literal["here", "inside", "outside"]

MENDS = {
    "DATABASE_URL": "Let PostgreSQL show a certificate, and add ?sslmode=verify-full to DATABASE_URL.",
    "SEARCH_URL": "Let Elasticsearch show a certificate, and name https:// in SEARCH_URL.",
    "QUEUE_URL": "Let Redis show a certificate, and name rediss:// in QUEUE_URL.",
}
ENCRYPTED = frozenset({"https", "rediss"})
SURE = frozenset({"require", "verify-ca", "verify-full"})
"""Values of sslmode under which PostgreSQL is never spoken to in the clear."""


def of_links(settings: Settings) -> Iterator[Finding]:
    """One finding for each server that is on another machine. Raises nothing: of a host that has no address, whoever asks
    the server will tell."""
    named = {
        "DATABASE_URL": settings.database_url,
        "SEARCH_URL": settings.search_url,
        "QUEUE_URL": settings.queue_url,
    }
    for name, url in named.items():
        reach = reached(url)
        if reach == "here":
            continue
        what, host = f"link of {name}", host_of(url)
        if is_encrypted(url):
            yield Finding(what, True, f"to {host}, encrypted")
        elif reach == "inside":
            yield Finding(
                what, True, f"to {host} in the clear: only for a network that nobody else can enter"
            )
        else:
            yield Finding(
                what, False, f"to {host} in the clear: whoever stands between reads along", MENDS[name]
            )


def host_of(url: str) -> str:
    """Whom a URL names: for PostgreSQL also by `?host=`, which may be the folder of a socket. Empty for a file."""
    parts = urlsplit(url)
    return parts.hostname or parse_qs(parts.query).get("host", [""])[0]


def is_encrypted(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ENCRYPTED or not SURE.isdisjoint(parse_qs(parts.query).get("sslmode", ()))


def reached(url: str) -> Reach:
    """`here` for what is on this machine, a socket and a folder too; `inside` for an address of a private network."""
    host = host_of(url)
    if not host or host.startswith("/") or is_loopback(f"//{host}"):
        return "here"
    try:
        found = {ip_address(one[4][0]) for one in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return "here"
    if all(one.is_loopback for one in found):
        return "here"
    return "inside" if all(one.is_private for one in found) else "outside"
