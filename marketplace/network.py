"""How another exchange is spoken to: one request, one answer, nothing followed and nothing tried again by itself."""

from __future__ import annotations

from typing import Protocol

from exchange.messages import Answer, Request


class Unreachable(Exception):
    """There was no answer, or none that could be read to its end; whether the request arrived is not known."""


class Network(Protocol):
    def send(self, request: Request) -> Answer:
        """Raises `Unreachable`."""
