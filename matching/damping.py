"""How much a word counts that is said more than once."""

from __future__ import annotations

import math


class _Damped(dict[int, int]):
    """Count -> hundredths of 1 + ln(count): a word said ten times counts for little more than three said once."""

    def __missing__(self, count: int) -> int:
        self[count] = round(100 * (1 + math.log(count)))
        return self[count]


DAMPED = _Damped()
