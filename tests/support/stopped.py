"""Servers of a test's own that are killed and started again on the same port, as after a crash of their machine."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from scripts.packages import UnavailableError
from scripts.services import elasticsearch, postgresql, redis
from scripts.services.processes import Server, birth, end, launch, wait

HOME = Path(__file__).resolve().parents[2] / ".services" / "elasticsearch-home"
"""Elasticsearch as `make services` has unpacked it; without it a test would fetch it anew."""


@dataclass
class Stoppable:
    """A server of one of `scripts.services`, whose data are in `work`."""

    server: Server
    work: Path
    crash: signal.Signals = signal.SIGKILL
    _how: tuple[list[str], Path, dict[str, str] | None] = field(init=False)

    def __post_init__(self) -> None:
        place = Path(f"/proc/{self.server.pid}")
        words = self.work.joinpath("command").read_text().split("\0")
        pairs = (
            pair.partition("=")
            for pair in place.joinpath("environ").read_text(errors="replace").split("\0")
            if "=" in pair
        )
        known = {name: value for name, _, value in pairs}
        # Some servers write their title over the place where their environment was; those need none of it.
        self._how = words, place.joinpath("cwd").readlink(), known if "ES_PATH_CONF" in known else None

    @property
    def url(self) -> str:
        return self.server.url

    def kill(self) -> None:
        os.killpg(self.server.pid, self.crash)
        end(self.server.pid)

    def start(self) -> None:
        command, folder, environment = self._how
        process = launch(command, self.work, folder=folder, environment=environment)
        self.server = Server(self.server.variable, self.url, process.pid, birth(process.pid))
        wait(process, self.work, lambda: self.server.alive)


@contextmanager
def own(start: Callable[[Path], Server], crash: signal.Signals = signal.SIGKILL) -> Iterator[Stoppable]:
    """A server of one's own; skips the test where it cannot be had, or fails where services are required."""
    # Not below the folders of pytest, which `nobody` may not enter.
    with tempfile.TemporaryDirectory(prefix="giao-own-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "server").mkdir()
        if HOME.exists():
            (place / "elasticsearch-home").symlink_to(HOME.resolve())
        try:
            stoppable = Stoppable(start(place / "server"), place / "server", crash)
        except UnavailableError as reason:
            (pytest.fail if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip)(str(reason))
        try:
            yield stoppable
        finally:
            end(stoppable.server.pid)


OWN: Mapping[str, Callable[[], AbstractContextManager[Stoppable]]] = {
    # The processes of PostgreSQL leave the group they were started in; this signal ends them all without a checkpoint.
    "database_url": partial(own, postgresql.start, signal.SIGQUIT),
    "queue_url": partial(own, redis.start),
    "search_url": partial(own, elasticsearch.start),
}
