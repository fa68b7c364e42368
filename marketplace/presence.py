"""Signs of life: each process that asks for leases has a file, which it keeps locked for as long as it lives.

The system takes the lock from a process that dies, whatever ended it. So whoever shares the data folder with the holder
of a lease sees at once that it is gone, and need not wait until the lease has run out. Where that cannot be seen, from
another machine or another folder, nothing is believed and the lease has its time.
"""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from contextlib import suppress
from pathlib import Path

SYSTEM = Path("/proc/sys/kernel/random/boot_id")
"""Names the running kernel, whatever container asks: only under one kernel is a lock the same lock for both sides."""
LITTER = 86_400.0
"""Seconds after which the file of a process that was killed says nothing of any lease, and is removed."""


class Presence:
    """The sign of life of `name`, given up when this object is."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.name = name
        self._folder = data_dir / "alive"
        self._system = _read(SYSTEM)
        self._close: weakref.finalize[..., Presence] | None = None

    def show(self) -> None:
        """To be done before a lease is asked for; once more does nothing. Where it cannot be done others will wait."""
        if self._close is not None or not self._system:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            file = self._file(self.name)
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._close = weakref.finalize(self, os.close, descriptor)
            self._close.atexit = False  # Until its very end a process lives.
            # Some network file systems grant every lock: a sign by which the living look dead is worse than none.
            if not _locked(descriptor) or _is_free(file):
                file.unlink()

    def withdraw(self) -> None:
        if self._close is not None:
            self._file(self.name).unlink(missing_ok=True)
            self._close()
            self._close = None

    def is_gone(self, other: str) -> bool:
        """Whether that process has lived under this system and does no longer. False where it cannot be known."""
        return bool(self._system) and _is_free(self._file(other))

    def living(self) -> list[str]:
        """Those that share this folder and are seen to live under this system."""
        files = sorted(self._folder.glob(f"*@{self._system}")) if self._system else []
        return [file.name.rpartition("@")[0] for file in files if _is_held(file)]

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}@{self._system}"

    def _sweep(self) -> None:
        for file in self._folder.iterdir():
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > LITTER and _is_free(file):
                    file.unlink()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_free(file: Path) -> bool:
    """Whether the file is there and nobody has it locked."""
    return _is_held(file) is False


def _is_held(file: Path) -> bool | None:
    """Whether somebody has it locked; None where that cannot be seen."""
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
