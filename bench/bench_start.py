"""How long people wait for `giao run`: the first time, with everything to be set up, and every time after; and what it
holds in memory when nobody asks for anything.

From the command to the first page that is answered. Python's own start is shown beside, as the floor.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from marketplace.commands.doctor import examine
from marketplace.runtime import Runtime
from marketplace.settings import Settings

FIRST, LATER, MEMORY = 60, 3, 200
"""Seconds, seconds and megabytes that are wanted."""
PATIENCE = 300.0


@dataclass(frozen=True)
class Exchange:
    """A folder and the address it is served at."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DATA_DIR": str(self.folder), "BASE_URL": self.url}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        exchange = Exchange(Path(folder) / "var", free_port())
        floor = seconds_of(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
        with running(exchange) as (process, first):
            print(f"first start, set up and filled: {first:5.1f} s (wanted: {FIRST})")
            wait_until_at_rest(exchange)
            print(f"memory after all was matched:   {memory(process.pid):5.0f} MB")
        with running(exchange) as (process, later):
            cpu = sum(os.times()[2:4])
            print(
                f"later start:                    {later:5.1f} s (wanted: {LATER}; Python alone {floor:.2f})"
            )
            time.sleep(5)
            print(f"memory at rest:                 {memory(process.pid):5.0f} MB (wanted: {MEMORY})")
        used = sum(os.times()[2:4]) - cpu
        print(f"CPU of the later start:         {used:5.1f} s, five seconds of rest and its end included")


@contextmanager
def running(exchange: Exchange) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`giao run`, and how long it took to its first page."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "marketplace", "run"], env=exchange.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not answers(f"{exchange.url}/vi/"):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise SystemExit("giao run did not start")
            time.sleep(0.02)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as page:
            return bool(page.status == 200)
    except (URLError, OSError):
        return False


def wait_until_at_rest(exchange: Exchange) -> None:
    """Until every reader of the feed has caught up."""
    runtime = Runtime(Settings.from_environment(exchange.environment))
    while any(not finding.well for finding in examine(runtime)):
        time.sleep(0.5)
    runtime.close()


def memory(process: int) -> float:
    """What the process holds, files it maps included, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def seconds_of(act) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
