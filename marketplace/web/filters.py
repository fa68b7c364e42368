"""Template filters: the formats and labels of the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

FILTERS: Mapping[str, Callable[..., Any]] = {}
GLOBALS: Mapping[str, Callable[..., Any]] = {}
