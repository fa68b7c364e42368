"""Starting servers, waiting until they answer, and ending them again, each by its own process group."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.packages import UnavailableError

START_LIMIT = 300.0
"""Seconds; a cold Elasticsearch takes about ten on two idle cores, and minutes where others keep them busy."""

Word = str | Path


@dataclass(frozen=True)
class Server:
    """A server that answers. `born`, the kernel's start time of `pid`, tells it from a later namesake."""

    variable: str
    url: str
    pid: int
    born: str

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])

    @property
    def alive(self) -> bool:
        """Whether our own process is there and its port takes connections."""
        if birth(self.pid) != self.born:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2):
            return True
        return False


class Lasting(subprocess.Popen[bytes]):
    """A process that is meant to outlive whoever started it; the usual Popen would complain of that."""

    def __del__(self) -> None:
        pass


def launch(
    command: Sequence[Word],
    work: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own; what it says goes to `console.log`, how it was called to `command`."""
    (work / "command").write_text("\0".join(map(str, command)))
    with (work / "console.log").open("wb") as log:
        return Lasting(
            [str(word) for word in command],
            cwd=folder or work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_identity(),
        )


def run(command: Sequence[Word]) -> None:
    """A short command that prepares a server. Raises `UnavailableError` with what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, **_identity())
    if done.returncode:
        raise UnavailableError(f"{Path(words[0]).name} failed: {done.stderr.strip()[-500:]}")


def wait(process: subprocess.Popen[bytes], work: Path, ready: Callable[[], bool]) -> None:
    """Wait until the server answers. Raises `UnavailableError` with the end of its log when it does not."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        if ready():
            return
        time.sleep(0.1)
    end(process.pid)
    log = (work / "console.log").read_text(errors="replace")
    raise UnavailableError(f"it did not come up; the end of its log:\n{log[-1500:]}")


def end(pid: int) -> None:
    """End the process group that `launch` opened, and nothing else: first asked, after ten seconds forced."""
    for ask, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, ask)
        if _is_gone(pid, time.monotonic() + patience):
            return


def birth(pid: int) -> str:
    """The kernel's start time of a living process, empty when there is none (field 22 in proc(5), `stat`)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def give_away(tree: Path) -> None:
    """PostgreSQL and Elasticsearch refuse root: as root they run as `nobody`, who must own the folder."""
    if os.geteuid() == 0:
        owner = _nobody()
        for path in (tree, *tree.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)


def is_open_to_others(folder: Path) -> bool:
    """Whether `nobody` may walk down to the folder, which under /root it may not."""
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in folder.parents)


def _is_gone(pid: int, until: float) -> bool:
    while time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def _identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": _nobody(), "group": _nobody(), "extra_groups": []}


def _nobody() -> int:
    return pwd.getpwnam("nobody").pw_uid
