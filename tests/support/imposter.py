"""A web server that answers everything in one way: what somebody meets who mistypes SEARCH_URL, or a server that is ill."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.answering import answering, write

ELASTICSEARCH = {"X-Elastic-Product": "Elasticsearch"}


@dataclass
class Imposter:
    """What it answers, which a test may change while it runs, and how often it was asked."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: int = 0
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        written = json.dumps(self.body).encode()
        write(handler, self.status, written, {"Content-Type": "application/json", **self.headers})


@contextmanager
def imposter(status: int, body: Any, headers: Mapping[str, str] = ELASTICSEARCH) -> Iterator[Imposter]:
    """Serve on a free loopback port until the test is over."""
    made = Imposter(status, body, headers)
    with answering(made.answer) as made.url:
        yield made
