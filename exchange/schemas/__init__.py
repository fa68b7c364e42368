"""JSON Schemas of what records say, one file a kind and version. A file that was published is never changed: what another
exchange was built against stays what it was. More fields are a new minor version, and another file."""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(r"[a-z_]{1,30}-[0-9]{1,4}\.[0-9]{1,4}")


def text(kind: str, version: str) -> bytes | None:
    """The schema of `kind` in `version` (as `1.0`), as it was published; None when there is none."""
    name = f"{kind}-{version}"
    if _NAME.fullmatch(name) is None:
        return None
    file = resources.files(__name__) / f"{name}.json"
    return file.read_bytes() if file.is_file() else None
