"""Two versions of the weights are taken at the same moment: one is live. On SQLite one ends before the other begins."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict
from marketplace.models.learning import WeightVersion
from marketplace.runtime import Runtime
from marketplace.services import weights
from marketplace.services.policy import SYSTEM
from marketplace.work import Work, begin, look
from matching.calibration import Calibration
from matching.learned import Figures, Learned
from matching.model import MODEL_VERSION, RULES
from tests.support.overlap import overlapping

pytestmark = pytest.mark.services

LEARNED = Learned(
    "better", Figures(300, 50, 6, 0.7, 0.8, 0.01, 0.04), tuple(50 for _ in RULES), Calibration(10.0, 0.5)
)


def learn(work: Work) -> str | None:
    return weights.store(work, SYSTEM, LEARNED)


@pytest.fixture
def candidates(postgresql: Runtime) -> list[str]:
    """Two that were both measured beside the first one."""
    with begin(postgresql) as work:
        return [name for _ in range(2) if (name := learn(work))]


def in_state(runtime: Runtime, state: str) -> list[str]:
    with look(runtime) as work:
        return list(work.session.scalars(select(WeightVersion.version).where(WeightVersion.state == state)))


def test_of_two_that_are_adopted_at_once_one_is_live(postgresql: Runtime, candidates: list[str]) -> None:
    with pytest.raises(Conflict) as refused:
        overlapping(
            postgresql,
            lambda work: weights.adopt(work, SYSTEM, candidates[0]),
            lambda work: weights.adopt(work, SYSTEM, candidates[1]),
        )
    assert refused.value.code == "weights_outdated"
    assert in_state(postgresql, "live") == candidates[:1]


def test_of_two_that_are_let_run_beside_at_once_one_does(postgresql: Runtime, candidates: list[str]) -> None:
    overlapping(
        postgresql,
        lambda work: weights.beside(work, SYSTEM, candidates[0]),
        lambda work: weights.beside(work, SYSTEM, candidates[1]),
    )
    assert in_state(postgresql, "shadow") == candidates[1:]


def test_who_goes_back_while_another_does_goes_one_further(
    postgresql: Runtime, candidates: list[str]
) -> None:
    with begin(postgresql) as work:
        weights.adopt(work, SYSTEM, candidates[0])
        second = learn(work)
        assert second is not None
        weights.adopt(work, SYSTEM, second)

    def back(work: Work) -> str:
        return weights.go_back(work, SYSTEM)

    assert overlapping(postgresql, back, back) == (candidates[0], MODEL_VERSION)


def test_two_that_are_learned_at_once_have_two_numbers(postgresql: Runtime) -> None:
    assert overlapping(postgresql, learn, learn) == (f"{MODEL_VERSION}+1", f"{MODEL_VERSION}+2")
