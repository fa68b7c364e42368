"""Mappings and sequences whose length is known, and whose content is read when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from typing import Generic, TypeVar, overload

Key = TypeVar("Key")
Value = TypeVar("Value")
Item = TypeVar("Item", covariant=True)


class LateMapping(Mapping[Key, Value], Generic[Key, Value]):
    __slots__ = ("_content", "_length", "_read")

    def __init__(self, length: int, read: Callable[[], dict[Key, Value]]) -> None:
        self._length = length
        self._read = read
        self._content: dict[Key, Value] | None = None

    def _all(self) -> dict[Key, Value]:
        if self._content is None:
            self._content = self._read()
        return self._content

    def __getitem__(self, key: Key) -> Value:
        return self._all()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._all())

    def __len__(self) -> int:
        return self._length

    def keys(self) -> KeysView[Key]:
        """Those of the dictionary itself, which meet others quicker."""
        return self._all().keys()


class LateSequence(Sequence[Item], Generic[Item]):
    __slots__ = ("_content", "_length", "_read")

    def __init__(self, length: int, read: Callable[[], Sequence[Item]]) -> None:
        self._length = length
        self._read = read
        self._content: Sequence[Item] | None = None

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        if self._content is None:
            self._content = self._read()
        return self._content[place]

    def __len__(self) -> int:
        return self._length
