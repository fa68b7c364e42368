"""What a person is told of the cases they took part in, and of their work as a broker."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from marketplace.models import brokers, deals, outcomes, rooms
from marketplace.models.accounts import Organisation
from marketplace.models.brokers import Broker
from marketplace.services.own_rows import Subject, of

CASES: Mapping[str, Subject] = {
    "introductions_asked": Subject(
        select(deals.Deal.created_at, deals.Deal.id.label("deal_id"), deals.Deal.answers)
        .join(deals.DealEvent, deals.DealEvent.deal_id == deals.Deal.id)
        .where(deals.DealEvent.what == "asked"),
        deals.DealEvent.actor_id,
    ),
    # The rest of what a step says may be the title of somebody else's task.
    "case_steps": Subject(
        select(deals.DealEvent.at, deals.DealEvent.deal_id, deals.DealEvent.what, deals.DealEvent.side,
               deals.DealEvent.params).order_by(deals.DealEvent.at),
        deals.DealEvent.actor_id,
        ("note", "reason"),
    ),
    "cases_joined": of(
        deals.Party.user_id, deals.Party.added_at, deals.Party.deal_id, deals.Party.side, deals.Party.removed_at
    ),
    "messages": of(
        rooms.Message.author_id, rooms.Message.at, rooms.Message.deal_id, rooms.Message.side, rooms.Message.text
    ),
    "case_files": of(
        rooms.DealFile.added_by, rooms.DealFile.at, rooms.DealFile.deal_id, rooms.DealFile.name,
        rooms.DealFile.number, rooms.DealFile.media_type, rooms.DealFile.size, rooms.DealFile.digest,
    ),
    "tasks": of(
        rooms.DealTask.added_by, rooms.DealTask.at, rooms.DealTask.deal_id, rooms.DealTask.title,
        rooms.DealTask.side, rooms.DealTask.due_on, rooms.DealTask.done_at,
    ),
    "proposals": of(
        rooms.Proposal.author_id, rooms.Proposal.at, rooms.Proposal.deal_id, rooms.Proposal.number,
        rooms.Proposal.side, rooms.Proposal.terms, rooms.Proposal.state,
    ),
    "proposals_answered": of(
        rooms.Proposal.answered_by, rooms.Proposal.answered_at, rooms.Proposal.deal_id, rooms.Proposal.number,
        rooms.Proposal.state,
    ),
    "meetings": of(
        rooms.Meeting.called_by, rooms.Meeting.at, rooms.Meeting.deal_id, rooms.Meeting.title,
        rooms.Meeting.place, rooms.Meeting.starts_at, rooms.Meeting.minutes, rooms.Meeting.cancelled_at,
    ),
    "agreements": of(
        outcomes.Agreement.user_id, outcomes.Agreement.accepted_at, outcomes.Agreement.deal_id,
        outcomes.Agreement.side, outcomes.Agreement.name, outcomes.Agreement.purpose,
        outcomes.Agreement.text_version, outcomes.Agreement.expires_at, outcomes.Agreement.revoked_at,
    ),
    "agreements_ended": of(
        outcomes.Agreement.revoked_by, outcomes.Agreement.revoked_at, outcomes.Agreement.deal_id
    ),
    "looks": of(
        outcomes.Disclosure.user_id, outcomes.Disclosure.at, outcomes.Disclosure.deal_id,
        outcomes.Disclosure.uid, outcomes.Disclosure.what,
    ),
    "outcomes": of(
        outcomes.LedgerEntry.actor_id, outcomes.LedgerEntry.n, outcomes.LedgerEntry.at,
        outcomes.LedgerEntry.deal_id, outcomes.LedgerEntry.kind, outcomes.LedgerEntry.side,
        outcomes.LedgerEntry.body,
    ),
    "surveys": of(
        outcomes.Survey.user_id, outcomes.Survey.at, outcomes.Survey.deal_id, outcomes.Survey.side,
        outcomes.Survey.answers, outcomes.Survey.note,
    ),
    "broker_entry": of(
        Broker.user_id, Broker.created_at, Broker.organisation_id, Broker.about, Broker.certificate,
        Broker.issuer, Broker.certified_until, Broker.verified_at, Broker.fields, Broker.provinces,
        Broker.languages, Broker.capacity, Broker.active,
    ),
    "interests_declared": Subject(
        select(brokers.Conflict.declared_at, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == brokers.Conflict.organisation_id)
        .join(Broker, Broker.id == brokers.Conflict.broker_id),
        Broker.user_id,
    ),
    "cases_assigned": Subject(
        select(deals.Assignment.at, deals.Assignment.deal_id, deals.Assignment.ended_at)
        .join(Broker, Broker.id == deals.Assignment.broker_id),
        Broker.user_id,
    ),
}  # fmt: skip
