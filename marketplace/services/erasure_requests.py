"""Two people erase a listing for good: one asks, with the ground; another confirms, or refuses with a reason.

While a request is open the listing lives on as it is, and whoever asked may take it back. What was asked for at the command
line anybody with the right may decide, and refuse in place of taking back. A listing of the own organisation is no exception
as it is for moderators: nobody decides alone, and what is the exchange's own must be erasable too.
"""

from __future__ import annotations

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.erasures import ErasureRequest
from marketplace.models.listings import Listing
from marketplace.services import audit, erasure, notices, review, wording
from marketplace.services.policy import RULES, Actor, permit
from marketplace.services.reasons import LONGEST
from marketplace.work import Work
from vocabulary.problems import Problem

ACTION = "listing.erase"
LONGEST_GROUND = 300


def ask(work: Work, actor: Actor, uid: str, ground: str) -> str:
    """Ask for the erasure of a listing of ours; the id of the request. The others with the right are told.

    Raises `Invalid` for what is no listing of ours and for a ground that is missing or too long, `Conflict` when one
    waits already.
    """
    permit(actor, ACTION)
    ground = wording.taken("ground", ground, LONGEST_GROUND, needed=True)
    # Locked: of two who ask at the same moment the second sees the first.
    if work.session.scalar(select(Listing.id).where(Listing.uid == uid).with_for_update()) is None:
        raise Invalid([Problem("uid", "erasure.no_listing")])
    if open_of(work, uid):
        raise Conflict("erasure_waits")
    one = ErasureRequest(
        id=new_id(), uid=uid, ground=ground, asked_by=actor.user_id or None, asked_at=work.now
    )
    work.session.add(one)
    work.session.flush()
    for user_id in set(review.staff(work, *RULES[ACTION].staff)) - {actor.user_id}:
        _tell(work, one, user_id, "asked" if actor.user_id else "asked_at_terminal", actor)
    audit.record(work, actor, "erasure.ask", uid, request=one.id, ground=ground)
    return one.id


def confirm(work: Work, actor: Actor, request_id: str) -> None:
    """Erase the listing, now. Raises `Forbidden` for whoever asked, `Conflict` when it was decided or taken back."""
    one = _decide(work, actor, request_id, "erased")
    erasure.erase(work, actor, one.uid)


def refuse(work: Work, actor: Actor, request_id: str, reason: str) -> None:
    """Leave the listing as it is. Raises as `confirm` does, and `Invalid` for a reason that is missing or too long."""
    reason = wording.taken("reason", reason, LONGEST, needed=True)
    one = _decide(work, actor, request_id, "refused", reason)
    audit.record(work, actor, "erasure.refuse", one.uid, request=one.id, reason=reason)


def take_back(work: Work, actor: Actor, request_id: str) -> None:
    """Whoever asked thinks better of it. Raises `Forbidden` for anybody else, `Conflict` when it was decided."""
    one = _hold(work, actor, request_id)
    if not is_own(one, actor):
        raise Forbidden
    _close(work, actor, one, "taken_back")
    audit.record(work, actor, "erasure.take_back", one.uid, request=one.id)


def open_of(work: Work, uid: str) -> str:
    """The id of the request for this listing that waits; empty when none does."""
    waits = select(ErasureRequest.id).where(ErasureRequest.uid == uid, ErasureRequest.decided_at.is_(None))
    return work.session.scalar(waits) or ""


def is_own(one: ErasureRequest, actor: Actor) -> bool:
    """Whether this very person has asked."""
    return actor.signed_in and one.asked_by == actor.user_id


def _decide(work: Work, actor: Actor, request_id: str, decision: str, reason: str = "") -> ErasureRequest:
    """By a second person, whom a command line cannot be: nobody knows who types there."""
    one = _hold(work, actor, request_id)
    if not actor.signed_in or is_own(one, actor):
        raise Forbidden("own_erasure")
    _close(work, actor, one, decision, reason)
    if one.asked_by:
        _tell(work, one, one.asked_by, decision, actor)
    return one


def _hold(work: Work, actor: Actor, request_id: str) -> ErasureRequest:
    """Locked and read again: of two who decide at the same moment the second sees the first."""
    permit(actor, ACTION)
    one = work.session.get(ErasureRequest, request_id, with_for_update=True, populate_existing=True)
    if one is None:
        raise NotFound("not_found")
    if one.decided_at is not None:
        raise Conflict("erasure_decided")
    return one


def _close(work: Work, actor: Actor, one: ErasureRequest, decision: str, reason: str = "") -> None:
    one.decided_at, one.decided_by, one.decision, one.reason = work.now, actor.user_id, decision, reason
    work.session.flush()


def _tell(work: Work, one: ErasureRequest, user_id: str, what: str, actor: Actor) -> None:
    """Without the title: what people were told stays when the listing is gone."""
    notices.tell(
        work, user_id, key=f"erasure:{one.id}:{what}", what=f"erasure_{what}", target=f"erasure:{one.id}",
        params={"who": actor.name},
    )  # fmt: skip
