"""What people are going to do on each exchange of a run: drawn from the seed alone, so that two runs of one seed end alike.

A run only decides when each act is done, what stands in its way and how often it has to be tried.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LETTERS = "bcdghklmnpqrstvx"
WEIGHTS = {"create": 5, "revise": 4, "withdraw": 2}


@dataclass(frozen=True, slots=True)
class Act:
    """`what` is create, revise or withdraw; `source` is what the people of `home` call the listing. `at` is in seconds
    from the beginning. `token` is a word that no other listing has."""

    at: float
    home: str
    what: str
    source: str
    token: str = ""
    title: str = ""
    loaded: bool = False
    """Whether a file had brought it."""


@dataclass
class _Known:
    source: str
    token: str
    loaded: bool
    revision: int = 1


def plan(
    chance: random.Random, homes: Mapping[str, Sequence[str]], *, count: int, seconds: float
) -> list[Act]:
    """So many acts, evenly over the time. `homes`: node -> the listings that it has from a file."""
    live = {
        home: [_Known(source, _token(chance), loaded=True) for source in sources]
        for home, sources in homes.items()
    }
    names = sorted(homes)
    return [
        _act(chance, live, chance.choice(names), number, seconds * number / count) for number in range(count)
    ]


def _act(chance: random.Random, live: dict[str, list[_Known]], home: str, number: int, at: float) -> Act:
    mine = live[home]
    what = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0] if mine else "create"
    if what == "create":
        mine.append(_Known(f"{home}-{number}", _token(chance), loaded=False))
        one = mine[-1]
    else:
        one = chance.choice(mine)
        one.revision += what == "revise"
    if what == "withdraw":
        mine.remove(one)
        return Act(at, home, what, one.source, one.token, loaded=one.loaded)
    title = f"Thiết bị {one.token} lần {one.revision}"
    return Act(at, home, what, one.source, one.token, title, one.loaded)


def _token(chance: random.Random) -> str:
    """A word that no other listing has and no typing error makes of another one's."""
    return "".join(chance.choices(LETTERS, k=12))
