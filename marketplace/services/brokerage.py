"""Moving a case along its way: each step asked for by somebody with a seat, checked against the table, told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from marketplace.errors import Conflict, GiaoError, Invalid
from marketplace.models.deals import Deal
from marketplace.models.listings import Listing
from marketplace.models.rooms import Proposal
from marketplace.services import audit, deal_log, judging, licences, parties, readiness, review, stages, steps
from marketplace.services.locks import alone
from marketplace.services.policy import Actor
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.problems import Problem

LONGEST_NOTE = 500
"""Characters of the words somebody adds to a step."""


def advance(
    work: Work, actor: Actor, deal_id: str, step: str, *, version: int | None = None, note: str = "",
    reason: str = "",
) -> Deal:  # fmt: skip
    """Take `step` in this case.

    Raises `Conflict` (409) when the table has no such step here or something is still missing for it,
    `Forbidden` when it is another side's, `Invalid` for a closing without its reason, `Stale`.
    """
    held = parties.hold(work, actor, deal_id, "step", version=version)
    then = stages.after(step, held.deal.stage, before=held.deal.before)
    if not stages.may_take(step, held.side, direct=held.deal.direct):
        raise Conflict("step_of_another", step=step)
    words = taken("note", note, LONGEST_NOTE)
    if step == "close" and reason not in stages.REASONS:
        raise Invalid([Problem("reason", "deal.reason_needed")])
    if step == "reopen":
        alone_with_pair(work, held.deal.demand_uid, held.deal.offer_uid)
    if need := stages.missing(step, readiness.lacking(work, [held.deal])[deal_id]):
        raise Conflict(need, days=stages.REOPENED_WITHIN.days)
    if step in _EFFECTS:
        _EFFECTS[step](work, held.deal)
    enter(work, held.deal, then)
    if step == "close":
        held.deal.reason = reason
    deal_log.tell(work, actor, held.deal, f"step_{step}", side=held.side, reason=reason, note=words)
    judging.judge(work, actor, held.deal, step, reason)
    audit.record(work, actor, f"deal.{step}", deal_id, reason=reason)
    return held.deal


def alone_with_pair(work: Work, demand_uid: str, offer_uid: str) -> None:
    """Nobody else opens a case of this pair, or takes one up again, until the transaction ends."""
    alone(work, f"deal:{demand_uid}:{offer_uid}")


def enter(work: Work, deal: Deal, stage: str) -> None:
    """Put a case into `stage` and start the clock of it."""
    if stage == "closed":
        deal.before = deal.stage
    deal.stage, deal.stage_since = stage, work.now
    days = stages.CLOCK.get(stage)
    deal.due_at = review.working_days_after(work.now, days) if days else None
    deal.version += 1
    work.session.flush()


def dismiss(work: Work, actor: Actor, deal_ids: Sequence[str], reason: str) -> Mapping[str, GiaoError | None]:
    """Close many cases for one reason; each either closed (None) or with what stood in its way."""
    outcomes: dict[str, GiaoError | None] = {}
    for deal_id in dict.fromkeys(deal_ids):
        try:
            with work.session.begin_nested():
                advance(work, actor, deal_id, "close", reason=reason)
            outcomes[deal_id] = None
        except Invalid:
            raise
        except GiaoError as error:
            outcomes[deal_id] = error
    return outcomes


# -- what a step brings about -----------------------------------------------------------------------------------------


def _grant(work: Work, deal: Deal) -> None:
    """What the accepted terms grant stands in the way of others from now on. Raises `Conflict` where others do."""
    accepted = select(Proposal).where(Proposal.deal_id == deal.id, Proposal.state == "accepted")
    proposal = work.session.scalars(accepted.order_by(Proposal.number.desc()).limit(1)).one()
    licences.grant(work, deal, proposal.terms)
    _show_offer(work, deal.offer_uid)


def _grant_again(work: Work, deal: Deal) -> None:
    if deal.before == "agreed":
        _grant(work, deal)


def _free(work: Work, deal: Deal) -> None:
    if licences.end(work, deal):
        _show_offer(work, deal.offer_uid)


def _show_offer(work: Work, uid: str) -> None:
    """Publish the offer anew with what is granted on it, so that nobody is matched with what is taken."""
    listing = work.session.scalar(select(Listing).where(Listing.uid == uid).with_for_update())
    if listing is not None:
        steps.show(work, [listing])


def run_out(work: Work) -> int:
    """What was granted until yesterday is free again; how many offers are shown anew. 0 when all is done."""
    offers = licences.run_out(work)
    for uid in offers:
        _show_offer(work, uid)
    return len(offers)


_EFFECTS: Mapping[str, Callable[[Work, Deal], None]] = {
    "agree": _grant,
    "close": _free,
    "reopen": _grant_again,
}
