"""What is imported only when it is asked for: libraries that most processes, or most commands, never need."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def loaded(place: str) -> Any:
    """What «module:name» names, its module imported now and not before."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
