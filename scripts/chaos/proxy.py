"""A proxy that fails as networks do: late, cut, truncated, in slices, without the answer, twice, twice and late."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Final

FAULTS: Final = (
    "late",
    "refused",
    "cut",
    "truncated",
    "sliced",
    "answer lost",
    "answer cut",
    "twice",
    "twice and late",
)
LONGEST = 60.0
"""Seconds that either side may be silent."""


class Proxy:
    """Stands before one address. `share` of the requests meet a fault while `failing` is set; nothing passes while
    `cut` is. `latency` is in seconds, each way."""

    def __init__(
        self, target: tuple[str, int], chance: random.Random, *, share: float, latency: float = 0.0
    ) -> None:
        self.failing = threading.Event()
        self.cut = threading.Event()
        self.met: Counter[str] = Counter()
        self._target, self._chance, self._share, self._latency = target, chance, share, latency
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _fault(self) -> str:
        with self._lock:
            if not self.failing.is_set() or self._chance.random() >= self._share:
                return ""
            fault = self._chance.choice(FAULTS)
            self.met[fault] += 1
            return fault

    def _serve(self, client: socket.socket) -> None:
        """One request and its answer; the connection ends with them."""
        client.settimeout(LONGEST)
        with client, suppress(OSError):
            fault = self._fault()
            if fault == "refused" or self.cut.is_set():
                return
            request = read_message(client)
            if not request or fault == "cut":
                return
            time.sleep(self._latency + (0.4 if fault == "late" else 0.0))
            answer = self._forward(_last(request), fault)
            time.sleep(self._latency)
            if fault == "answer cut":
                answer = answer[: len(answer) // 2]
            if fault != "answer lost":
                client.sendall(answer)

    def _forward(self, request: bytes, fault: str) -> bytes:
        if fault == "truncated":
            return self._ask(request[: len(request) - max(1, len(request) // 3)])
        answer = self._ask(request, slices=fault == "sliced")
        if fault == "twice":
            self._ask(request)
        if fault == "twice and late":
            threading.Timer(3.0, self._again, (request,)).start()
        return answer

    def _again(self, request: bytes) -> None:
        with suppress(OSError):
            self._ask(request)

    def _ask(self, request: bytes, *, slices: bool = False) -> bytes:
        with socket.create_connection(self._target, timeout=LONGEST) as upstream:
            step = max(1, len(request) // 7) if slices else len(request)
            for start in range(0, len(request), step):
                upstream.sendall(request[start : start + step])
                if slices:
                    time.sleep(0.02)
            with suppress(OSError):
                if not complete(request):
                    upstream.shutdown(socket.SHUT_WR)
            return read_message(upstream)


def _last(request: bytes) -> bytes:
    """The request as the last of its connection: whoever is answered so asks again over another one, and never over this
    one while it is being closed."""
    head, ended, body = request.partition(b"\r\n\r\n")
    return b"".join((head, b"\r\nConnection: close", ended, body)) if ended else request


def read_message(source: socket.socket) -> bytes:
    """The bytes of one HTTP message: as long as its Content-Length says, or to the end."""
    held = b""
    while not complete(held):
        more = source.recv(65_536)
        if not more:
            break
        held += more
    return held


def complete(held: bytes) -> bool:
    head, ended, body = held.partition(b"\r\n\r\n")
    if not ended:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0].partition(b":")[2]) if lengths else 0
    return len(body) >= wanted
