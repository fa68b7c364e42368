"""Where listings lie by a sentence model, and which lie nearest: the protocol both engines keep beside their index.

The vectors are not part of the index. A model is a hundred times slower than analysis, and is changed, named and taken
away without a word of any listing changing: docs/decisions/0020. The tests in `tests/contract/` are the definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one listing lies. `version` is the feed sequence of its record, `direction` a byte for each dimension, from
    -127 to 127; an empty one takes the listing away."""

    uid: str
    version: int
    kind: str = ""
    direction: bytes = b""


@dataclass(frozen=True, slots=True)
class Filled:
    """From which epoch of the feed the vectors come, by which model, and up to which sequence all of them are there."""

    epoch: str = ""
    model: str = ""
    position: int = 0


class Vectors(Protocol):
    """Vectors of one model at a time. All methods raise `SearchError` when whoever holds them is away."""

    def filled(self) -> Filled:
        """How far they go; an empty one where there are none, or none that can be read."""

    def start(self, epoch: str, model: str, dimension: int) -> None:
        """Begin empty, for this model; whatever was there goes."""

    def apply(self, placed: Sequence[Placed], position: int = 0) -> None:
        """Put these in place of older versions, to be found on return; an older version never wins, and of the same one
        a removal does. `position` says that all up to there is in. Repeating it changes nothing."""

    def nearest(self, model: str, direction: bytes, kind: str, count: int) -> list[str]:
        """At most so many listings of a kind that lie within a right angle of the direction, the nearest first; none
        where the vectors are of another model. Those that lie equally near come by uid as far as the holder can tell."""

    def drop(self) -> None:
        """Remove them all, for an exchange that is given up."""
