"""Passwords at a cost that tests can pay: thirty milliseconds each are meant to stop a guesser, and stopped the tests, which
sign in hundreds of times. Processes of their own, such as a started `giao`, pay the full cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from marketplace import passwords

FULL = passwords.HASHER, passwords.NOBODYS
LEAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def use() -> None:
    passwords.HASHER, passwords.NOBODYS = LEAST, LEAST.hash("nobody's")


@contextmanager
def not_now() -> Iterator[None]:
    """As in service, for as long as the block lasts."""
    passwords.HASHER, passwords.NOBODYS = FULL
    try:
        yield
    finally:
        use()
