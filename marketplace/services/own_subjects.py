"""Where the exchange knows something of a person: what of it they are told, and what is left out for which reason.

A person is told what they said and did, never the words of somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from marketplace.models import (
    accounts,
    audit,
    brokers,
    clusters,
    erasures,
    exchanges,
    facts,
    files,
    jobs,
    layers,
    learning,
    listings,
    notices,
    peers,
    review,
    sources,
    terms,
)
from marketplace.services.own_cases import CASES
from marketplace.services.own_rows import Subject, of, of_listing

User, SignIn, Invitation = accounts.User, accounts.SignIn, accounts.Invitation
Listing, Revision, ReviewItem = listings.Listing, listings.Revision, review.ReviewItem
Broker, Organisation = brokers.Broker, accounts.Organisation

ACCOUNT: Mapping[str, Subject] = {
    "account": of(
        User.id, User.id, User.email, User.name, User.language, User.terms_version, User.terms_accepted_at,
        User.email_confirmed_at, User.created_at,
    ),
    "memberships": Subject(
        select(Organisation.name, accounts.Membership.organisation_id, accounts.Membership.role,
               accounts.Membership.since).join(accounts.Membership),
        accounts.Membership.user_id,
    ),
    "sessions": of(
        SignIn.user_id, SignIn.created_at, SignIn.last_seen_at, SignIn.ended_at, SignIn.address, SignIn.agent
    ),
    "second_factor": of(accounts.SecondFactor.user_id, accounts.SecondFactor.confirmed_at),
    "recovery_codes": of(
        accounts.RecoveryCode.user_id, accounts.RecoveryCode.created_at, accounts.RecoveryCode.used_at
    ),
    "links_sent": of(
        accounts.MailToken.user_id, accounts.MailToken.created_at, accounts.MailToken.purpose,
        accounts.MailToken.email, accounts.MailToken.used_at,
    ),
    "invitations_sent": of(
        Invitation.invited_by, Invitation.created_at, Invitation.email, Invitation.role, Invitation.accepted_at
    ),
    "invitations_received": Subject(
        select(Invitation.created_at, Organisation.name.label("organisation"), Invitation.role,
               Invitation.accepted_at)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        # Whoever has not shown that an address is theirs may have typed somebody else's.
        .join(User, (User.email == Invitation.email) & User.email_confirmed_at.is_not(None)),
        User.id,
    ),
    "notices": of(
        notices.Notice.user_id, notices.Notice.created_at, notices.Notice.what, notices.Notice.params,
        notices.Notice.target, notices.Notice.read_at,
    ),
    "jobs": of(jobs.Job.asked_by, jobs.Job.created_at, jobs.Job.name, jobs.Job.state, jobs.Job.finished_at),
    "done": of(
        audit.AuditEntry.actor, audit.AuditEntry.n, audit.AuditEntry.at, audit.AuditEntry.action,
        audit.AuditEntry.object, audit.AuditEntry.outcome, audit.AuditEntry.detail,
    ),
}  # fmt: skip

LISTINGS: Mapping[str, Subject] = {
    "listings": of(
        Listing.created_by, Listing.created_at, Listing.uid, Listing.kind, Listing.status, Listing.updated_at
    ),
    "revisions": of_listing(
        Revision.author_id, Revision.listing_id, Revision.created_at, Revision.number, Revision.state,
        Revision.content,
    ),
    "confidential_files": of_listing(
        files.SealedFile.added_by, files.SealedFile.listing_id, files.SealedFile.added_at,
        files.SealedFile.media_type, files.SealedFile.size,
    ),
    "listing_steps": of_listing(
        listings.TimelineEvent.actor_id, listings.TimelineEvent.listing_id, listings.TimelineEvent.at,
        listings.TimelineEvent.what, listings.TimelineEvent.params,
    ),
    "match_decisions": of(
        learning.Decision.user_id, learning.Decision.at, learning.Decision.demand_uid,
        learning.Decision.offer_uid, learning.Decision.verdict, learning.Decision.reasons,
        learning.Decision.undone_at,
    ),
    "reports_filed": of_listing(
        ReviewItem.reporter, ReviewItem.listing_id, ReviewItem.opened_at, ReviewItem.report_reason,
        ReviewItem.report_text, ReviewItem.decided_at, ReviewItem.decision,
    ),
}  # fmt: skip

STAFF: Mapping[str, Subject] = {
    "brokers_verified": of(Broker.verified_by, Broker.verified_at, Broker.id),
    "revisions_decided": of_listing(
        Revision.decided_by, Revision.listing_id, Revision.decided_at, Revision.number, Revision.state,
        Revision.reason,
    ),
    "reviews_held": of_listing(
        ReviewItem.owner_id, ReviewItem.listing_id, ReviewItem.opened_at, ReviewItem.kind, ReviewItem.due_at
    ),
    "reviews_decided": of_listing(
        ReviewItem.decided_by, ReviewItem.listing_id, ReviewItem.decided_at, ReviewItem.kind,
        ReviewItem.decision, ReviewItem.reason,
    ),
    "erasures_asked": of(
        erasures.ErasureRequest.asked_by, erasures.ErasureRequest.asked_at, erasures.ErasureRequest.uid,
        erasures.ErasureRequest.ground, erasures.ErasureRequest.decision,
    ),
    "erasures_decided": of(
        erasures.ErasureRequest.decided_by, erasures.ErasureRequest.decided_at, erasures.ErasureRequest.uid,
        erasures.ErasureRequest.decision, erasures.ErasureRequest.reason,
    ),
    "classified": of(
        layers.Classification.decided_by, layers.Classification.decided_at, layers.Classification.uid,
        layers.Classification.body,
    ),
    "classifications_undone": of(
        layers.Classification.undone_by, layers.Classification.undone_at, layers.Classification.uid
    ),
    "terms_decided": of(
        terms.TermDecision.decided_by, terms.TermDecision.decided_at, terms.TermDecision.first_term,
        terms.TermDecision.second_term, terms.TermDecision.weight,
    ),
    "terms_undone": of(
        terms.TermDecision.undone_by, terms.TermDecision.undone_at, terms.TermDecision.first_term,
        terms.TermDecision.second_term,
    ),
    "rates_entered": of(
        facts.CurrencyRate.entered_by, facts.CurrencyRate.entered_at, facts.CurrencyRate.currency,
        facts.CurrencyRate.amount, facts.CurrencyRate.units, facts.CurrencyRate.day, facts.CurrencyRate.source,
    ),
    "weights_made": of(
        learning.WeightVersion.made_by, learning.WeightVersion.made_at, learning.WeightVersion.version
    ),
    "technologies_judged": of(
        clusters.MergeLine.actor, clusters.MergeLine.at, clusters.MergeLine.op, clusters.MergeLine.a,
        clusters.MergeLine.b, clusters.MergeLine.note,
    ),
    "exchanges_invited": of(
        peers.PeerInvitation.invited_by, peers.PeerInvitation.created_at, peers.PeerInvitation.node_id
    ),
    "keys_approved": of(
        peers.PeerApproval.approved_by, peers.PeerApproval.approved_at, peers.PeerApproval.kid
    ),
    "catalogues_entered": of(
        sources.Source.entered_by, sources.Source.entered_at, sources.Source.node_id, sources.Source.url
    ),
    "catalogues_approved": of(
        sources.Source.approved_by, sources.Source.approved_at, sources.Source.node_id
    ),
    "batches_sent_again": of(
        exchanges.Replay.asked_by, exchanges.Replay.asked_at, exchanges.Replay.batch_id
    ),
}  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {**ACCOUNT, **LISTINGS, **CASES, **STAFF}

LEFT_OUT: Mapping[str, str] = {
    "autosaves": "told as `drafts`, which have to be opened first",
    "attempts": "known by a keyed hash only, which leads back to nobody",
    "candidates": "pairs of public records; who spoke for a home is owner or operator, never who",
    "deals.asked_by": "a side, not a person",
    "jobs.holder": "a process",
    "leases": "held by processes",
    **dict.fromkeys(
        ("block_keys", "compiled_listings", "embeddings", "matches", "national_ids", "prints", "statistics",
         "term_tables", "facts"),
        "made of public listings, and of nobody",
    ),
    **dict.fromkeys(
        ("published", "replicas", "overlays", "harvested", "harvest_keys"),
        "public records, here and at their homes; those of the own listings are told as `revisions`",
    ),
    **dict.fromkeys(
        ("acknowledged", "effects", "in_batches", "inbound", "issues", "lag_samples", "nonces", "out_batches",
         "outbound", "peer_keys", "peers", "probe_arrivals", "rejects"),
        "what exchanges say to each other about records",
    ),
    **dict.fromkeys(("cursors", "feed_state", "reader_failures", "schedules"), "how far work has come"),
    "licences": "held by organisations",
}  # fmt: skip
"""Table, or column that could name a person, and why it is not told."""
