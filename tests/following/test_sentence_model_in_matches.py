"""A sentence model on a living exchange: in the scores that are stored, in their explanation, and not in their way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from marketplace.models.matches import Embedding, Match
from marketplace.runtime import Runtime
from marketplace.services import embeddings, feed, matches, matchmaking
from marketplace.tasks import forget_what_is_over
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, publish, settle
from tests.support.tiny_model import tiny
from vocabulary.listing import Content, Kind

COMMON = "portable device for farmers in the delta"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    return tiny(tmp_path / "model")


@pytest.fixture
def modelled(tmp_path: Path, clock: HandMovedClock, model: Path) -> Iterator[Runtime]:
    with opened(replace(embedded_settings(tmp_path), model_folder=str(model)), clock) as runtime:
        yield runtime


def listing(kind: Kind, word: str, language: str = "en") -> Content:
    return content(kind, COMMON, f"{COMMON} {word}", language=language)


def published(runtime: Runtime, language: str = "en") -> tuple[str, str, str]:
    """A demand, the offer that means the same, and another with as many of its words."""
    near, far = publish(
        runtime, listing("offer", "brine", language), listing("offer", "paddy", language), owner="A"
    )
    (demand,) = publish(runtime, listing("demand", "salinity", language), owner="B")
    settle(runtime)
    return demand, near, far


def stored(runtime: Runtime, demand: str, offer: str) -> tuple[int, str]:
    with look(runtime) as work:
        match = work.session.get_one(Match, (demand, offer))
        return match.total, match.statistics_version


def explained(runtime: Runtime, demand: str, offer: str) -> tuple[int, int | None]:
    """The total shown, and the one it was found with where that differs."""
    with look(runtime) as work:
        found = matches.explained(work, demand, offer)
    assert sum(signal.points for signal in found.score.signals) == found.score.total
    return found.score.total, found.stored


def test_who_means_the_same_comes_first_and_the_score_names_the_model(modelled: Runtime) -> None:
    demand, near, far = published(modelled)
    assert modelled.sentence_model is not None
    (first, version), (second, _) = stored(modelled, demand, near), stored(modelled, demand, far)
    assert first > second
    assert version.endswith(f"-{modelled.sentence_model.version}")
    assert explained(modelled, demand, near) == (first, None)


def test_a_score_stays_when_the_model_is_gone(modelled: Runtime, clock: HandMovedClock) -> None:
    demand, near, _ = published(modelled)
    total, _ = stored(modelled, demand, near)
    without = Runtime(replace(modelled.settings, model_folder=""), clock)
    try:
        assert explained(without, demand, near) == (total, None)
    finally:
        without.close()


def test_looking_ahead_rests_on_the_model_too(modelled: Runtime) -> None:
    demand, near, far = published(modelled)
    with look(modelled) as work:
        scores = matchmaking.preview(work, listing("demand", "salinity"), uid="draft", owner="B")
    assert [score.offer for score in scores] == [near, far]
    assert scores[0].total == stored(modelled, demand, near)[0]


def test_vietnamese_listings_are_left_alone_by_an_english_model(modelled: Runtime) -> None:
    demand, near, far = published(modelled, "vi")
    assert stored(modelled, demand, near)[0] == stored(modelled, demand, far)[0]


def test_nothing_made_of_a_text_outlives_it(modelled: Runtime) -> None:
    published_uids = published(modelled)
    assert made(modelled) == 3
    with begin(modelled) as work:
        feed.retire(work, uid=published_uids[1], reason="withdrawn")
    settle(modelled)
    assert made(modelled) == 2


def made(runtime: Runtime) -> int:
    with look(runtime) as work:
        return work.session.scalar(select(func.count()).select_from(Embedding)) or 0


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_matching_goes_on_without_a_model_that_is_damaged(
    modelled: Runtime, model: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (model / name).write_bytes((model / name).read_bytes()[:40])
    with caplog.at_level(logging.WARNING, "giao.matching"):
        demand, near, far = published(modelled)
    assert stored(modelled, demand, near)[0] == stored(modelled, demand, far)[0] > 0
    assert [name in record.getMessage() for record in caplog.records] == [True]


def test_who_comes_late_keeps_nothing_of_what_is_gone_or_has_changed(modelled: Runtime) -> None:
    demand, near, far = published(modelled)
    with begin(modelled) as work:
        rows = list(feed.rows(work, [demand, near, far]).values())
        work.session.execute(delete(Embedding))
        late = embeddings.made(work, rows)
        assert len(late) == 3
        feed.retire(work, uid=near, reason="withdrawn")
        feed.lift(work, far, 2)
    with begin(modelled) as work:
        embeddings.keep(work, late)
    assert kept(modelled) == {demand}


def test_what_came_too_late_all_the_same_is_swept_away(modelled: Runtime) -> None:
    demand, near, far = published(modelled)
    with begin(modelled) as work:
        feed.retire(work, uid=near, reason="withdrawn")
    forget_what_is_over(modelled)
    assert kept(modelled) == {demand, far}


def kept(runtime: Runtime) -> set[str]:
    with look(runtime) as work:
        return set(work.session.scalars(select(Embedding.uid)))
