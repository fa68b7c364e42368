"""A real disk of some megabytes for one database, which can be filled: a file system in memory, mounted by root on the
machine of PostgreSQL."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from marketplace.db import open_database
from tests.services import service_url
from tests.support.exchanges import administer, own_database, own_prefix

MEGABYTES = 64
"""Room for the catalogue of a database and all our tables, some 20 MB, and a little more."""


@dataclass(frozen=True)
class SmallDisk:
    url: str
    """Of the database that lies on it."""
    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """While the block lasts no file on it can grow."""
        ballast = self.folder / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                _fill(file.fileno())
            yield
        finally:
            ballast.unlink()


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Skips the test where none can be had."""
    server = service_url("DATABASE_URL").rpartition("/")[0] + "/postgres"
    owner = _owner_of_the_data(server)
    with tempfile.TemporaryDirectory(prefix="giao-own-") as folder:
        Path(folder).chmod(0o711)  # Not below the folders of pytest, which the server may not enter.
        place = Path(folder, "disk")
        place.mkdir()
        options = f"size={MEGABYTES}m,mode=0700,uid={owner}"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(
                f"needs the right to mount a small disk, run as root: {mounted.stderr.splitlines()[0]}"
            )
        try:
            with _database_on(server, place) as url:
                yield SmallDisk(url, place)
        finally:
            subprocess.run(["umount", place], check=True)


@contextmanager
def _database_on(server: str, place: Path) -> Iterator[str]:
    name, data = own_prefix(), place / "data"
    data.mkdir()
    os.chown(data, place.stat().st_uid, -1)
    administer(server, f"CREATE TABLESPACE \"{name}\" LOCATION '{data}'")
    try:
        with own_database(tablespace=name) as url:
            yield url
    finally:
        administer(server, f'DROP TABLESPACE "{name}"')


def _owner_of_the_data(server: str) -> int:
    """Whom the server runs as; skips where it is not on this machine."""
    database = open_database(server)
    with database.connect() as connection:
        folder = Path(str(connection.scalar(text("SHOW data_directory"))))
    database.dispose()
    try:
        return folder.stat().st_uid
    except OSError:
        pytest.skip(
            "needs PostgreSQL on this machine and the right to look into its data: run `make services` as root"
        )


def _fill(descriptor: int) -> None:
    try:
        while True:
            os.write(descriptor, bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
