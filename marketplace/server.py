"""The web server: waitress, told to finish what it has begun before it stops.

Left to itself waitress drops the request in flight when its process is asked to end; here the loop goes on for the
open answers, and no longer than `LAST_ANSWERS`.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

THREADS = 8
FORWARDED = {"x-forwarded-for", "x-forwarded-proto"}
LAST_ANSWERS = 10.0  # seconds given to answers under way when asked to stop
CONNECTIONS = 1_000
"""Open at a time. Those that say nothing must not keep out the others; one costs some kilobytes."""
SILENCE = 30  # seconds after which a connection that sends nothing is closed
LOOK = 0.2  # seconds between two looks at whether to stop


class Server:
    """Listens from the moment it is made; answers while `serve` runs."""

    def __init__(self, app: Flask, *, host: str, port: int, trusted_proxy: str = "") -> None:
        self._sockets: dict[int, Any] = {}
        # Forwarded headers are believed from the proxy that the operator named, and thrown away from anybody else.
        believed = (
            {"trusted_proxy": trusted_proxy, "trusted_proxy_headers": FORWARDED} if trusted_proxy else {}
        )
        self._server: Any = create_server(
            app, map=self._sockets, host=host, port=port, threads=THREADS, ident=None,
            connection_limit=CONNECTIONS, channel_timeout=SILENCE, cleanup_interval=SILENCE // 3,
            clear_untrusted_proxy_headers=True, **believed,
        )  # fmt: skip

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def serve(self, stop: threading.Event) -> None:
        """Answer until `stop` is set, then finish what is under way and close."""
        while not stop.is_set():
            wasyncore.poll2(LOOK, self._sockets)
        until = time.monotonic() + LAST_ANSWERS
        while self._is_answering() and time.monotonic() < until:
            wasyncore.poll2(LOOK / 4, self._sockets)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def _is_answering(self) -> bool:
        channels = [one for one in self._sockets.values() if hasattr(one, "total_outbufs_len")]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
