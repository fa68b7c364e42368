"""Numbers of a term are asked once and remembered for a moment; what was not there is asked again soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.elastic_terms import ABSENT, PRESENT, Remembered


class Server:
    """Holds some terms, and notes what it was asked."""

    def __init__(self, **held: int) -> None:
        self.held = held
        self.asked: list[list[str]] = []
        self.now = 0.0

    def __call__(self, words: Sequence[str], pairs: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        self.asked.append([*words, *pairs])
        return 10, {term: self.held[term] for term in (*words, *pairs) if term in self.held}

    def clock(self) -> float:
        return self.now


def test_the_same_words_are_asked_once_and_only_new_ones_after_that() -> None:
    server = Server(may=7, say=3, may_say=2)
    terms = Remembered(server, server.clock)
    for _ in range(2):
        assert terms(["may", "say"], ["may_say"]) == (10, {"may": 7, "say": 3, "may_say": 2})
    assert terms(["may", "gat"], ["may_gat"]) == (10, {"may": 7})
    assert server.asked == [["may", "say", "may_say"], ["gat", "may_gat"]]


def test_numbers_grow_old_and_unknown_words_sooner() -> None:
    server = Server(may=7)
    terms = Remembered(server, server.clock)
    terms(["may", "moi"], [])
    server.held["moi"] = 1
    server.now = ABSENT + 0.1
    assert terms(["may", "moi"], []) == (10, {"may": 7, "moi": 1})
    server.held["may"] = 8
    server.now = PRESENT + 0.1
    assert terms(["may"], []) == (10, {"may": 8})
    assert server.asked == [["may", "moi"], ["moi"], ["may"]]


def test_after_a_change_everything_is_asked_again() -> None:
    server = Server(may=7)
    terms = Remembered(server, server.clock)
    terms(["may"], [])
    server.held["may"] = 8
    terms.forget()
    assert terms(["may"], []) == (10, {"may": 8})
