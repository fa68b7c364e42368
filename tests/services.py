"""Where the real servers are: in `TEST_<NAME>`, else in `.services/env`; never in the user's own settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent / ".services" / "env"


def service_url(name: str) -> str:
    """The URL of a server (`DATABASE_URL`, `SEARCH_URL`, `QUEUE_URL`); skips the test where there is none.

    With `REQUIRE_SERVICES=1` a missing server is a failure instead.
    """
    url = os.environ.get(f"TEST_{name}") or from_file().get(name)
    if url:
        return url
    reason = f"needs {name}: run `make services`, or set TEST_{name}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def from_file() -> dict[str, str]:
    if not FILE.exists():
        return {}
    pairs = (line.partition("=") for line in FILE.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
