"""Debian packages, installed when they are missing and we may: `python3 -m scripts.packages NAME…`.

Standard library only, for it runs before anything else is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE = 180
"""Seconds to wait for another apt that holds the lock, as a fresh machine's own first update often does."""

Pause = Callable[[float], None]
Command = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]


class UnavailableError(Exception):
    """Something cannot be had here; the message says why and what to do."""


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not on this machine")


def program(name: str, package: str, pattern: str = "") -> Path:
    """The program `name`, from a folder that matches `pattern`, else the PATH; installed when it is nowhere.

    Raises `UnavailableError` with the line that would install it.
    """
    if found := _find(name, pattern):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install([package])
        if found := _find(name, pattern):
            return found
    raise UnavailableError(f"{name} is not here; install it with: apt-get install {package}")


def _find(name: str, pattern: str) -> Path | None:
    folders = sorted(Path("/").glob(pattern.lstrip("/")), reverse=True) if pattern else []
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)]))
    return Path(found) if found else None


def is_installed(package: str) -> bool:
    asked = _run(["dpkg-query", "--show", "--showformat=${db:Status-Status}", package])
    return asked.stdout == "installed"


def install(packages: Sequence[str], *, run: Command = _run, pause: Pause = time.sleep) -> None:
    """Install packages, waiting for any other apt to end. Raises `UnavailableError` with apt's last words."""
    apt = ["apt-get", "-q", "-y", "-o", f"DPkg::Lock::Timeout={PATIENCE}"]
    _until_unlocked([*apt, "update"], run, pause)
    _until_unlocked([*apt, "install", "--no-install-recommends", *packages], run, pause)


def _until_unlocked(command: Sequence[str], run: Command, pause: Pause) -> None:
    # apt's own time-out covers dpkg's lock but not the one on the package lists: update fails at once.
    for _ in range(PATIENCE // 5):
        done = run(command)
        if done.returncode == 0:
            return
        if "Could not get lock" not in done.stderr:
            break
        pause(5)
    raise UnavailableError(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")


def main(packages: Sequence[str]) -> int:
    missing = [package for package in packages if not is_installed(package)]
    try:
        if missing:
            print(f"Installing {' '.join(missing)}", flush=True)
            install(missing)
    except UnavailableError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
