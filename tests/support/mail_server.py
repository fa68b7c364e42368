"""A mail server of a few lines on the loopback: takes letters, cannot encrypt."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Received:
    sender: str = ""
    receivers: list[str] = field(default_factory=list)
    data: str = ""


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        letter = Received()
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("MAIL FROM:"):
                letter.sender = _address(line)
            elif verb.startswith("RCPT TO:"):
                letter.receivers.append(_address(line))
                if self.server.refuses:  # type: ignore[attr-defined]
                    self._say(f"550 there is no {_address(line)} here")
                    continue
            elif verb == "DATA":
                self._say("354 go on")
                letter.data = self._read_data()
                self.server.received.append(letter)  # type: ignore[attr-defined]
            elif verb == "QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _read_data(self) -> str:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") for line in lines).decode()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


class MailServer(socketserver.ThreadingTCPServer):
    """Open in a `with` block; what came in is in `received`. `refuses`: it knows no receiver."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.refuses = refuses
        self.received: list[Received] = []
        self.port = self.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
