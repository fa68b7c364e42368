"""The life of a listing: one table of steps, each with who may take it, from where and to where.

Two states move together. `status` is the life people see. `revision` is the state of the revision its owner
works on: while a listing has never been public the two go side by side; once it has, revising, sending and
deciding move the revision only, and the public page keeps what was approved. Pausing, withdrawing and
renewing need no review.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from marketplace.errors import Conflict

LIFE = timedelta(days=365)
"""A listing is public for a year, then expires unless its owner renews it."""
WARNING = timedelta(days=14)
"""So long before it expires its owner is told, once."""
SECOND_THOUGHTS = timedelta(minutes=10)
"""So long a withdrawal can be undone."""

STATUSES = ("draft", "in_review", "published", "paused", "expired", "withdrawn", "rejected", "suspended")
REVISION_STATES = ("draft", "in_review", "approved", "returned", "rejected", "dropped")

PUBLISHED_ONCE = ("published", "paused", "expired", "suspended")
"""Statuses of a listing that has an approved revision."""
BEFORE = "(before)"
"""Stands in the table for the status the listing had before it was withdrawn or suspended."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a listing stands: its status and the state of its working revision."""

    status: str
    revision: str


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. What is not named in `statuses` or `revisions` cannot take the step.

    `revisions` is None for a step that leaves the working revision as it is. `public` says whether the step
    is told on the listing's public timeline.
    """

    action: str
    statuses: Mapping[str, str]
    revisions: Mapping[str, str] | None = None
    public: bool = False


def _stays(*states: str) -> Mapping[str, str]:
    return {state: state for state in states}


def _all_to(target: str, *states: str) -> Mapping[str, str]:
    return dict.fromkeys(states, target)


_LIVE = _stays(*PUBLISHED_ONCE)
_UNSENT = _all_to("draft", "draft", "returned")
_LAID_BY = {**_stays("draft", "returned", "rejected", "approved"), "in_review": "draft"}

STEPS: Mapping[str, Step] = {
    # The owner's.
    "revise": Step("listing.edit", {**_stays("draft"), **_LIVE},
                   _all_to("draft", "draft", "returned", "rejected", "approved")),
    "submit": Step("listing.edit", {"draft": "in_review", **_LIVE},
                   _all_to("in_review", "draft", "returned")),
    "recall": Step("listing.edit", {"in_review": "draft", **_LIVE}, {"in_review": "draft"}),
    "discard": Step("listing.edit", _LIVE, _all_to("approved", "draft", "returned", "rejected")),
    "pause": Step("listing.edit", {"published": "paused"}, public=True),
    "resume": Step("listing.edit", {"paused": "published"}, public=True),
    "renew": Step("listing.edit", {**_stays("published", "paused"), "expired": "published"}, public=True),
    "confirm": Step("listing.edit", _stays("published", "paused"), public=True),
    "withdraw": Step("listing.edit", _all_to("withdrawn", "draft", "in_review", *PUBLISHED_ONCE), _LAID_BY,
                     public=True),
    "unwithdraw": Step("listing.edit", {"withdrawn": BEFORE}, public=True),
    # The moderators'.
    "approve": Step("review.work", {"in_review": "published", **_LIVE}, {"in_review": "approved"},
                    public=True),
    "return": Step("review.work", {"in_review": "draft", **_LIVE}, {"in_review": "returned"}),
    "reject": Step("review.work", {"in_review": "rejected", **_LIVE}, {"in_review": "rejected"}),
    "suspend": Step("listing.mark", _all_to("suspended", "published", "paused", "expired"), public=True),
    "restore": Step("listing.mark", {"suspended": BEFORE}, public=True),
    "mark": Step("listing.mark", _LIVE, public=True),
    "unmark": Step("listing.mark", _LIVE, public=True),
    # The exchange's own: an operator's import, and time.
    "publish": Step("operations.act", {"draft": "published", **_LIVE},
                    _all_to("approved", "draft", "returned"), public=True),
    "expire": Step("operations.act", _all_to("expired", "published", "paused"), public=True),
}  # fmt: skip
"""Every step there is. `discard` drops a revision that waits and goes back to what is public."""


def after(step: str, standing: Standing, *, before: str = "") -> Standing:
    """Where `step` leads from `standing`; `before` is the status that withdrawing or suspending ended.

    Raises `Conflict` (409, `error.illegal_step`) when the table has no such move.
    """
    row = STEPS[step]
    status = row.statuses.get(standing.status)
    revision = standing.revision if row.revisions is None else row.revisions.get(standing.revision)
    if status is None or revision is None:
        raise Conflict("illegal_step", step=step, standing=_hindrance(row, standing))
    # Whoever takes back a withdrawal sends again what had been in review: nobody keeps a place in the queue.
    status = {BEFORE: "draft" if before == "in_review" else before}.get(status, status)
    return Standing(status, revision)


def steps_from(standing: Standing) -> tuple[str, ...]:
    """The steps the table allows here, whoever may take them, in its order."""
    return tuple(
        name
        for name, row in STEPS.items()
        if standing.status in row.statuses and (row.revisions is None or standing.revision in row.revisions)
    )


def _hindrance(row: Step, standing: Standing) -> str:
    """The state that stands in the way: the listing's own, else that of its revision."""
    return standing.revision if standing.status in row.statuses else standing.status
