"""Starting, recognising and stopping servers, tried on a small one."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scripts.packages import UnavailableError
from scripts.services.__main__ import Starter, main, recall, remember, start, stop
from scripts.services.processes import Server, birth, launch, wait


class Small:
    """A server of two halves: a port of the test's own, and a process that only lasts.

    As root, a server runs as `nobody`, who may not be allowed to read the Python of the tests.
    """

    def __init__(self, port: int) -> None:
        self._url = f"small://127.0.0.1:{port}/0"
        self._started: list[subprocess.Popen[bytes]] = []

    def __call__(self, work: Path) -> Server:
        process = launch(["sleep", "600"], work)
        self._started.append(process)
        server = Server("SMALL_URL", self._url, process.pid, birth(process.pid))
        wait(process, work, lambda: server.alive)
        return server

    def bury(self) -> None:
        for process in self._started:
            process.wait(10)


def absent(work: Path) -> Server:
    raise UnavailableError("absentd is not here; install it with: apt-get install absent")


def broken(work: Path) -> Server:
    process = launch(["sh", "-c", "echo no room on the disk; exit 1"], work)
    wait(process, work, lambda: False)
    raise AssertionError("never reached")


@dataclass(frozen=True)
class Place:
    root: Path
    starters: Mapping[str, Starter]

    def start(self, *names: str) -> int:
        return start(self.root, names or list(self.starters), starters=self.starters)

    def recall(self) -> Server:
        server = recall(self.root, "small")
        assert server
        return server


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        small = Small(listener.getsockname()[1])
        yield Place(tmp_path, {"broken": broken, "absent": absent, "small": small})
        stop(tmp_path, ["broken", "absent", "small"])
        small.bury()


def test_a_started_server_is_written_down_and_reused(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.start("small") == 0
    first = place.recall()
    assert capsys.readouterr().out == f"SMALL_URL={first.url}\n" == (place.root / "env").read_text()
    assert place.start("small") == 0
    assert place.recall() == first


def test_what_cannot_be_had_is_named_and_the_others_start(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.start() == 1
    said = capsys.readouterr()
    assert "absent: absentd is not here; install it with: apt-get install absent" in said.err
    assert "broken: it did not come up" in said.err
    assert "no room on the disk" in said.err
    assert said.out.startswith("SMALL_URL=")


def test_stopping_ends_the_server_and_forgets_it(place: Place) -> None:
    place.start("small")
    server = place.recall()
    stop(place.root, ["small"])
    assert birth(server.pid) == ""
    assert recall(place.root, "small") is None
    assert (place.root / "env").read_text() == ""


def test_another_process_that_got_the_same_number_is_not_ours(place: Place) -> None:
    place.start("small")
    server = place.recall()
    remember(place.root, "small", replace(server, born="1"))
    assert recall(place.root, "small") is None
    stop(place.root, ["small"])
    assert birth(server.pid) == server.born, "it is left alone"
    remember(place.root, "small", server)


def test_a_process_is_told_from_none() -> None:
    assert birth(os.getpid())
    assert birth(2**22 + 1) == ""


def test_an_unknown_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["start", "--dir", str(tmp_path), "mysql"])
    assert refused.value.code == 2
    assert "no such server: mysql" in capsys.readouterr().err
