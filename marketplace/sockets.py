"""Speaking to other exchanges over sockets; certificates are checked, redirects are answers like any other."""

from __future__ import annotations

import urllib3

from exchange.messages import Answer, Request
from marketplace.network import Unreachable

CONNECT, READ = 10.0, 60.0  # seconds
LARGEST_ANSWER = 48 * 1024 * 1024
"""Bytes of one answer; a page of a feed has at most 500 records, most of them far smaller than they may be."""


class Sockets:
    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=CONNECT, read=READ), cert_reqs="CERT_REQUIRED"
        )

    def send(self, request: Request) -> Answer:
        try:
            response = self._pool.request(
                request.method, request.url, body=request.body or None, headers=dict(request.headers),
                redirect=False, preload_content=False, decode_content=False,
            )  # fmt: skip
            try:
                body = response.read(LARGEST_ANSWER + 1)
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None
        if len(body) > LARGEST_ANSWER:
            raise Unreachable(f"an answer of more than {LARGEST_ANSWER} bytes")
        return Answer(response.status, tuple(response.headers.items()), body)


def open_network() -> Sockets:
    return Sockets()
