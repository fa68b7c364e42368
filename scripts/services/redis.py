"""Redis 7, from Debian's package. It keeps nothing on disk: what Redis loses must not matter to Giao."""

from __future__ import annotations

import socket
from pathlib import Path

from scripts.packages import program
from scripts.services.processes import Server, birth, free_port, give_away, launch, wait


def start(work: Path) -> Server:
    binary, port = program("redis-server", "redis-server"), free_port()
    give_away(work)
    in_memory = ["--save", "", "--appendonly", "no"]
    process = launch([binary, "--port", str(port), "--bind", "127.0.0.1", *in_memory, "--dir", work], work)
    wait(process, work, lambda: _answers(port))
    return Server("QUEUE_URL", f"redis://127.0.0.1:{port}/0", process.pid, birth(process.pid))


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
