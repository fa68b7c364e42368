"""The term sheet: proposals and counter-proposals, none of which is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from marketplace.db import new_id
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.models.deals import Deal
from marketplace.models.rooms import Proposal
from marketplace.services import deal_log, parties
from marketplace.services.policy import Actor
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary import money
from vocabulary.countries import COUNTRIES
from vocabulary.days import read_date
from vocabulary.industries import VSIC
from vocabulary.problems import Problem, Unreadable
from vocabulary.terms import TRANSFER_FORMS

LONGEST_NOTE = 2_000
ANSWERS = ("accepted", "declined")


def read(
    form: Mapping[str, str], *, territory: Sequence[str] = (), uses: Sequence[str] = ()
) -> dict[str, Any]:
    """The terms as a form gives them: form of transfer, price, where, for what use, from when to when.

    Raises `Invalid` naming every field that cannot stand.
    """
    problems: list[Problem] = []
    if form.get("form", "") not in TRANSFER_FORMS:
        problems.append(Problem("form", "required"))
    places = [code.strip().upper() for code in territory if code.strip()]
    uses = [code for code in uses if code]
    problems += [Problem("territory", "code.unknown", {"value": code, "list": "countries"})
                 for code in places if code not in COUNTRIES]  # fmt: skip
    problems += [Problem("uses", "code.unknown", {"value": code, "list": "industries"})
                 for code in uses if code not in VSIC]  # fmt: skip
    first = _day(form, "first", problems, needed=True)
    last = _day(form, "last", problems)
    if first and last and last < first:
        problems.append(Problem("last", "terms.ends_before_it_begins"))
    amount = _amount(form, problems)
    if problems:
        raise Invalid(problems)
    assert first is not None
    return {
        "form": form["form"],
        "amount": amount[0] if amount else None,
        "currency": amount[1] if amount else "",
        "territory": sorted(set(places)),
        "uses": sorted(set(uses)),
        "first": first.isoformat(),
        "last": last.isoformat() if last else "",
        "note": taken("terms_note", form.get("terms_note", ""), LONGEST_NOTE),
    }


def propose(work: Work, actor: Actor, deal_id: str, terms: Mapping[str, Any]) -> Proposal:
    """Put terms to the other side. An open proposal of theirs is thereby countered, one's own replaced."""
    held = parties.hold(work, actor, deal_id, "propose")
    if held.deal.stage != "negotiating":
        raise Conflict("not_negotiating")
    open_one = _open(work, held.deal)
    if open_one is not None:
        _answer(work, actor, open_one, "withdrawn" if open_one.side == held.side else "countered")
    newest = select(func.max(Proposal.number)).where(Proposal.deal_id == deal_id)
    proposal = Proposal(
        id=new_id(), deal_id=deal_id, number=(work.session.scalar(newest) or 0) + 1, side=held.side,
        author_id=actor.user_id, terms=dict(terms), at=work.now, state="open",
    )  # fmt: skip
    work.session.add(proposal)
    work.session.flush()
    deal_log.tell(work, actor, held.deal, "proposed", side=held.side, n=proposal.number)
    return proposal


def answer(work: Work, actor: Actor, deal_id: str, number: int, state: str) -> Proposal:
    """Accept or decline the other side's open proposal; the one who made it may only withdraw it.

    Raises `NotFound`, `Forbidden`, or `Conflict` when it is no longer open.
    """
    held = parties.hold(work, actor, deal_id, "answer")
    found = select(Proposal).where(Proposal.deal_id == deal_id, Proposal.number == number)
    proposal = work.session.scalar(found)
    if proposal is None:
        raise NotFound("not_found")
    if proposal.state != "open":
        raise Conflict("proposal_answered")
    if (state == "withdrawn") != (proposal.side == held.side) or state not in (*ANSWERS, "withdrawn"):
        raise Forbidden("own_proposal")
    _answer(work, actor, proposal, state)
    deal_log.tell(work, actor, held.deal, f"terms_{state}", side=held.side, n=number)
    return proposal


def proposals(work: Work, deal_id: str) -> list[Proposal]:
    """All of them, the newest first."""
    rows = select(Proposal).where(Proposal.deal_id == deal_id).order_by(Proposal.number.desc())
    return list(work.session.scalars(rows))


def _open(work: Work, deal: Deal) -> Proposal | None:
    return work.session.scalar(select(Proposal).where(Proposal.deal_id == deal.id, Proposal.state == "open"))


def _answer(work: Work, actor: Actor, proposal: Proposal, state: str) -> None:
    proposal.state, proposal.answered_by, proposal.answered_at = state, actor.user_id, work.now


def _day(form: Mapping[str, str], name: str, problems: list[Problem], *, needed: bool = False) -> date | None:
    typed = form.get(name, "").strip()
    if not typed:
        problems.extend([Problem(name, "required")] if needed else [])
        return None
    try:
        return read_date(typed)
    except Unreadable as unread:
        problems.append(unread.at(name))
        return None


def _amount(form: Mapping[str, str], problems: list[Problem]) -> tuple[int, str] | None:
    typed = form.get("amount", "").strip()
    if not typed:
        return None
    try:
        found = money.read(typed)
    except Unreadable as unread:
        problems.append(unread.at("amount"))
        return None
    return (found.amount, found.currency) if found else None
