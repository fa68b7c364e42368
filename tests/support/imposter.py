"""A web server that answers everything in one way: what somebody meets who mistypes SEARCH_URL, or a server that is ill."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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
        handler.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(written)))
        handler.end_headers()
        handler.wfile.write(written)


@contextmanager
def imposter(status: int, body: Any, headers: Mapping[str, str] = ELASTICSEARCH) -> Iterator[Imposter]:
    """Serve on a free loopback port until the test is over."""
    answering = Imposter(status, body, headers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answering.answer(self)

        do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - named by the library

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answering.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield answering
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
