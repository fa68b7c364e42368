"""How others are spoken to: one request, one answer, nothing followed and nothing tried again by itself."""

from __future__ import annotations

from typing import Protocol

from exchange.messages import Answer, Request
from exchange.snapshots import Digested

XML = "text/xml, application/xml"


class Unreachable(Exception):
    """There was no answer, or none that could be read to its end; whether the request arrived is not known."""


class Barred(Exception):
    """This address is not read, whatever is there; the text is a sentence."""


class Elsewhere(Protocol):
    """Addresses that somebody else has named."""

    def read(self, url: str, *, most: int, accept: str = XML) -> bytes:
        """What stands there, unpacked, at most `most` bytes of it; `accept` says in which form it can be read.

        Raises `Barred` for an address that is not read, `Unreachable` when there was no answer to be read to its end.
        """


class Network(Protocol):
    def send(self, request: Request) -> Answer:
        """Raises `Unreachable`."""

    def fetch(self, request: Request, into: Digested) -> Answer:
        """The answer without its body, which is written to `into` as it arrives, so that none is too large to be held.

        The other side may take minutes to begin. Raises `Unreachable`; what was written then counts for nothing.
        """
