"""Ids: ULIDs of our own making."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from time import time

from marketplace.db import new_id

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_an_id_is_a_ulid_of_the_moment_it_is_made() -> None:
    before = int(time() * 1_000)
    made = new_id()
    assert re.fullmatch(f"[0-7][{DIGITS}]{{25}}", made)
    number = 0
    for digit in made:
        number = number * 32 + DIGITS.index(digit)
    assert before <= number >> 80 <= int(time() * 1_000) + 1


def test_ids_of_one_process_stand_in_the_order_they_are_made_in() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same_id() -> None:
    def many(count: int) -> list[str]:
        return [new_id() for _ in range(count)]

    with ThreadPoolExecutor(4) as threads:
        made = [one for found in threads.map(many, [2_000] * 4) for one in found]
    assert len(set(made)) == len(made)
