"""A reader waits for an engine that is away, and the log stays readable."""

from __future__ import annotations

import pytest

from marketplace.readers import patient
from search.engine import IndexLocked, SearchError


class Follower:
    """Answers its turns with these, one after the other; an exception is raised."""

    def __init__(self, *turns: bool | Exception) -> None:
        self._turns = list(turns)

    def turn(self) -> bool:
        turn = self._turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn


def test_the_same_reason_is_said_once_until_the_engine_was_back(caplog: pytest.LogCaptureFixture) -> None:
    locked, away = IndexLocked("process 7 is writing the index"), SearchError("nobody answers")
    step = patient(Follower(locked, locked, away, True, away, False))
    assert [step() for _ in range(6)] == [False, False, False, True, False, False]
    assert [record.getMessage() for record in caplog.records] == [
        "waiting for the search engine: process 7 is writing the index",
        "waiting for the search engine: nobody answers",
        "waiting for the search engine: nobody answers",
    ]


def test_any_other_failure_is_not_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        patient(Follower(ZeroDivisionError()))()
