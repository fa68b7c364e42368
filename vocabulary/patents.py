"""Patent classes: sections, classes and subclasses of the International Patent Classification, edition 2023.01 (WIPO)."""

from __future__ import annotations

import re

from vocabulary.codelist import CodeList, path_distance
from vocabulary.problems import Unreadable

IPC = CodeList("patents")

_SYMBOL = re.compile(
    r"([A-H])\s*(?:(\d{2})\s*(?:([A-Z])\s*(?:(\d{1,4})(?:\s*/\s*(\d{2,6}))?)?)?)?(?:\s*\(\d{4}\.\d{2}\))?\Z"
)
"""Patents print the edition behind the symbol, as in «A01K 61/59 (2017.01)»; it is not kept."""


def normalise(text: str) -> str:
    """`a01k61/59` becomes `A01K 61/59`. Raises `Unreadable` when it is no symbol, or its subclass is not known."""
    match = _SYMBOL.match(text.strip().upper())
    if match is None:
        raise Unreadable("ipc.unreadable", value=text)
    section, number, letter, group, subgroup = match.groups()
    known = section + (number or "") + (letter or "")
    if known not in IPC:
        raise Unreadable("code.unknown", value=text, list=IPC.name)
    if group is None:
        return known
    return f"{known} {int(group)}/{subgroup or '00'}"


def place(symbol: str) -> tuple[str, ...]:
    """The symbol's path: section, class, subclass, group, subgroup, as far as it goes."""
    head, _, tail = symbol.partition(" ")
    group, _, subgroup = tail.partition("/")
    path = [head[:length] for length in (1, 3, 4) if len(head) >= length]
    if group:
        path.append(f"{head} {group}")
    if subgroup and subgroup != "00":
        path.append(symbol)
    return tuple(path)


def distance(first: str, second: str) -> float:
    """0 for the same symbol, 1 for another section, between by how far the two paths agree."""
    return path_distance(place(first), place(second))
