"""One national and three local exchanges on this machine, enrolled and in step, until they are asked to end.

    make network                          data below var/network/, kept for the next time
    make network ARGS="--port 8200"       other ports: the national exchange has the first

The demonstration listings are split over the local exchanges by province; the national one shows them all.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from marketplace import sync_key
from marketplace.demo import loading
from marketplace.enrolling import enrol
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import enrolment, outgoing
from marketplace.settings import Settings, keep_in_file
from marketplace.work import begin, look
from scripts.network.nodes import FIRST_PORT, LOCALS, NATIONAL, Node

GIAO = Path(sys.executable).with_name("giao")
PATIENCE = 120.0  # seconds for a process to answer for the first time


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--port", type=int, default=FIRST_PORT, help="of the national exchange; three more follow"
    )
    parser.add_argument("--dir", type=Path, default=Path("var/network"), help="where their data is kept")
    asked = parser.parse_args()
    root: Path = asked.dir.resolve()
    for node in (NATIONAL, *LOCALS):
        if _is_taken(node.port(asked.port)):
            print(f"Port {node.port(asked.port)} is taken; choose others with --port.", file=sys.stderr)
            return 1
    with contextlib.ExitStack() as running:
        _set_up(root, asked.port, running)
        _introduce(root, asked.port)
        _until_asked_to_stop()
    return 0


def _set_up(root: Path, port: int, running: contextlib.ExitStack) -> None:
    """Databases and demonstration first; then the national exchange, for the others enrol with it."""
    for node in (NATIONAL, *LOCALS):
        print(f"Setting up {node.name} …", flush=True)
        keep_in_file(node.folder(root), node.settings(port))
        _giao(node, root, port, "migrate")
        with _opened(node, root, port) as runtime:
            sync_key.ensure(runtime.settings.key_file)
            if loading.is_empty(runtime):
                loading.load(runtime, node.belongs)
    running.enter_context(_serving(NATIONAL, root, port))
    for node in LOCALS:
        _enrol(node, root, port)
        running.enter_context(_serving(node, root, port))


def _enrol(node: Node, root: Path, port: int) -> None:
    """What two admins and an operator do with a letter and a telephone, done here at once."""
    with _opened(node, root, port) as local, _opened(NATIONAL, root, port) as national:
        with look(local) as work:
            if outgoing.line(work) is not None:
                return
        with begin(national) as work:
            invited = enrolment.invite(work, SYSTEM, node.node_id, replaces=True)
        enrol(local, invited.token, sync_key.read(national.settings.key_file).public.fingerprint)
        kid = sync_key.read(local.settings.key_file).kid
        for admin in ("Quản trị viên thứ nhất (trình diễn)", "Quản trị viên thứ hai (trình diễn)"):
            with begin(national) as work:
                enrolment.approve(work, replace(SYSTEM, name=admin), kid)


def _introduce(root: Path, port: int) -> None:
    print(
        "\nThe network is open. What is published on a local exchange is found on the national one within a minute."
    )
    for node in (NATIONAL, *LOCALS):
        print(f"\n{node.name}: {node.url(port)}")
        with _opened(node, root, port) as runtime:
            print(loading.stored_sign_ins(runtime).rstrip())
    print(f"\nHow they stand: DATA_DIR={LOCALS[-1].folder(root)} {GIAO} sync status")
    print("Ctrl+C ends it; the data stays below " + str(root), flush=True)


@contextmanager
def _serving(node: Node, root: Path, port: int) -> Iterator[None]:
    log = (node.folder(root) / "giao.log").open("ab")
    process = subprocess.Popen(
        [GIAO, "run", "--no-demo"], env=_environment(node, root, port), stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_for(node.url(port), process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), closing(urllib.request.urlopen(f"{url}/health/live", timeout=5)):
            return
        time.sleep(0.2)
    raise SystemExit(f"{url} does not answer; its log tells why.")


@contextmanager
def _opened(node: Node, root: Path, port: int) -> Iterator[Runtime]:
    runtime = Runtime(Settings.from_environment(_environment(node, root, port)))
    try:
        yield runtime
    finally:
        runtime.close()


def _giao(node: Node, root: Path, port: int, *arguments: str) -> None:
    subprocess.run(
        [GIAO, *arguments], env=_environment(node, root, port), check=True, stdout=subprocess.DEVNULL
    )


def _environment(node: Node, root: Path, port: int) -> dict[str, str]:
    """Nothing of another exchange's settings that may stand in this terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "DATA_DIR": str(node.folder(root)), **node.settings(port)}


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until_asked_to_stop() -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: stop.set())
    stop.wait()


if __name__ == "__main__":
    sys.exit(main())
