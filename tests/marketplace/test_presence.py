"""Who has died is seen by its neighbours at once, who lives is never taken for dead, and who cannot look waits."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace import leases
from marketplace.leases import Claim
from marketplace.presence import LITTER, Presence
from marketplace.runtime import Runtime
from marketplace.work import begin
from tests.support.clock import HandMovedClock

LEASE = "uplink"


def holds(runtime: Runtime, claim: Claim) -> bool:
    with begin(runtime) as work:
        return claim.hold(work.session, work.now)


@contextmanager
def holding(runtime: Runtime) -> Iterator[subprocess.Popen[str]]:
    """Another process of this exchange, on this machine, that holds the lease."""
    words = (runtime.settings.database_url, runtime.settings.data_dir, LEASE, runtime.clock().isoformat())
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.keeping", *map(str, words)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_what_a_killed_process_held_is_taken_over_at_once_and_not_before(runtime: Runtime) -> None:
    mine = Claim(LEASE, runtime.settings.data_dir)
    with holding(runtime) as process:
        assert not holds(runtime, mine)
        process.kill()
        process.wait()
        assert holds(runtime, mine)
        third = Claim(LEASE, runtime.settings.data_dir)
        assert not holds(runtime, third), "its heir lives"


def test_who_cannot_see_the_holder_waits_until_the_lease_is_over(
    embedded: Runtime, clock: HandMovedClock, tmp_path: Path
) -> None:
    mine = Claim(LEASE, tmp_path / "another machine")
    with holding(embedded) as process:
        process.kill()
        process.wait()
    assert not holds(embedded, mine)
    clock.move(leases.LASTS + timedelta(seconds=1))
    assert holds(embedded, mine)


def test_after_another_start_of_the_system_nothing_is_known_of_the_holder(tmp_path: Path) -> None:
    (tmp_path / "alive").mkdir()
    (tmp_path / "alive" / "first@the system before").touch()
    assert not Presence(tmp_path, "second").is_gone("first")


def test_a_sign_of_life_goes_with_its_process_and_is_removed_by_one_that_ends_well(tmp_path: Path) -> None:
    first, second = Presence(tmp_path, "first"), Presence(tmp_path, "second")
    assert not second.is_gone("first"), "it was never seen"
    first.show()
    first.show()
    assert not second.is_gone("first")
    first.withdraw()
    assert list((tmp_path / "alive").iterdir()) == []
    first.show()
    del first
    assert second.is_gone("first")


def test_where_locks_hold_nothing_the_living_are_not_taken_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Presence(tmp_path, "first"), Presence(tmp_path, "second")
    monkeypatch.setattr(fcntl, "flock", lambda file, how: None)
    first.show()
    assert not second.is_gone("first")


def test_where_nothing_can_be_written_a_lease_is_held_all_the_same(embedded: Runtime, tmp_path: Path) -> None:
    (tmp_path / "no folder").touch()
    assert holds(embedded, Claim(LEASE, tmp_path / "no folder"))


def test_what_killed_processes_have_left_is_removed_a_day_later(tmp_path: Path) -> None:
    dead, living = Presence(tmp_path, "dead"), Presence(tmp_path, "living")
    for one in (dead, living):
        one.show()
    del dead
    signs = tmp_path / "alive"
    Presence(tmp_path, "second").show()
    assert {file.name.partition("@")[0] for file in signs.iterdir()} == {"dead", "living", "second"}
    for file in signs.iterdir():
        os.utime(file, times=(time.time() - LITTER - 1,) * 2)
    third = Presence(tmp_path, "third")
    third.show()
    assert {file.name.partition("@")[0] for file in signs.iterdir()} == {"living", "third"}
