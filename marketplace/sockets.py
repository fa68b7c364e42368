"""Speaking to other exchanges over sockets; certificates are checked, redirects are answers like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import urllib3

from exchange.messages import Answer, Request
from exchange.snapshots import PIECE, Digested
from marketplace.network import Unreachable

CONNECT, READ = 10.0, 60.0  # seconds
TIMEOUT = urllib3.Timeout(connect=CONNECT, read=READ)
LARGEST_ANSWER = 48 * 1024 * 1024
"""Bytes of one answer; a page of a feed has at most 500 records, most of them far smaller than they may be."""


FIRST_BYTE = 900.0
"""Seconds until the first byte of a snapshot, which is made meanwhile: a million records took 43 s of a processor."""
LARGEST_FETCHED = 4 * 1024**3
"""Bytes of one snapshot as it is packed: some millions of records."""


class Sockets:
    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT, cert_reqs="CERT_REQUIRED")

    def send(self, request: Request) -> Answer:
        with self._asked(request) as response:
            body = response.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise Unreachable(f"an answer of more than {LARGEST_ANSWER} bytes")
        return Answer(response.status, tuple(response.headers.items()), body)

    def fetch(self, request: Request, into: Digested) -> Answer:
        with self._asked(request, urllib3.Timeout(connect=CONNECT, read=FIRST_BYTE)) as response:
            while piece := response.read(PIECE):
                into.write(piece)
                if into.size > LARGEST_FETCHED:
                    raise Unreachable(f"an answer of more than {LARGEST_FETCHED} bytes")
        return Answer(response.status, tuple(response.headers.items()))

    @contextmanager
    def _asked(
        self, request: Request, timeout: urllib3.Timeout = TIMEOUT
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        try:
            response = self._pool.request(
                request.method, request.url, body=request.body or None, headers=dict(request.headers),
                redirect=False, preload_content=False, decode_content=False, timeout=timeout,
            )  # fmt: skip
            try:
                yield response
            except BaseException:
                # What is left of it must not be taken for the answer to the next request.
                response.close()
                raise
            response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None


def open_network() -> Sockets:
    return Sockets()
