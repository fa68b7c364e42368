"""A file brought into an exchange, and what it left there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.models.accounts import Organisation
from marketplace.models.feed import Published
from marketplace.models.jobs import Job
from marketplace.models.listings import Listing, Revision, TimelineEvent
from marketplace.models.notices import Notice
from marketplace.runtime import Runtime
from marketplace.services.importing import Complaint, Tally, Wish, import_file
from marketplace.services.policy import SYSTEM
from marketplace.work import look

TABLES = (Organisation, Listing, Revision, TimelineEvent, Published, Notice, Job)


@dataclass
class Importing:
    """Imports files into one exchange and remembers every complaint."""

    runtime: Runtime
    folder: Path
    complaints: list[Complaint] = field(default_factory=list)
    tallies: list[int] = field(default_factory=list)

    def file(self, name: str, rows: Iterable[dict[str, Any]]) -> Path:
        path = self.folder / name
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
        return path

    def run(self, path: Path, **wish: Any) -> Tally:
        wished = Wish(**{"owner": "Viện Công nghệ", "create_owner": True, "publish": True, **wish})
        self.complaints.clear()
        return import_file(
            self.runtime, SYSTEM, path, wished,
            complain=self.complaints.append, report=lambda tally: self.tallies.append(tally.rows),
        )  # fmt: skip

    def told(self) -> list[tuple[int, str, str, str]]:
        return [(one.row, one.problem.path, one.value, one.problem.code) for one in self.complaints]

    def counts(self) -> dict[str, int]:
        with look(self.runtime) as work:
            return {
                table.__tablename__: work.session.scalar(select(func.count()).select_from(table)) or 0
                for table in TABLES
            }

    def titles(self) -> list[str]:
        with look(self.runtime) as work:
            return sorted(work.session.scalars(select(Revision.title)))


@pytest.fixture
def importing(embedded: Runtime, tmp_path: Path) -> Importing:
    return Importing(embedded, tmp_path)


@pytest.fixture
def each_importing(runtime: Runtime, tmp_path: Path) -> Importing:
    """Once on each set of back ends."""
    return Importing(runtime, tmp_path)


def row(n: int, **values: Any) -> dict[str, Any]:
    return {
        "id": f"r{n}",
        "kind": "offer",
        "title": f"Máy số {n}",
        "text": f"Mô tả số {n}.",
        "lang": "vi",
        **values,
    }
