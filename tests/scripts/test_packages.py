"""Installing Debian packages beside another apt that holds the lock."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.packages import PATIENCE, UnavailableError, install, program

LOCKED = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"


class Apt:
    """Answers one after the other, the last one for ever."""

    def __init__(self, *errors: str) -> None:
        self._errors = list(errors)
        self.asked: list[str] = []
        self.paused = 0.0

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.asked.append(" ".join(command))
        error = self._errors.pop(0) if len(self._errors) > 1 else self._errors[0]
        return subprocess.CompletedProcess(command, 100 if error else 0, "", error)

    def pause(self, seconds: float) -> None:
        self.paused += seconds


def test_packages_are_looked_up_and_installed_without_a_question() -> None:
    apt = Apt("")
    install(["maven", "chromium"], run=apt.run, pause=apt.pause)
    lookup, installing = apt.asked
    assert lookup.endswith("update")
    assert " -y " in installing
    assert installing.endswith("install --no-install-recommends maven chromium")
    assert f"DPkg::Lock::Timeout={PATIENCE}" in installing


def test_it_waits_for_another_apt_to_end() -> None:
    apt = Apt(LOCKED, LOCKED, "")
    install(["maven"], run=apt.run, pause=apt.pause)
    assert len(apt.asked) == 4
    assert apt.paused == 10


def test_it_does_not_wait_for_ever() -> None:
    apt = Apt(LOCKED)
    with pytest.raises(UnavailableError, match="Could not get lock"):
        install(["maven"], run=apt.run, pause=apt.pause)
    assert apt.paused == PATIENCE


def test_what_waiting_cannot_mend_is_said_at_once() -> None:
    apt = Apt("E: Unable to locate package mavem")
    with pytest.raises(UnavailableError, match="Unable to locate package mavem"):
        install(["mavem"], run=apt.run, pause=apt.pause)
    assert apt.paused == 0


def test_a_program_is_found_in_a_folder_off_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "15" / "bin"
    folder.mkdir(parents=True)
    tool = folder / "initdb-of-ours"
    tool.touch(mode=0o755)
    assert program("initdb-of-ours", "no-such-package", f"{tmp_path}/*/bin") == tool
