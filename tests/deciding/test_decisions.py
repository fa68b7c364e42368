"""What people say of a match is kept, with what it rested on, and can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.errors import Forbidden, Invalid, NotFound, SignInNeeded
from marketplace.models.audit import AuditEntry
from marketplace.models.learning import Decision
from marketplace.services import decisions, feed, matches
from marketplace.services.decisions import REJECT
from marketplace.services.policy import VISITOR, Actor
from marketplace.services.reasons import Reason
from marketplace.work import begin, look
from matching.model import FIRST, MODEL_VERSION
from matching.scoring import total
from tests.deciding.conftest import Scene

DEAR = Reason(("too_dear",), "Gấp đôi ngân sách.")


def decide(scene: Scene, actor: Actor, verdict: str = "rejected", reason: Reason = DEAR) -> None:
    with begin(scene.runtime) as work:
        decisions.decide(work, actor, scene.pair, verdict, reason)


def standing(scene: Scene) -> list[tuple[str, str]]:
    with look(scene.runtime) as work:
        return [(said.verdict, name) for said, name in decisions.of_pair(work, scene.pair)]


def test_each_side_and_a_broker_have_a_word(scene: Scene) -> None:
    decide(scene, scene.seeker, "accepted", Reason())
    decide(scene, scene.holder)
    decide(scene, scene.broker, "accepted", Reason(("solves_it",)))
    assert {verdict for verdict, _ in standing(scene)} == {"accepted", "rejected"}
    assert sorted(name for _, name in standing(scene)) == [
        "Hợp tác xã Bãi Bồi", "Môi giới Sông Hậu", "Viện Hải dương",
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "refused"), [("stranger", Forbidden), ("visitor", SignInNeeded)])
def test_nobody_else_has(scene: Scene, who: str, refused: type[Exception]) -> None:
    actor = VISITOR if who == "visitor" else scene.stranger
    with pytest.raises(refused):
        decide(scene, actor)
    assert standing(scene) == []


def test_a_second_word_takes_the_place_of_the_first(scene: Scene) -> None:
    decide(scene, scene.seeker, "accepted", Reason())
    decide(scene, scene.seeker)
    assert [verdict for verdict, _ in standing(scene)] == ["rejected"]
    with look(scene.runtime) as work:
        assert len(work.session.scalars(select(Decision)).all()) == 2


def test_it_can_be_taken_back_and_both_are_in_the_log(scene: Scene) -> None:
    decide(scene, scene.seeker)
    with begin(scene.runtime) as work:
        assert decisions.undo(work, scene.seeker, scene.pair)
        assert not decisions.undo(work, scene.seeker, scene.pair)
    assert standing(scene) == []
    with look(scene.runtime) as work:
        assert decisions.examples(work, MODEL_VERSION) == []
        log = select(AuditEntry.action, AuditEntry.object).where(AuditEntry.action.like("match.%"))
        assert work.session.execute(log).all() == [
            ("match.decide", " ".join(scene.pair)), ("match.undo", " ".join(scene.pair)),
        ]  # fmt: skip


def test_a_decision_keeps_what_the_score_rested_on(scene: Scene) -> None:
    decide(scene, scene.seeker)
    with look(scene.runtime) as work:
        kept = work.session.scalars(select(Decision)).one()
        score = matches.scored(work, *scene.pair)
        (example,) = decisions.examples(work, MODEL_VERSION)
        work.session.expunge_all()
    assert (kept.total, kept.model_version, kept.statistics_version) == (
        score.total, score.model_version, score.statistics_version,
    )  # fmt: skip
    assert (kept.demand_rev, kept.offer_rev) == score.revisions
    assert total(example.ratings, FIRST) == score.total
    assert (example.demand, example.accepted) == (scene.demand, False)


def test_what_is_not_public_cannot_be_decided(scene: Scene) -> None:
    with begin(scene.runtime) as work:
        feed.retire(work, uid=scene.offers[0], reason="withdrawn")
    with pytest.raises(NotFound):
        decide(scene, scene.seeker)


def test_a_refusal_without_a_reason_teaches_nobody() -> None:
    with pytest.raises(Invalid):
        Reason.given(("no_such_code",), "  ", of=REJECT)
