"""Writing a file and reading its rows back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from marketplace.files.file_row import FileRow
from marketplace.files.reading import opened

Reading = Callable[[str, bytes | str], list[FileRow]]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """All rows of a file of this name with this content."""

    def reading(name: str, content: bytes | str) -> list[FileRow]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with opened(path) as file:
            return list(file.rows)

    return reading
