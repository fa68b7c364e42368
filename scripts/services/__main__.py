"""Throw-away PostgreSQL, Redis and Elasticsearch on free ports of this machine, for tests and measurements.

    python3 -m scripts.services start [NAME…]    starts what does not run yet, writes .services/env, prints it
    python3 -m scripts.services status
    python3 -m scripts.services stop [NAME…]

A server that cannot be had is named with the reason and what to do, the others start, and the exit
status is 1. Data is not meant to survive. Standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.packages import UnavailableError
from scripts.services import elasticsearch, postgresql, redis
from scripts.services.processes import Server, end, is_open_to_others

Starter = Callable[[Path], Server]

STARTERS: dict[str, Starter] = {
    "postgresql": postgresql.start,
    "redis": redis.start,
    "elasticsearch": elasticsearch.start,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["start", "status", "stop"])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STARTERS)}; all by default")
    parser.add_argument("--dir", type=Path, default=Path(".services"), help="where what runs is written down")
    asked = parser.parse_intermixed_args(arguments)
    if unknown := set(asked.names) - set(STARTERS):
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    root: Path = asked.dir.resolve()
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        # Two runs at once would start every server twice and forget half of them.
        fcntl.flock(lock, fcntl.LOCK_EX)
        verb = {"start": start, "status": status, "stop": stop}[asked.verb]
        return verb(root, asked.names or list(STARTERS))


def start(root: Path, names: Sequence[str], *, starters: Mapping[str, Starter] = STARTERS) -> int:
    missing = 0
    for name in names:
        if not recall(root, name):
            try:
                remember(root, name, starters[name](_fresh_folder(root, name)))
            except UnavailableError as reason:
                missing += 1
                print(f"{name}: {reason}", file=sys.stderr)
    print(write_environment(root), end="", flush=True)
    return 1 if missing else 0


def status(root: Path, names: Sequence[str]) -> int:
    running = {name: recall(root, name) for name in names}
    for name, server in running.items():
        print(f"{name}: {server.url if server else 'not running'}")
    return 0 if all(running.values()) else 1


def stop(root: Path, names: Sequence[str]) -> int:
    for name in names:
        if server := recall(root, name):
            end(server.pid)
        shutil.rmtree(_place(root) / name, ignore_errors=True)
        (root / f"{name}.json").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # Not empty: the unpacked Elasticsearch stays for the next time.
        _place(root).rmdir()
    write_environment(root)
    return 0


def recall(root: Path, name: str) -> Server | None:
    """The server of this name that was started before and still answers."""
    try:
        server = Server(**json.loads((root / f"{name}.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return server if server.alive else None


def remember(root: Path, name: str, server: Server) -> None:
    (root / f"{name}.json").write_text(json.dumps(asdict(server)))


def write_environment(root: Path) -> str:
    """Write NAME=URL of all that runs to `env`, which the tests read, and return it."""
    known = [recall(root, file.stem) for file in sorted(root.glob("*.json"))]
    running = [server for server in known if server]
    lines = "".join(f"{server.variable}={server.url}\n" for server in running)
    (root / "env").write_text(lines)
    return lines


def _fresh_folder(root: Path, name: str) -> Path:
    folder = _place(root) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _place(root: Path) -> Path:
    """Where servers keep their data: below `root`, unless they run as `nobody` and may not walk there."""
    if is_open_to_others(root):
        return root
    place = Path(tempfile.gettempdir()) / f"giao-services-{hashlib.sha256(bytes(root)).hexdigest()[:8]}"
    place.mkdir(mode=0o711, exist_ok=True)
    return place


if __name__ == "__main__":
    raise SystemExit(main())
