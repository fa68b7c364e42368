"""What each engine must do with the vectors it keeps beside its index."""

from __future__ import annotations

import random

import pytest

from search.engine import Engine, SearchError
from search.vectors import Filled, Placed, Vectors

MODEL = "0123456789ab"
EAST, NORTH_EAST, NORTH, WEST = (120, 0), (90, 90), (0, 120), (-120, 0)


def direction(*numbers: int) -> bytes:
    return bytes(number % 256 for number in numbers)


def placed(uid: str, version: int, *numbers: int, kind: str = "offer") -> Placed:
    return Placed(uid, version, kind, direction(*numbers))


def gone(uid: str, version: int) -> Placed:
    return Placed(uid, version)


@pytest.fixture
def vectors(engine: Engine) -> Vectors:
    engine.vectors.start("first", MODEL, 2)
    return engine.vectors


def near(
    vectors: Vectors, *numbers: int, kind: str = "offer", count: int = 10, model: str = MODEL
) -> list[str]:
    return vectors.nearest(model, direction(*numbers), kind, count)


def test_before_the_first_start_there_is_nothing_and_nothing_can_be_put(engine: Engine) -> None:
    assert engine.vectors.filled() == Filled()
    assert near(engine.vectors, *EAST) == []
    with pytest.raises(SearchError, match="have not been started"):
        engine.vectors.apply([placed("a", 1, *EAST)])
    assert engine.vectors.filled() == Filled()


def test_the_nearest_come_first_and_none_beyond_a_right_angle(vectors: Vectors) -> None:
    vectors.apply(
        [placed("n", 1, *NORTH), placed("w", 2, *WEST), placed("e", 3, *EAST), placed("ne", 4, *NORTH_EAST)]
    )
    assert near(vectors, *EAST) == ["e", "ne"]
    assert near(vectors, 100, 20, count=2) == ["e", "ne"]
    assert near(vectors, 20, 100, count=2) == ["n", "ne"]
    assert near(vectors, *EAST, count=1) == ["e"]


def test_each_kind_is_asked_for_alone(vectors: Vectors) -> None:
    vectors.apply([placed("offer", 1, *EAST), placed("demand", 2, *EAST, kind="demand")])
    assert near(vectors, *EAST) == ["offer"]
    assert near(vectors, *EAST, kind="demand") == ["demand"]
    assert near(vectors, *EAST, kind="initiative") == []


def test_a_listing_that_changes_its_kind_is_in_one_place(vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST)])
    assert near(vectors, *EAST) == ["a"]
    vectors.apply([placed("a", 2, *EAST, kind="demand")])
    assert near(vectors, *EAST) == []
    assert near(vectors, *EAST, kind="demand") == ["a"]


def test_a_newer_version_wins_whichever_comes_first(vectors: Vectors) -> None:
    vectors.apply([placed("a", 5, *EAST)])
    vectors.apply([placed("a", 4, *NORTH)])
    assert (near(vectors, *EAST), near(vectors, *NORTH)) == (["a"], [])
    vectors.apply([placed("a", 6, *NORTH)])
    assert (near(vectors, *EAST), near(vectors, *NORTH)) == ([], ["a"])


def test_what_was_removed_comes_back_with_a_newer_version_only(vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST), placed("b", 2, *NORTH_EAST)])
    assert near(vectors, *EAST) == ["a", "b"]
    vectors.apply([gone("a", 3)])
    vectors.apply([placed("a", 2, *EAST), placed("a", 3, *EAST)])
    assert near(vectors, *EAST) == ["b"]
    vectors.apply([placed("a", 4, *EAST)])
    assert near(vectors, *EAST) == ["a", "b"]


def test_of_the_same_version_a_removal_wins(vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST)])
    vectors.apply([gone("a", 1)])
    assert near(vectors, *EAST) == []
    vectors.apply([placed("a", 1, *EAST)])
    assert near(vectors, *EAST) == []


def test_the_position_only_goes_forward(vectors: Vectors) -> None:
    assert vectors.filled() == Filled("first", MODEL, 0)
    vectors.apply([placed("a", 7, *EAST)], 7)
    vectors.apply([placed("b", 3, *EAST)], 3)
    vectors.apply([placed("c", 9, *EAST)])
    vectors.apply([], 8)
    assert vectors.filled() == Filled("first", MODEL, 8)


def test_of_another_model_nothing_is_near(vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST)])
    assert near(vectors, *EAST, model="ba9876543210") == []


def test_another_model_or_epoch_begins_empty(vectors: Vectors) -> None:
    vectors.apply([placed("a", 9, *EAST)], 9)
    vectors.start("second", MODEL, 2)
    assert (vectors.filled(), near(vectors, *EAST)) == (Filled("second", MODEL, 0), [])
    vectors.start("second", "ba9876543210", 3)
    vectors.apply([placed("a", 1, 1, 2, 3)])
    assert near(vectors, 1, 2, 3, model="ba9876543210") == ["a"]


def test_they_are_dropped_with_the_index(engine: Engine, vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST)], 1)
    engine.drop()
    assert (vectors.filled(), near(vectors, *EAST)) == (Filled(), [])
    engine.start("first")


def test_a_new_index_leaves_them_as_they_are(engine: Engine, vectors: Vectors) -> None:
    vectors.apply([placed("a", 1, *EAST)], 1)
    engine.start("first")
    engine.beside("first").serve(1)
    assert (vectors.filled().position, near(vectors, *EAST)) == (1, ["a"])


def test_many_are_found_as_if_each_were_looked_at(vectors: Vectors) -> None:
    chance = random.Random(20)
    vectors.start("first", MODEL, 8)
    lying = {f"{n:03}": [chance.randint(-100, 100) for _ in range(8)] for n in range(190)}
    for start in range(0, 190, 50):
        some = list(lying.items())[start : start + 50]
        vectors.apply([placed(uid, start + n + 1, *numbers) for n, (uid, numbers) in enumerate(some)])
    asked = [chance.randint(-100, 100) for _ in range(8)]

    def angle(uid: str) -> float:
        other = lying[uid]
        length = sum(number * number for number in other) ** 0.5
        return sum(one * two for one, two in zip(asked, other, strict=True)) / length

    expected = sorted((uid for uid in lying if angle(uid) > 0), key=angle, reverse=True)
    assert near(vectors, *asked, count=20) == expected[:20]
