"""Vectors in memory, and which of them lie nearest to a direction: every one is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1_024
"""Vectors that are multiplied in one go. On their way through single precision so many stay in the processor's cache:
20,000 of 384 numbers take 1.7 ms, against 24 ms by 8,192, and 8 ms where they lie ready in single precision."""


@dataclass
class Held:
    """All vectors of one file as of its `turn`; `made` names the file."""

    made: str = ""
    turn: int = 0
    _kinds: dict[str, _Kind] = field(default_factory=dict)

    def take(self, rows: Iterable[tuple[str, str, bytes]], turn: int) -> None:
        """(uid, kind, direction) of what has changed; an empty direction takes it away."""
        for uid, kind, direction in rows:
            for of, held in self._kinds.items():
                if of != kind or not direction:
                    held.remove(uid)
            if direction:
                self._kinds.setdefault(kind, _Kind()).put(uid, np.frombuffer(direction, np.int8))
        self.turn = turn

    def nearest(self, direction: bytes, kind: str, count: int) -> list[str]:
        held = self._kinds.get(kind)
        return held.nearest(np.frombuffer(direction, np.int8), count) if held else []


class _Kind:
    """The vectors of one kind of listing: a row each, in an array that doubles when it is full."""

    def __init__(self) -> None:
        self._uids: list[str] = []
        self._places: dict[str, int] = {}
        self._rows: NDArray[np.int8] = np.zeros((0, 0), np.int8)
        self._lengths: NDArray[np.float32] = np.zeros(0, np.float32)

    def put(self, uid: str, vector: NDArray[np.int8]) -> None:
        place = self._places.setdefault(uid, len(self._uids))
        if place == len(self._uids):
            self._uids.append(uid)
        if place == len(self._rows):
            self._grow(len(vector))
        self._rows[place] = vector
        self._lengths[place] = np.linalg.norm(vector.astype(np.float32))

    def remove(self, uid: str) -> None:
        """Its row stays and points nowhere, until the listing comes back."""
        if uid in self._places:
            self._rows[self._places[uid]] = 0

    def nearest(self, direction: NDArray[np.int8], count: int) -> list[str]:
        number = len(self._uids)
        asked = direction.astype(np.float32)
        products = np.empty(number, np.float32)
        for at in range(0, number, AT_ONCE):
            until = min(at + AT_ONCE, number)
            # Whole numbers below 2^24, so exact in single precision whatever the order of adding.
            products[at:until] = self._rows[at:until].astype(np.float32) @ asked
        lengths = self._lengths[:number]
        angles = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
        among = np.flatnonzero(angles > 0)
        if len(among) > count:
            least = np.partition(angles[among], -count)[-count]
            among = among[angles[among] >= least]
        best = sorted((-float(angles[place]), self._uids[place]) for place in among.tolist())
        return [uid for _, uid in best[:count]]

    def _grow(self, dimension: int) -> None:
        more = max(64, len(self._rows))
        shape = (len(self._rows), dimension)
        rows = self._rows if len(self._rows) else np.zeros(shape, np.int8)
        self._rows = np.concatenate([rows, np.zeros((more, dimension), np.int8)])
        self._lengths = np.concatenate([self._lengths, np.zeros(more, np.float32)])
