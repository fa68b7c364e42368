"""The indices of one folder: which one answers, and which one was before it.

`<INDEX_VERSION>-<epoch>-<number>/` is an index; the small file `serving-<INDEX_VERSION>` names the one that answers,
`former` the one before it. Both are replaced in one step, so a reader sees the one or the other, whoever is killed.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from search.engine import SearchError
from search.fields import INDEX_VERSION

FORMER = "former"
CONTENT = "meta.json"
"""The file by which Tantivy knows an index."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of one exchange's indices."""

    directory: Path

    @property
    def _serving(self) -> str:
        """Of another `INDEX_VERSION` it is another file, so that older code reads on beside us."""
        return f"serving-{INDEX_VERSION}"

    def serving(self) -> Path | None:
        return self._named(self._serving)

    def former(self) -> Path | None:
        return self._named(FORMER)

    def _named(self, marker: str) -> Path | None:
        try:
            name = (self.directory / marker).read_text(encoding="utf-8").strip()
            there = name and (self.directory / name / CONTENT).exists()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SearchError(f"the indices in {self.directory} cannot be read: {error.strerror}") from error
        return self.directory / name if there else None

    def hindrance(self) -> str:
        """Why no index can be made here, in a sentence; empty when one can."""
        folder = next(each for each in (self.directory, *self.directory.absolute().parents) if each.exists())
        if os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            return ""
        return f"no index can be written in {self.directory}: {os.strerror(errno.EACCES)}; give the right to {folder}"

    def make(self, epoch: str) -> Path:
        """The folder of a new index, not yet answering."""
        numbers = [int(tail) for path in self._all() if (tail := path.name.rpartition("-")[2]).isdigit()]
        path = self.directory / f"{INDEX_VERSION}-{quote(epoch, safe='')}-{max(numbers, default=0) + 1}"
        path.mkdir(parents=True)
        return path

    def serve(self, path: Path) -> None:
        """Let this one answer. What answered before is kept, all others go."""
        before = self.serving() or self._newest_but(path)
        self._point(path, before)
        for other in self._all():
            if other not in (path, before):
                shutil.rmtree(other)

    def back(self) -> Path:
        """Change places with the former index; its folder."""
        serving, former = self.serving(), self.former()
        if former is None:
            raise SearchError("no former index is kept: one is after the next reindex")
        if not former.name.startswith(f"{INDEX_VERSION}-"):
            raise SearchError(f"the former index, {former.name}, can only be read by the Giao that made it")
        self._point(former, serving)
        return former

    def _point(self, answering: Path, before: Path | None) -> None:
        self._write(FORMER, before.name if before else "")
        self._write(self._serving, answering.name)

    def _write(self, marker: str, name: str) -> None:
        written = self.directory / f"{marker}.new"
        with written.open("w", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.directory / marker)

    def _newest_but(self, path: Path) -> Path | None:
        """Where code of a new `INDEX_VERSION` comes, what the older reads is kept for it."""
        others = [each for each in self._all() if each != path and (each / CONTENT).exists()]
        return max(others, key=lambda each: (each / CONTENT).stat().st_mtime_ns, default=None)

    def _all(self) -> Iterator[Path]:
        return (path for path in self.directory.glob("[0-9]*-*/") if re.match(r"\d+-", path.name))

    def remove(self, path: Path) -> None:
        """Remove one that does not answer."""
        shutil.rmtree(path, ignore_errors=True)

    def drop(self) -> None:
        for path in list(self._all()):
            shutil.rmtree(path)
        for marker in (self._serving, FORMER):
            (self.directory / marker).unlink(missing_ok=True)
