"""A year of a broker's decisions, simulated: does learning from them make matches better, and never worse?

The broker decides from judgements that learning and scoring never see, errs in a tenth of the cases, and some of the
organisations are biased. What is measured are demands nobody decided about.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from matching import metrics
from matching.calibration import Calibration, expected_error
from matching.examples import Example
from matching.learning import learn
from matching.model import FIRST, MODEL_VERSION
from matching.rating import Rating
from matching.scoring import total
from matching.weights import Weights

MONTHS, SHOWN = 12, 10
ERRS = 0.1
ORGANISATIONS = tuple(f"organisation-{n}" for n in range(10))
BIASED = {"organisation-0": True, "organisation-1": False}
"""One that accepts whatever it sees, one that refuses it."""

Candidates = Mapping[str, Sequence[tuple[str, tuple[Rating, ...]]]]
"""Demand -> the offers found for it, each with how its signals were rated."""


@dataclass(frozen=True, slots=True)
class Month:
    """After a month: decisions so far, what came of learning, and quality on the demands held back. `error` is the
    expected calibration error of the live version there, None before one was learned."""

    decisions: int
    outcome: str
    ndcg: float
    error: float | None


def year(
    candidates: Candidates, judged: Mapping[str, set[str]], *, seed: int, start: Weights = FIRST
) -> list[Month]:
    """What each month brought, the state before the first one first."""
    chance = random.Random(seed)
    held = [demand for demand in sorted(candidates) if sha256(demand.encode()).digest()[1] % 2]
    asked = [demand for demand in sorted(candidates) if demand not in set(held)]
    chance.shuffle(asked)
    live, curve, examples = start, None, list[Example]()
    months = [Month(0, "", quality(candidates, judged, held, live), None)]
    for month in range(MONTHS):
        for demand in asked[month * len(asked) // MONTHS : (month + 1) * len(asked) // MONTHS]:
            examples += decided(candidates, judged, demand, live, chance)
        result = learn(examples, live)
        if result.weights is not None:
            live, curve = Weights(f"{MODEL_VERSION}+{month + 1}", result.weights), result.calibration
        error = None if curve is None else error_of(candidates, judged, held, (live, curve), seed)
        months.append(Month(len(examples), result.outcome, quality(candidates, judged, held, live), error))
    return months


def decided(
    candidates: Candidates, judged: Mapping[str, set[str]], demand: str, live: Weights, chance: random.Random
) -> list[Example]:
    """What one organisation says of the offers it is shown for this demand."""
    organisation = chance.choice(ORGANISATIONS)
    return [
        Example(
            demand, offer, organisation,
            BIASED.get(organisation, (offer in judged[demand]) != (chance.random() < ERRS)), ratings,
        )
        for offer, ratings in shown(candidates[demand], live)
    ]  # fmt: skip


def shown(
    found: Sequence[tuple[str, tuple[Rating, ...]]], live: Weights
) -> list[tuple[str, tuple[Rating, ...]]]:
    return sorted(found, key=lambda one: (-total(one[1], live), one[0]))[:SHOWN]


def quality(
    candidates: Candidates, judged: Mapping[str, set[str]], held: Sequence[str], live: Weights
) -> float:
    """Mean nDCG@10 over the demands held back."""
    return metrics.mean(
        [metrics.ndcg([offer for offer, _ in shown(candidates[one], live)], judged[one]) for one in held]
    )


def error_of(
    candidates: Candidates, judged: Mapping[str, set[str]], held: Sequence[str], version: tuple[Weights, Calibration],
    seed: int,
) -> float:  # fmt: skip
    """The expected calibration error over what an honest broker decides about the demands held back."""
    live, curve = version
    chance = random.Random(seed + 1)
    return expected_error(
        [
            (curve.chance(total(ratings, live)), (offer in judged[demand]) != (chance.random() < ERRS), 1.0)
            for demand in held
            for offer, ratings in shown(candidates[demand], live)
        ]
    )
