"""A door in front of a real server: open, shut (nobody answers), or frozen (it takes connections and says nothing).

The server itself goes on, as it does when the network between fails; other tests use it meanwhile.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

LOOK = 0.05  # seconds between two looks at how the door stands
PORTS = range(20_000, 32_000)
"""Below those the system gives to calls going out: while a door is shut nobody may come to stand on its port."""


def free_listener() -> socket.socket:
    """A socket that listens on a port of `PORTS` nobody has."""
    while True:
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", secrets.choice(PORTS)))


@dataclass
class Door:
    """`url` is the server's, by way of the door."""

    url: str
    server: tuple[str, int]
    port: int
    _state: str = "open"
    _listener: socket.socket | None = None
    _pairs: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)
    _over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Whoever hangs up on everybody must find everybody: also the one who is just let in."""

    @classmethod
    @contextmanager
    def before(cls, url: str) -> Iterator[Door]:
        """A door in front of the server of this URL."""
        parts = urlsplit(url)
        listener = free_listener()
        port = listener.getsockname()[1]
        host = parts.netloc.rpartition("@")
        through = urlunsplit(parts._replace(netloc=f"{host[0]}{host[1]}127.0.0.1:{port}"))
        door = cls(through, (parts.hostname or "127.0.0.1", parts.port or 0), port, _listener=listener)
        thread = threading.Thread(target=door._serve, daemon=True)
        thread.start()
        try:
            yield door
        finally:
            door._over = True
            thread.join()
            door.shut()

    def freeze(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        self._state = "frozen"

    def shut(self) -> None:
        """Hang up on everybody and refuse the next."""
        self._state = "shut"
        if self._listener is not None:
            # Who looks at it just now keeps it until he has looked: it ends at once, so that the port can be taken again.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for one in (end for pair in pairs for end in pair):
            one.close()

    def open(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
        self._state = "open"

    def _serve(self) -> None:
        while not self._over:
            with contextlib.suppress(OSError, ValueError):
                self._pass_on()

    def _pass_on(self) -> None:
        others = dict([*self._pairs, *((there, here) for here, there in self._pairs)])
        listener = self._listener
        watched = [*others, *([listener] if listener else [])] if self._state == "open" else []
        for ready in select.select(watched, [], [], LOOK)[0]:
            if ready is listener:
                self._let_in(listener)
            else:
                self._carry(ready, others[ready])

    def _let_in(self, listener: socket.socket) -> None:
        here, _ = listener.accept()
        try:
            there = socket.create_connection(self.server, timeout=5)
        except OSError:
            here.close()
            return
        with self._lock:
            if self._state != "shut":
                self._pairs.append((here, there))
                return
        here.close()
        there.close()

    def _carry(self, ready: socket.socket, other: socket.socket) -> None:
        try:
            said = ready.recv(65_536)
            other.sendall(said)
        except OSError:
            said = b""
        if not said:
            with self._lock:
                self._pairs = [pair for pair in self._pairs if ready not in pair]
            ready.close()
            other.close()
