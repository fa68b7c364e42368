"""How often Python looks for objects that hold one another in a circle: nearly nothing here does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 20_000
"""Between two visits of the collector, which by default come with every 700. A page makes some thousands, a demand with its
candidates some tens of thousands, and all but a few go by themselves when it is done."""


@contextmanager
def seldom() -> Iterator[None]:
    """Meanwhile the collector comes less often, and passes what is loaded by now, which lives as long as the process."""
    before, passed = gc.get_threshold(), gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not passed:  # Else somebody around us wants it passed for longer.
            gc.unfreeze()
