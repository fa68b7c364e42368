"""Meaning learned from listings: what it links, and what it must not depend on."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from matching import latent, text_signals
from matching.damping import DAMPED
from matching.engine import explain, rank, score
from matching.meaning import LENGTH, Meaning, closeness, closenesses
from matching.model import FIRST
from matching.pair import Pair, pair
from matching.points import WHOLE, certainty, shares
from matching.profile import Profile
from matching.rating import FULL, MET, UNKNOWN, Rating
from matching.statistics import DEFAULT, Statistics, collect, from_bytes, to_bytes
from tests.matching.listings import demand, offer

SYLLABLES = [first + rest for first in "bcdghklmnprstvx" for rest in ("a", "an", "e", "o", "oi", "u", "um")]
MATTERS = [SYLLABLES[place::3] for place in range(3)]
"""Three matters of 35 words each; no word belongs to two."""


def crowd(count: int = 240) -> list[Profile]:
    """Listings that say ten words of one matter each."""
    chance = random.Random(7)
    return [
        offer("", said(chance.sample(MATTERS[number % 3], 10)), uid=f"crowd-{number}")
        for number in range(count)
    ]


def said(words: list[str]) -> str:
    """Each word a sentence of its own, so that no pairs are made."""
    return ". ".join(words) + "."


ASKING, SAME, OTHER = said(MATTERS[0][:6]), said(MATTERS[0][6:12]), said(MATTERS[1][:6])


@pytest.fixture(scope="module")
def learned() -> Statistics:
    listed = crowd()
    return latent.with_meaning(collect(listed), listed)


def _meaning(statistics: Statistics) -> Meaning:
    assert statistics.meaning is not None
    return statistics.meaning


def _signal(asking: Profile, offering: Profile, statistics: Statistics) -> tuple[str, int, int]:
    found = next(one for one in score(asking, offering, statistics).signals if one.name == "meaning")
    return found.state, found.points, found.of


def test_words_of_one_matter_lie_near_without_being_the_same(learned: Statistics) -> None:
    asking, same, other = demand("", ASKING), offer("", SAME), offer("", OTHER)
    assert _signal(asking, same, learned)[0] in ("met", "partly")
    assert _signal(asking, other, learned)[0] == "unmet"
    assert score(asking, same, learned).total > score(asking, other, learned).total


def test_too_few_listings_leave_it_unknown() -> None:
    few = crowd(latent.FEWEST - 1)
    known = latent.with_meaning(collect(few), few)
    assert known.meaning is None
    assert _signal(demand("", ASKING), offer("", SAME), known) == ("unknown", 0, 0)


def test_unknown_between_languages_and_for_words_never_seen(learned: Statistics) -> None:
    assert _signal(demand("", ASKING), offer("", ASKING, language="fr"), learned)[0] == "unknown"
    assert _signal(demand("", ASKING), offer("laser quang"), learned)[0] == "unknown"


def test_the_order_of_listings_changes_nothing(learned: Statistics) -> None:
    shuffled = random.Random(3).sample(crowd(), 240)
    again = latent.with_meaning(collect(shuffled), shuffled)
    assert again.version == learned.version


def test_bytes_there_and_back_keep_every_score(learned: Statistics) -> None:
    back = from_bytes(to_bytes(learned))
    assert back.version == learned.version != collect(crowd()).version
    asking, offers = demand("", ASKING), crowd(30)
    assert rank(asking, offers, back) == rank(asking, offers, learned)


def test_a_snapshot_of_an_older_make_is_read_as_it_was() -> None:
    older = replace(collect(crowd(20)), length=0)
    assert from_bytes(to_bytes(older)).version == from_bytes(to_bytes(from_bytes(to_bytes(older)))).version
    assert from_bytes(to_bytes(DEFAULT)) == DEFAULT


def test_directions_have_one_length_and_many_at_once_are_the_same(learned: Statistics) -> None:
    vectors = [vector for one in crowd(50) if (vector := _meaning(learned).vector(one.words)) is not None]
    for vector in vectors:
        length = np.sqrt((vector.astype(np.int64) ** 2).sum())
        assert LENGTH * 0.95 < length <= LENGTH
    together = closenesses(vectors[0], np.stack(vectors))
    assert together == [closeness(vectors[0], other) for other in vectors]
    assert together[0] > 0.9 * FULL


def test_what_is_sampled_is_bounded_and_depends_on_the_listing_alone() -> None:
    uids = [f"node:offer:{number}" for number in range(30_000)]
    sampled = [uid for uid in uids if latent.is_sampled(uid, len(uids))]
    assert 0.9 * latent.SAMPLE < len(sampled) < 1.1 * latent.SAMPLE
    assert all(latent.is_sampled(uid, 10) for uid in uids[:50])


def test_explained_it_names_the_words_that_it_links(learned: Statistics) -> None:
    found = explain(demand("", ASKING), offer("", SAME), learned)
    signal = next(one for one in found.signals if one.name == "meaning")
    assert signal.demand.code == signal.offer.code == "said.meaning_words"
    assert set(signal.demand.params["words"].split(", ")) <= set(MATTERS[0][:6])
    assert set(signal.offer.params["words"].split(", ")) <= set(MATTERS[0][6:12])


def test_damping_is_a_logarithm() -> None:
    assert (DAMPED[1], DAMPED[10]) == (100, 330)


def _seen(meaning: int | None, sense: int | None) -> Rating:
    compared = pair(demand("Máy lọc"), offer("Máy lọc"), DEFAULT)
    views = compared.overlap._replace(meaning=meaning, sense=sense)
    return text_signals.meaning(Pair(compared.demand, compared.offer, views))


def test_a_sentence_model_has_more_to_say_than_the_space_of_one_exchange() -> None:
    space, model, both = _seen(500_000, None), _seen(None, 800_000), _seen(500_000, 800_000)
    assert (space.known, model.known, both.known) == (FULL, 8 * FULL, 9 * FULL)
    assert both.rate == (space.rate + 8 * model.rate) // 9
    assert _seen(None, None) == UNKNOWN


def test_certainty_is_never_more_than_the_whole() -> None:
    """A signal that speaks louder than its weight makes nobody more certain than certain."""
    ratings = [Rating(FULL, 9 * FULL), *[MET] * 14]
    assert certainty(ratings, FIRST.values) == 1_000
    points = shares(ratings, FIRST.values)
    assert sum(points.of) == sum(points.earned) == WHOLE
