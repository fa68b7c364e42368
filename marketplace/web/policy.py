"""Every route and the action of `services.policy` that it needs. A route that is not here is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = (
    "static", "front", "health.live", "health.ready", "pages.home", "pages.terms", "pages.help", "pages.accessibility",
    "catalogue.offers", "catalogue.demands", "catalogue.initiatives", "catalogue.listing",
    "matches.of_listing", "matches.pair", "quality.show", "brokers.register", "brokers.show", "outcomes.public",
)  # fmt: skip

ENTERING = (
    "accounts.register", "accounts.registered", "accounts.confirm", "accounts.sign_in", "accounts.session", "accounts.code",
    "accounts.forgot", "accounts.forgot_sent", "accounts.reset", "accounts.move", "organisations.invitation",
)  # fmt: skip

OWN = (
    "accounts.sign_out", "own_account.show", "own_account.profile", "own_account.password", "own_account.email",
    "own_account.data", "second_factor.show", "second_factor.start", "second_factor.confirm",
    "second_factor.new_codes", "second_factor.turn_off",
    "own_account.confirmation", "own_account.end_session", "own_account.end_other_sessions",
    "organisations.mine",
)  # fmt: skip

BEGINNING = ("posting.new", "posting.create", "posting.autosave_new", "posting.forget_new")

EDITING = (
    "editing.edit", "editing.save", "editing.autosave", "editing.forget", "own_listing.step",
    "own_listing.choose_field", "sealed.attach", "sealed.remove",
)  # fmt: skip

OWN_LISTINGS = (
    "own_listing.show", "own_listing.check", "own_listing.versions", "own_listing.preview", "own_listing.matches",
)  # fmt: skip

MODERATION = ("moderation.queue", "moderation.item", "moderation.decide", "moderation.reassign")

SIGNED = (
    "sync.enrol", "sync.rotate", "sync.session", "sync.batches", "sync.batch", "sync.changes", "sync.record",
    "sync.records", "sync.reconcile", "sync.issues", "sync.retry_issue", "sync.status", "sync.snapshot",
)  # fmt: skip
"""Routes for other exchanges: no cookie and no form token, every request is signed, and so is every answer."""

IN_THE_ROOM = (
    "board.mine", "introductions.new", "deals.room", "deals.step", "deals.agree", "deals.go_direct", "deals.hand_on",
    "deals.write", "deals.add_file", "deals.file", "deals.add_task", "deals.tick", "deals.propose", "deals.answer",
    "deals.call_meeting", "deals.cancel_meeting", "deals.meeting", "deals.invite", "deals.remove", "deals.archive",
    "disclosure.agreement", "disclosure.allow", "disclosure.revoke", "disclosure.part", "disclosure.file",
    "outcomes.claim", "outcomes.attest", "outcomes.dispute", "outcomes.survey",
)  # fmt: skip
"""Signed in is what the route asks; which side may do what is `services.parties.ALLOWED`."""

BOARD = (
    "board.columns", "board.table", "board.dismiss", "board.take", "introductions.shortlist", "promising.pairs",
)  # fmt: skip

BROKERS = ("brokers.own", "brokers.declare", "brokers.undeclare")
CLASSIFYING = ("classifying.queue", "classifying.show", "classifying.decide", "classifying.undo")
GLOSSARY = ("glossary.show", "glossary.decide", "glossary.set_aside", "glossary.undo")

ROUTES: Mapping[str, str] = {
    **dict.fromkeys(PUBLIC, "public.read"),
    **dict.fromkeys(ENTERING, "account.enter"),
    **dict.fromkeys(OWN, "account.own"),
    "organisations.found": "organisation.create",
    "organisations.accept_waiting": "organisation.join",
    "organisations.show": "organisation.read",
    "organisations.leave": "organisation.read",
    "organisations.describe": "organisation.manage",
    "organisations.invite": "organisation.manage",
    "organisations.revoke": "organisation.manage",
    "organisations.member": "organisation.manage",
    "matches.mine": "desk.read",
    "matches.decide": "match.decide",
    "quality.versions": "operations.read",
    "quality.exposure": "operations.read",
    "quality.act": "operations.act",
    "rates.show": "operations.read",
    "rates.enter": "operations.act",
    **dict.fromkeys(BEGINNING, "draft.start"),
    **dict.fromkeys(EDITING, "listing.edit"),
    **dict.fromkeys(OWN_LISTINGS, "listing.own.read"),
    **dict.fromkeys(IN_THE_ROOM, "deal.read"),
    **dict.fromkeys(BOARD, "board.read"),
    **dict.fromkeys(BROKERS, "broker.enter"),
    "brokers.verify": "broker.verify",
    "brokers.waiting": "operations.read",
    "posting.money": "public.read",
    "desk.mine": "desk.read",
    "desk.all_notices": "desk.read",
    "desk.read_notices": "desk.read",
    "sealed.file": "listing.sealed.read",
    **dict.fromkeys(MODERATION, "review.work"),
    **dict.fromkeys(GLOSSARY, "terms.edit"),
    **dict.fromkeys(CLASSIFYING, "listing.classify"),
    "moderation.listing": "listing.mark",
    **dict.fromkeys(("erasures.index", "erasures.new", "erasures.show", "erasures.decide"), "listing.erase"),
    "reports.new": "listing.report",
    **dict.fromkeys(("sync.card", "sync.keys", "sync.shape"), "public.read"),
    **dict.fromkeys(SIGNED, "exchange.speak"),
    "exchanges.index": "exchanges.read",
    "exchanges.show": "exchanges.read",
    "exchanges.invite": "exchanges.manage",
    "exchanges.decide": "exchanges.manage",
    "exchanges.set_status": "exchanges.manage",
    "exchanges.revoke_key": "exchanges.manage",
    "exchanges.roll_back": "exchanges.manage",
    **dict.fromkeys(("exchanges.go_on", "exchanges.waive"), "exchanges.operate"),
    "sources.show": "exchanges.read",
    "sources.judge": "exchanges.manage",
    **dict.fromkeys(("sources.new", "sources.act", "sources.decide"), "exchanges.operate"),
    **dict.fromkeys(("clusters.queue", "clusters.case", "clusters.decide"), "clusters.review"),
    "clusters.follow": "public.read",
    "suggested.index": "exchanges.read",
    **dict.fromkeys(("suggested.show", "suggested.answer"), "suggestion.answer"),
    "syncing.show": "exchanges.read",
    **dict.fromkeys(("syncing.act", "syncing.replay", "syncing.send_record"), "exchanges.operate"),
    "operations.jobs": "operations.read",
    "operations.job": "job.own",
    "operations.act": "job.own",
}
