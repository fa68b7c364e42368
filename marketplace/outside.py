"""Reading an address that somebody else has named, without letting it lead into the house.

The name is resolved once, all that it resolves to is judged, and the connection is made to one of the addresses that
were judged: a name that changes its mind in between changes nothing. Redirects are not followed, and neither the size
nor the time of an answer is the other side's to choose.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import BinaryIO
from urllib.parse import urlsplit

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from exchange.problems import Refused
from exchange.reading import unpack
from marketplace.network import XML, Answered, Barred, Unreachable
from vocabulary.links import web_address

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0
"""Seconds until there is a connection, between two pieces of an answer, and until all of it is there."""
BEGIN, ALL = 300.0, 1800.0
"""The last two of what is written to a file: it is often made before its first byte is sent."""
PIECE = 64 * 1024
PORTS = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host. Raises `OSError`."""


def resolved(host: str, port: int) -> tuple[str, ...]:
    """As the system resolves names, and numbers in all their spellings."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def is_open(address: str, *, loopback: bool) -> bool:
    """Whether an address is one of the open internet, or of this machine where that is allowed.

    IPv4 wrapped in IPv6 (mapped, 6to4) is judged by what is inside.
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False  # with a zone, or none at all
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    if found.is_loopback:
        return loopback
    closed = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_link_local
    if isinstance(found, IPv6Address) and found.is_site_local:
        return False
    return found.is_global and not closed


@dataclass(frozen=True, slots=True)
class Outside:
    """`loopback`: addresses of this machine may be read, as PEER_LOOPBACK=1 says."""

    loopback: bool = False
    resolve: Resolve = resolved
    whole: float = WHOLE

    def read(self, url: str, *, most: int, accept: str = XML) -> bytes:
        """As `network.Elsewhere` says."""
        with self._asked(url, accept, READ, self.whole) as response:
            host, body = str(urlsplit(url).hostname), response.read(most + 1, decode_content=False)
            if len(body) > most:
                raise Unreachable(f"{host} answers with more than {most} bytes")
            try:
                return unpack(body, encoding=response.headers.get("Content-Encoding", ""), most=most)
            except Refused as refused:
                raise Unreachable(f"{host}: {refused.problem.detail}") from None

    def fetch(self, url: str, into: BinaryIO, *, most: int, accept: str) -> None:
        """As `network.Elsewhere` says."""
        with self._asked(url, accept, BEGIN, ALL) as response:
            size = 0
            while piece := response.read(PIECE, decode_content=False):
                size += len(piece)
                if size > most:
                    raise Unreachable(f"{urlsplit(url).hostname} answers with more than {most} bytes")
                into.write(piece)

    @contextmanager
    def _asked(self, url: str, accept: str, read: float, whole: float) -> Iterator[BaseHTTPResponse]:
        """The answer to the question for an address, while it is read."""
        host, port, target, secure = _parts(url)
        connection = _connection(self._judged(host, port), port, host if secure else "")
        try:
            with _in_time(connection, host, read, whole):
                yield _answer(connection, target, {"Host": urlsplit(url).netloc, "Accept": accept})
        except (urllib3.exceptions.HTTPError, OSError, HTTPException) as error:
            raise Unreachable(f"{host} cannot be read: {type(error).__name__}") from None

    def _judged(self, host: str, port: int) -> str:
        """One address of the host. When a single one of them is closed, none is taken: nobody honest mixes them."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(f"{host} has no address") from None
        closed = [one for one in found if not is_open(one, loopback=self.loopback)]
        if closed or not found:
            raise Barred(
                f"{host} leads to {', '.join(closed) or 'nowhere'}, which is not on the open internet"
            )
        return found[0]


@contextmanager
def _in_time(connection: HTTPConnection, host: str, read: float, whole: float) -> Iterator[None]:
    """Connected for `whole` seconds at most: a byte now and then would keep any other limit waiting for ever."""
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError, AttributeError):  # there may be no connection yet
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(whole, hang_up)
    timer.start()
    try:
        connection.connect()
        connection.sock.settimeout(read)
        yield
    finally:
        timer.cancel()
        connection.close()
        # What was cut off may look like an end, or like any failure: this is the reason.
        if late.is_set():
            raise Unreachable(f"{host} takes longer than {whole:g} seconds to answer") from None


def _connection(address: str, port: int, name: str) -> HTTPConnection:
    """To this very address; over TLS for the host `name`, whose certificate is checked, when there is one."""
    if not name:
        return HTTPConnection(address, port, timeout=CONNECT)
    return HTTPSConnection(
        address, port, timeout=CONNECT, cert_reqs="CERT_REQUIRED", server_hostname=name, assert_hostname=name
    )


def _answer(connection: HTTPConnection, target: str, asked: Mapping[str, str]) -> BaseHTTPResponse:
    host, headers = asked["Host"], {**asked, "Accept-Encoding": "gzip"}
    connection.request("GET", target, headers=headers, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if 300 <= response.status < 400:
        raise Barred(f"{host} sends us on elsewhere (HTTP {response.status}), which is not followed")
    if response.status != 200:
        raise Answered(f"{host} answers HTTP {response.status}", response.status)
    return response


def _parts(url: str) -> tuple[str, int, str, bool]:
    """Host, port, what is asked for, and whether over TLS."""
    if not web_address(url):
        raise Barred("only addresses of http and https are read, with a host and without a user's name")
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return str(parts.hostname), parts.port or PORTS[parts.scheme], target, parts.scheme == "https"


def open_outside(loopback: bool) -> Outside:
    return Outside(loopback)
