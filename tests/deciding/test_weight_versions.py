"""Versions of the weights: learned, run beside, adopted, gone back from; stored matches follow without a search."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, NotFound
from marketplace.models.audit import AuditEntry
from marketplace.models.learning import WeightVersion
from marketplace.models.matches import Match
from marketplace.runtime import Runtime
from marketplace.services import feed, learning, matches, statistics, weights
from marketplace.services.decisions import decide
from marketplace.services.reasons import Reason
from marketplace.tasks import rescore_matches
from marketplace.work import begin, look
from matching.learned import Figures
from matching.model import FIRST, MODEL_VERSION, RULES
from tests.deciding.conftest import Scene
from tests.support.market import settle

OTHER = {rule.name: (400 if rule.name == "heading" else 50) for rule in RULES}

MEASURED = asdict(Figures(300, 50, 6, 0.7, 0.8, 0.01, 0.04))


def version(runtime: Runtime, number: int = 1, against: str = MODEL_VERSION) -> str:
    name = f"{MODEL_VERSION}+{number}"
    with begin(runtime) as work:
        work.session.add(
            WeightVersion(
                version=name, number=number, rules=MODEL_VERSION, weights=OTHER,
                calibration={"slope": 10.0, "middle": 0.5}, figures=MEASURED | {"outcome": "better", "against": against},
                made_at=work.now,
            )
        )  # fmt: skip
    return name


def stored(runtime: Runtime) -> dict[tuple[str, str], Match]:
    with look(runtime) as work:
        found = {(one.demand_uid, one.offer_uid): one for one in work.session.scalars(select(Match))}
        work.session.expunge_all()
    return found


def test_adopting_weighs_stored_matches_anew_without_a_search(scene: Scene) -> None:
    before = stored(scene.runtime)
    name = version(scene.runtime)
    with begin(scene.runtime) as work:
        weights.adopt(work, scene.operator, name)
    scene.runtime.engine.drop()
    rescore_matches(scene.runtime)
    after = stored(scene.runtime)
    assert {one.model_version for one in after.values()} == {name}
    assert any(after[pair].total != one.total for pair, one in before.items())
    with look(scene.runtime) as work:
        for pair, one in after.items():
            again = matches.explained(work, *pair)
            assert (again.score.total, again.stored) == (one.total, None)
            assert sum(signal["points"] for signal in one.score["signals"]) == one.total
    rescore_matches(scene.runtime)


def test_new_matches_use_the_live_weights_and_note_the_shadow(scene: Scene) -> None:
    live, shadow = version(scene.runtime), version(scene.runtime, 2)
    with begin(scene.runtime) as work:
        weights.adopt(work, scene.operator, live)
        weights.beside(work, scene.operator, shadow)
        statistics.rematch(work, anew=True)
    settle(scene.runtime)
    for one in stored(scene.runtime).values():
        assert (one.model_version, one.shadow_version, one.shadow_total) == (live, shadow, one.total)


def test_a_shadow_changes_no_score(scene: Scene) -> None:
    before = stored(scene.runtime)
    name = version(scene.runtime)
    with begin(scene.runtime) as work:
        weights.beside(work, scene.operator, name)
    rescore_matches(scene.runtime)
    after = stored(scene.runtime)
    assert {pair: one.total for pair, one in after.items()} == {p: one.total for p, one in before.items()}
    assert all(one.shadow_total is not None for one in after.values())


def test_the_way_back_leads_to_what_was_live_before(scene: Scene) -> None:
    one = version(scene.runtime)
    two = version(scene.runtime, 2, against=one)
    with begin(scene.runtime) as work:
        weights.adopt(work, scene.operator, one)
        weights.adopt(work, scene.operator, two)
        assert weights.go_back(work, scene.operator) == one
        assert weights.live(work).version == one
        assert weights.go_back(work, scene.operator) == FIRST.version
        assert weights.live(work) == FIRST
        with pytest.raises(Conflict):
            weights.go_back(work, scene.operator)
        log = select(AuditEntry.object).where(AuditEntry.action == "weights.adopt").order_by(AuditEntry.n)
        assert list(work.session.scalars(log)) == [one, two, one, FIRST.version]


def test_what_was_measured_beside_others_is_not_adopted(scene: Scene) -> None:
    one, late = version(scene.runtime), version(scene.runtime, 2)
    with begin(scene.runtime) as work:
        with pytest.raises(NotFound):
            weights.adopt(work, scene.operator, "2020.1+1")
        with pytest.raises(Forbidden):
            weights.adopt(work, scene.seeker, one)
        weights.adopt(work, scene.operator, one)
        with pytest.raises(Conflict):
            weights.adopt(work, scene.operator, late)
        assert weights.live(work).version == one


def test_too_little_is_said_and_stores_nothing(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        decide(work, scene.seeker, scene.pair, "accepted", Reason())
        result = learning.learned(work, scene.operator)
        assert (result.outcome, result.figures.decisions) == ("too_little", 1)
        assert work.session.scalars(select(WeightVersion)).all() == []


def test_a_match_of_older_revisions_is_scored_anew_and_says_so(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        row = feed.row(work, scene.offers[0])
        assert row is not None
        body = {**row.body, "content": {**row.body["content"], "province": "92"}}
        feed.publish(work, uid=row.uid, kind=row.kind, body=body)
    with look(scene.runtime) as work:
        found = matches.explained(work, *scene.pair)
        was = work.session.get_one(Match, scene.pair)
        work.session.expunge_all()
    assert found.stored == was.total
    assert found.score.revisions == (was.demand_rev, was.offer_rev + 1)


@pytest.mark.parametrize("rules", ["2019.9", "2026.3"])
def test_matches_of_other_rules_are_matched_again(scene: Scene, rules: str) -> None:
    with begin(scene.runtime) as work:
        for one in work.session.scalars(select(Match)):
            one.model_version = rules
    with look(scene.runtime) as work:
        assert matches.explained(work, *scene.pair).score.model_version == FIRST.version
    rescore_matches(scene.runtime)
    settle(scene.runtime)
    assert {one.model_version for one in stored(scene.runtime).values()} == {FIRST.version}


def test_a_full_match_goes_on_where_it_was(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        statistics.rematch(work, anew=True)
        feed.place(work, statistics.REMATCHING, 2)
    with begin(scene.runtime) as work:
        statistics.rematch(work)
        assert statistics.rematched(work)[0] == 2
    settle(scene.runtime)
    with look(scene.runtime) as work:
        done, until = statistics.rematched(work)
    assert done == until > 2
