"""PostgreSQL 15, from Debian's package, for tests and measurements only.

What it has committed outlives its own end, as tests that kill it expect, but not that of the machine.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.packages import program
from scripts.services.processes import Server, birth, free_port, give_away, launch, run, wait

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No socket file: a long path to the project would break the kernel's limit of 107 bytes.
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def start(work: Path) -> Server:
    binaries = program("initdb", "postgresql", "/usr/lib/postgresql/*/bin").parent
    data, port = work / "data", free_port()
    give_away(work)
    # C.UTF-8 sorts by code point: the application orders for people, and alike on every host.
    locale = ["-E", "UTF8", "--locale=C.UTF-8"]
    run([binaries / "initdb", "-D", data, "-A", "trust", "-U", "giao", *locale, "--no-sync"])
    options = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
    process = launch([binaries / "postgres", "-D", data, "-p", str(port), *options], work)
    address = ["-h", "127.0.0.1", "-p", str(port)]
    wait(process, work, lambda: subprocess.run([binaries / "pg_isready", "-q", *address]).returncode == 0)
    run([binaries / "createdb", *address, "-U", "giao", "giao"])
    url = f"postgresql+psycopg://giao@127.0.0.1:{port}/giao"
    return Server("DATABASE_URL", url, process.pid, birth(process.pid))
