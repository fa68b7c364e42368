"""How others are spoken to: one request, one answer, nothing followed and nothing tried again by itself."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from exchange.messages import Answer, Request
from exchange.snapshots import Digested

XML = "text/xml, application/xml"


class Unreachable(Exception):
    """There was no answer, or none that could be read to its end; whether the request arrived is not known."""


class Answered(Unreachable):
    """There was one, but with a `status` of HTTP that is no success."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


class Barred(Exception):
    """This address is not read, whatever is there; the text is a sentence."""


class Elsewhere(Protocol):
    """Addresses that somebody else has named."""

    def read(self, url: str, *, most: int, accept: str = XML) -> bytes:
        """What stands there, unpacked, at most `most` bytes of it; `accept` says in which form it can be read.

        Raises `Barred` for an address that is not read, `Unreachable` when there was no answer to be read to its end,
        `Answered` among them.
        """

    def fetch(self, url: str, into: BinaryIO, *, most: int, accept: str) -> None:
        """Write what stands there to `into`, as it was sent, at most `most` bytes of it. The other side may take minutes.

        Raises as `read`; what was written then counts for nothing.
        """


class Network(Protocol):
    def send(self, request: Request) -> Answer:
        """Raises `Unreachable`."""

    def fetch(self, request: Request, into: Digested) -> Answer:
        """The answer without its body, which is written to `into` as it arrives, so that none is too large to be held.

        The other side may take minutes to begin. Raises `Unreachable`; what was written then counts for nothing.
        """
