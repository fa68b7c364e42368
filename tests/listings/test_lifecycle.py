"""The table of steps, cell by cell: every status and every state of the revision against every step."""

from __future__ import annotations

import pytest

from marketplace.errors import Conflict
from marketplace.services.lifecycle import STATUSES, STEPS, Standing, after, steps_from
from marketplace.services.policy import RULES

LEGAL = {
    # step: {(status, revision): (status, revision)}, written by hand, apart from the table that is tested.
    "revise": {
        ("draft", "draft"): ("draft", "draft"),
        ("draft", "returned"): ("draft", "draft"),
        **{(s, r): (s, "draft") for s in ("published", "paused", "expired", "suspended")
           for r in ("draft", "approved", "returned", "rejected")},
    },
    "submit": {
        ("draft", "draft"): ("in_review", "in_review"),
        ("draft", "returned"): ("in_review", "in_review"),
        **{(s, r): (s, "in_review") for s in ("published", "paused", "expired", "suspended")
           for r in ("draft", "returned")},
    },
    "recall": {
        ("in_review", "in_review"): ("draft", "draft"),
        **{(s, "in_review"): (s, "draft") for s in ("published", "paused", "expired", "suspended")},
    },
    "discard": {
        (s, r): (s, "approved") for s in ("published", "paused", "expired", "suspended")
        for r in ("draft", "returned", "rejected")
    },
    "pause": {("published", r): ("paused", r) for r in ("draft", "in_review", "approved", "returned", "rejected")},
    "resume": {("paused", r): ("published", r) for r in ("draft", "in_review", "approved", "returned", "rejected")},
    "renew": {
        (s, r): ("paused" if s == "paused" else "published", r) for s in ("published", "paused", "expired")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "confirm": {
        (s, r): (s, r) for s in ("published", "paused")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "withdraw": {
        ("draft", "draft"): ("withdrawn", "draft"),
        ("draft", "returned"): ("withdrawn", "returned"),
        ("in_review", "in_review"): ("withdrawn", "draft"),
        **{(s, r): ("withdrawn", "draft" if r == "in_review" else r)
           for s in ("published", "paused", "expired", "suspended")
           for r in ("draft", "in_review", "approved", "returned", "rejected")},
    },
    "unwithdraw": {
        ("withdrawn", r): ("paused", r) for r in ("draft", "approved", "returned", "rejected")
    },
    "approve": {
        ("in_review", "in_review"): ("published", "approved"),
        **{(s, "in_review"): (s, "approved") for s in ("published", "paused", "expired", "suspended")},
    },
    "return": {
        ("in_review", "in_review"): ("draft", "returned"),
        **{(s, "in_review"): (s, "returned") for s in ("published", "paused", "expired", "suspended")},
    },
    "reject": {
        ("in_review", "in_review"): ("rejected", "rejected"),
        **{(s, "in_review"): (s, "rejected") for s in ("published", "paused", "expired", "suspended")},
    },
    "suspend": {
        (s, r): ("suspended", r) for s in ("published", "paused", "expired")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "restore": {
        ("suspended", r): ("paused", r) for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "mark": {
        (s, r): (s, r) for s in ("published", "paused", "expired", "suspended")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "unmark": {
        (s, r): (s, r) for s in ("published", "paused", "expired", "suspended")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
    "publish": {
        ("draft", "draft"): ("published", "approved"),
        ("draft", "returned"): ("published", "approved"),
        **{(s, r): (s, "approved") for s in ("published", "paused", "expired", "suspended")
           for r in ("draft", "returned")},
    },
    "expire": {
        (s, r): ("expired", r) for s in ("published", "paused")
        for r in ("draft", "in_review", "approved", "returned", "rejected")
    },
}  # fmt: skip
BEFORE = "paused"
"""What the listing was before it was withdrawn or suspended, in this table."""

POSSIBLE = {
    "draft": ("draft", "returned"),
    "in_review": ("in_review",),
    "rejected": ("rejected",),
    "withdrawn": ("draft", "approved", "returned", "rejected"),
    **dict.fromkeys(("published", "paused", "expired", "suspended"),
                    ("draft", "in_review", "approved", "returned", "rejected")),
}  # fmt: skip
"""The states the revision of a listing can be in, by status."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", STATUSES)
def test_each_step_leads_where_the_law_of_the_house_says_and_nowhere_else(step: str, status: str) -> None:
    for revision in POSSIBLE[status]:
        expected = LEGAL[step].get((status, revision))
        if expected is not None:
            assert after(step, Standing(status, revision), before=BEFORE) == Standing(*expected)
        else:
            with pytest.raises(Conflict) as refusal:
                after(step, Standing(status, revision), before=BEFORE)
            assert refusal.value.status == 409
            assert refusal.value.params["step"] == step
            assert refusal.value.params["standing"] in (status, revision)


def test_every_step_that_leads_somewhere_leads_to_a_possible_state() -> None:
    for moves in LEGAL.values():
        for status, revision in moves.values():
            assert revision in POSSIBLE[status], (status, revision)


@pytest.mark.parametrize("status", STATUSES)
def test_what_a_page_offers_is_what_the_table_allows(status: str) -> None:
    for revision in POSSIBLE[status]:
        allowed = {step for step, moves in LEGAL.items() if (status, revision) in moves}
        assert set(steps_from(Standing(status, revision))) == allowed


def test_every_step_names_an_action_of_the_policy() -> None:
    assert {row.action for row in STEPS.values()} <= set(RULES)


@pytest.mark.parametrize("status", ["draft", "in_review", "published", "paused", "expired", "suspended"])
def test_a_listing_can_be_withdrawn_from_every_live_state(status: str) -> None:
    for revision in POSSIBLE[status]:
        assert after("withdraw", Standing(status, revision)).status == "withdrawn"


def test_what_was_in_review_when_withdrawn_comes_back_as_a_draft() -> None:
    assert after("unwithdraw", Standing("withdrawn", "draft"), before="in_review") == Standing(
        "draft", "draft"
    )
