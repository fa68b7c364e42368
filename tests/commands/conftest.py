"""`giao` in a folder of its own, as an operator uses it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import main
from marketplace.runtime import Runtime
from marketplace.settings import DEFAULTS, SECRETS, Settings

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Giao:
    """Runs commands in one data folder, with these settings beside."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object) -> Result:
        """In this process, standing in the data folder."""
        with chdir(self.folder):
            return CliRunner(env={**self.environment}).invoke(main, [str(one) for one in arguments])

    def apart(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """In a process of its own, standing in the data folder."""
        with self.started(*arguments) as process:
            out, error = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, error)

    def started(self, *arguments: object) -> subprocess.Popen[str]:
        """The same, not waited for."""
        outside = {name: value for name, value in os.environ.items() if name not in {*DEFAULTS, *SECRETS}}
        inside = {name: value for name, value in self.environment.items() if value is not None}
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "marketplace", *map(str, arguments)],
            cwd=self.folder, env=outside | inside | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str | None]:
        nothing: dict[str, str | None] = dict.fromkeys((*DEFAULTS, *SECRETS))
        return nothing | {"DATA_DIR": str(self.folder)} | self.settings

    def json(self, *arguments: object) -> Any:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def file(self, name: str, rows: Iterable[dict[str, Any]]) -> Path:
        path = self.folder / name
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
        return path

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        given = {name: value for name, value in self.environment.items() if value is not None}
        runtime = Runtime(Settings.from_environment(given))
        try:
            yield runtime
        finally:
            runtime.close()


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new exchange, set up once and copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    done = Giao(folder).apart("migrate")
    assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Giao:
    """A folder with nothing in it."""
    return Giao(tmp_path)


@pytest.fixture
def giao(migrated_folder: Path, tmp_path: Path) -> Giao:
    """An exchange that is set up and empty."""
    shutil.copytree(migrated_folder, tmp_path, dirs_exist_ok=True)
    return Giao(tmp_path)


def row(n: int, title: str, text: str = "", **values: Any) -> dict[str, Any]:
    return {
        "id": f"r{n}",
        "kind": "offer",
        "title": title,
        "text": text or f"{title}.",
        "lang": "vi",
        **values,
    }


def closed_port() -> int:
    """A port where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
