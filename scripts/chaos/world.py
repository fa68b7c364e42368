"""The processes of a chaos run: started, spoken to, killed without warning, started again on what they left behind."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

STARTING = 180.0
ANSWERING = 120.0
"""Seconds, on a machine that does much else."""


class Silent(Exception):
    """The process did not answer: it was killed, or is stuck. What was asked may have happened."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Node:
    """One exchange. `public` is the port at which others find it, the proxy's for the national one."""

    name: str
    folder: Path
    national_port: int = 0
    public: int = 0
    listen: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    """Settings beside its own: servers, for instance."""
    kills: int = 0
    _ready: bool = False
    _hearing: threading.Thread = field(default_factory=threading.Thread)
    _process: subprocess.Popen[str] | None = None
    _answers: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    _numbers: count[int] = field(default_factory=count)

    @property
    def environment(self) -> dict[str, str]:
        # Without the probe: each record of a home is then a listing that somebody has written.
        own = {
            "PROBE": "0",
            "DATA_DIR": str(self.folder / self.name), "NODE_ID": self.name, "PEER_LOOPBACK": "1",
            "LISTEN": str(self.listen), "BASE_URL": f"http://127.0.0.1:{self.public or self.listen}",
            "EXCHANGE_NAME": f"Sàn {self.name}", "ROLE": "local" if self.national_port else "national",
        }  # fmt: skip
        if self.national_port:
            own["NATIONAL_URL"] = f"http://127.0.0.1:{self.national_port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, **own, **self.more}

    def start(self) -> None:
        (self.folder / self.name).mkdir(exist_ok=True)
        self._answers, self._ready = queue.Queue(), False
        with (self.folder / f"{self.name}.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts.chaos.node"], env=self.environment, text=True, stderr=log,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
            )  # fmt: skip
        heard = (self._process, self._answers)
        self._hearing = threading.Thread(target=self._hear, args=heard, daemon=True)
        self._hearing.start()

    def _hear(self, process: subprocess.Popen[str], answers: queue.Queue[dict[str, Any]]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                answers.put(json.loads(line))
        answers.put({"ended": True})

    def is_ready(self) -> bool:
        """Whether it has started, without waiting for it."""
        if not self._ready:
            with suppress(queue.Empty):
                self._ready = bool(self._answers.get_nowait().get("ready"))
        return self._ready

    def wait_until_ready(self) -> None:
        """Raises `Silent`."""
        if not self._ready and not self._next(STARTING).get("ready"):
            raise Silent(f"{self.name} did not start; see {self.folder / self.name}.log")
        self._ready = True

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Raises `Silent`; RuntimeError when the command itself is wrong, which says nothing of the exchange."""
        number = next(self._numbers)
        if self._process is None or self._process.stdin is None:
            raise Silent(self.name)
        try:
            self._process.stdin.write(json.dumps({"do": do, "n": number, **more}) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise Silent(self.name) from None
        while True:
            answer = self._next(ANSWERING)
            if "broken" in answer:
                raise RuntimeError(f"{self.name}, {do}: {answer['broken']}")
            if answer.get("n") == number:
                return answer

    def _next(self, patience: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            raise Silent(f"{self.name} does not answer") from None
        if answer.get("ended"):
            self._answers.put(answer)
            raise Silent(f"{self.name} has ended")
        return answer

    def kill(self) -> None:
        """As a power cut does: nothing is finished, nothing is said."""
        self.kills += self._end()

    def end(self) -> None:
        self._end()

    def _end(self) -> bool:
        """Whether it still ran. Its pipes are closed, and its last words heard."""
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return False
        ran = process.poll() is None
        process.kill()
        process.wait()
        self._hearing.join(ANSWERING)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        return ran
