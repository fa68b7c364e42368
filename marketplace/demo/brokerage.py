"""Brokers of the demonstration, and a few of their cases on the way, so that board and room have something to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from marketplace.models.accounts import Membership, User
from marketplace.models.deals import Deal
from marketplace.models.listings import Listing
from marketplace.services import brokerage, brokers, introductions, rooms
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import Work

Rows = Sequence[Mapping[str, Any]]


def enter(work: Work, rows: Rows, owners: Mapping[str, str]) -> dict[str, Actor]:
    """Put the brokers into the register, their certificates verified; by the id of their organisation."""
    entered = {}
    for row in rows:
        organisation = owners[row["organisation"]]
        user = work.session.scalars(select(User).where(User.email == row["email"])).one()
        actor = Actor(
            user.id, user.name, user.language, {organisation: frozenset({"broker"})}, confirmed=True
        )
        said = {
            name: row[name] for name in ("about", "certificate", "issuer", "fields", "provinces", "languages")
        }
        until = date.fromisoformat(row["certified_until"])
        entry = brokers.entered(**said, certified_until=until, capacity=str(row["capacity"]))
        own = brokers.save(work, actor, organisation, entry)
        brokers.verify(work, SYSTEM, own, version=1)
        entered[own] = actor
    return entered


def open_cases(work: Work, rows: Rows, entered: Mapping[str, Actor]) -> None:
    """Cases as their parties would have opened and moved them, each begun on its day."""
    for row in rows:
        then = replace(work, now=work.now - timedelta(days=row["days_ago"]))
        uids = {side: _listing(work, row[side]) for side in ("demand", "offer")}
        sides = {side: _owner(work, listing) for side, listing in uids.items()}
        said = introductions.answers(aim=row["aim"], ready=row["ready"], open_point=row["open_point"])
        deal_id = introductions.ask(
            then, sides[row["side"]], uids["demand"].uid, uids["offer"].uid, side=row["side"], said=said
        )
        deal = work.session.get_one(Deal, deal_id)
        people = {**sides, "broker": entered[deal.broker_id or ""]}
        if row["agreed"]:
            introductions.agree(then, sides["offer" if row["side"] == "demand" else "demand"], deal_id)
        for step in row["steps"]:
            brokerage.advance(then, people["broker"], deal_id, step)
        for n, (side, text) in enumerate(row["messages"]):
            later = replace(then, now=then.now + timedelta(hours=3 * (n + 1)))
            rooms.write(later, people[side], deal_id, text)
        for side, title in row["tasks"]:
            rooms.add_task(then, people["broker"], deal_id, title=title, side=side, due_on=None)


def _listing(work: Work, source_id: str) -> Listing:
    return work.session.scalars(select(Listing).where(Listing.source_id == source_id)).one()


def _owner(work: Work, listing: Listing) -> Actor:
    """Somebody who writes for the listing's organisation: the one of the demo people who does, else nobody by name."""
    members = select(Membership.user_id).where(Membership.organisation_id == listing.organisation_id)
    user_id = work.session.scalar(members.limit(1)) or ""
    return Actor(user_id, "", "vi", {listing.organisation_id: frozenset({"owner"})}, confirmed=True)
