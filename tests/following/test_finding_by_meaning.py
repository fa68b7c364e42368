"""With a sentence model listings are found by what they mean, on every back end, however the model came to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.runtime import Runtime
from marketplace.services import alike, feed, matches, matchmaking, statistics
from marketplace.work import begin, look
from search.vectors import Placed, Vectors
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.market import content, publish, settle
from tests.support.tiny_model import tiny
from vocabulary.listing import Content, Kind

DEVICE = "portable device for farmers in the delta"


@pytest.fixture
def runtime(runtime: Runtime, tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An exchange with the tiny model, that looks at one listing by its words and one by its meaning."""
    (tmp_path / "model").mkdir()
    with opened(replace(runtime.settings, model_folder=str(tiny(tmp_path / "model"))), clock) as modelled:
        yield modelled


@pytest.fixture(autouse=True)
def one_by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matchmaking, "CANDIDATES", 1)
    monkeypatch.setattr(matchmaking, "NEAREST", 1)
    monkeypatch.setattr(alike, "LOOKED_AT", 1)


def listing(kind: Kind, words: str, language: str = "en") -> Content:
    return content(kind, words, language=language)


WANTED = listing("demand", f"{DEVICE} salinity")
BY_WORDS = listing("offer", f"{DEVICE} paddy")
BY_MEANING = listing("offer", "portable device brine")
ANOTHER = listing("demand", "portable device brine paddy paddy")
"""Nearer to the last one by its words than the wanted one is, and farther by its meaning."""


def without_model(runtime: Runtime, clock: HandMovedClock) -> Runtime:
    return Runtime(replace(runtime.settings, model_folder=""), clock)


def offers(runtime: Runtime, demand: str) -> list[str]:
    """The stored matches of a demand, best first."""
    with look(runtime) as work:
        return [one.offer_uid for one in matches.of_listing(work, demand, limit=10)]


def foreseen(runtime: Runtime) -> set[str]:
    with look(runtime) as work:
        return {score.offer for score in matchmaking.preview(work, WANTED, uid="draft", owner="B")}


def position(runtime: Runtime) -> tuple[int, int]:
    """How far the vectors go, and how far the feed."""
    with look(runtime) as work:
        return runtime.engine.vectors.filled().position, feed.state(work).head


def test_what_means_the_same_is_found_beside_what_says_the_same(
    runtime: Runtime, clock: HandMovedClock
) -> None:
    worded, meant = publish(runtime, BY_WORDS, BY_MEANING, owner="A")
    demand, _ = publish(runtime, WANTED, ANOTHER, owner="B")
    settle(runtime)
    assert sorted(offers(runtime, demand)) == sorted([worded, meant])
    assert foreseen(runtime) == {worded, meant}
    without = without_model(runtime, clock)
    assert foreseen(without) == {worded}
    without.close()


@pytest.mark.parametrize("first", ["offers", "demand"])
def test_two_that_are_published_at_once_find_each_other(runtime: Runtime, first: str) -> None:
    def demanded() -> str:
        return publish(runtime, WANTED, ANOTHER, owner="B")[0]

    demand = demanded() if first == "demand" else ""
    worded, meant = publish(runtime, BY_WORDS, BY_MEANING, owner="A")
    demand = demand or demanded()
    settle(runtime)
    assert sorted(offers(runtime, demand)) == sorted([worded, meant])


def test_a_model_named_later_finds_what_was_there_before(runtime: Runtime, clock: HandMovedClock) -> None:
    without = without_model(runtime, clock)
    worded, meant = publish(without, BY_WORDS, BY_MEANING, owner="A")
    demand, _ = publish(without, WANTED, ANOTHER, owner="B")
    settle(without)
    without.close()
    assert offers(runtime, demand) == [worded]
    settle(runtime)
    assert foreseen(runtime) == {worded, meant}
    assert position(runtime) == (4, 4)
    with begin(runtime) as work:
        statistics.rematch(work, anew=True)
    settle(runtime)
    assert sorted(offers(runtime, demand)) == sorted([worded, meant])


def test_vectors_that_are_lost_are_put_back_without_asking_the_model(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    worded, meant = publish(runtime, BY_WORDS, BY_MEANING, owner="A")
    settle(runtime)
    runtime.engine.vectors.drop()
    assert foreseen(runtime) == {worded}
    monkeypatch.setattr(type(runtime.sentence_model), "encode", lambda *_: pytest.fail("it was asked again"))
    settle(runtime)
    assert position(runtime) == (2, 2)
    monkeypatch.undo()
    assert foreseen(runtime) == {worded, meant}


def test_after_a_restored_database_they_are_of_its_epoch(runtime: Runtime) -> None:
    publish(runtime, BY_WORDS, BY_MEANING, owner="A")
    settle(runtime)
    with begin(runtime) as work:
        epoch = feed.begin_new_epoch(work)
    settle(runtime)
    assert runtime.engine.vectors.filled().epoch == epoch
    assert position(runtime) == (2, 2)


def test_what_is_withdrawn_is_not_found_any_more(runtime: Runtime) -> None:
    worded, meant = publish(runtime, BY_WORDS, BY_MEANING, owner="A")
    settle(runtime)
    model = runtime.sentence_model
    assert model is not None
    (direction,) = model.encode(["paddy brine brine"])

    def near() -> list[str]:
        return runtime.engine.vectors.nearest(model.version, direction.tobytes(), "offer", 10)

    assert near() == [meant, worded]
    with begin(runtime) as work:
        feed.retire(work, uid=meant, reason="withdrawn")
    settle(runtime)
    assert near() == [worded]


def test_what_is_never_matched_is_put_nowhere(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[str] = []
    vectors = type(runtime.engine.vectors)
    apply = vectors.apply

    def noted(self: Vectors, placed: Sequence[Placed], position: int = 0) -> None:
        put.extend(one.uid for one in placed)
        apply(self, placed, position)

    monkeypatch.setattr(vectors, "apply", noted)
    (offer,) = publish(runtime, BY_MEANING, owner="A")
    publish(runtime, listing("initiative", "portable device brine"), owner="A", start=1)
    settle(runtime)
    assert set(put) == {offer}


def test_what_it_does_not_read_is_found_by_words_alone(runtime: Runtime) -> None:
    worded, _ = publish(runtime, BY_WORDS, listing("offer", "portable device brine", "vi"), owner="A")
    settle(runtime)
    assert foreseen(runtime) == {worded}


def test_similar_listings_are_those_that_mean_the_same(runtime: Runtime) -> None:
    read, worded, meant = publish(
        runtime, listing("offer", f"{DEVICE} salinity"), BY_WORDS, BY_MEANING, owner="A"
    )
    settle(runtime)
    with look(runtime) as work:
        assert [one.listing.uid for one in alike.like(work, read, limit=1)] == [meant]
        assert {one.listing.uid for one in alike.like(work, read, limit=2)} == {worded, meant}
