"""A listing on its owner's side: where it stands, what can be done with it, what others see of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.listing import as_typed
from marketplace.schemas.values import whole
from marketplace.services import (
    completeness,
    duplicates,
    listings,
    matchmaking,
    own_listings,
    reaching,
    revisions,
    sealed_files,
    slices,
    steps,
    suggestions,
    timeline,
)
from marketplace.services.catalogue import Public, published
from marketplace.services.matches import cut
from marketplace.services.own_listings import OwnListing
from marketplace.services.slices import READERS
from marketplace.services.sync import decisions, issues
from marketplace.web.cards import card
from marketplace.web.describing import described, differences, field_label
from marketplace.web.details import details, history
from marketplace.web.filling import Page, typed, version
from marketplace.web.labels import label
from marketplace.web.likeness import because
from marketplace.web.matches import Shown, asked_part, list_page, matches_page, shown_matches
from marketplace.web.request import actor, begin, go, look, say
from marketplace.web.saying import sentence
from marketplace.work import Work
from vocabulary.listing import Sealed
from vocabulary.problems import Problem

own_listing = Blueprint("own_listing", __name__)

MATCHES_SHOWN = 3


@own_listing.get("/desk/listings/<uid>")
def show(uid: str) -> str:
    with look() as work:
        own = own_listings.read(work, actor(), uid)
        listing = steps.find(work, actor(), uid)
        return render_template(
            "desk/listing.html",
            own=own,
            fields=described(own.content),
            pending=differences(own.live, own.content) if own.live else [],
            missing=completeness.missing(own.content),
            matches=_matches(work, own, MATCHES_SHOWN),
            versions=revisions.versions(work, listing),
            events=history(timeline.whole(work, listing)),
            files=sealed_files.files(work, actor(), uid) if own.sealed is not None else [],
            faults=issues.of_listing(work, uid),
            suggestions=decisions.of_listing(work, uid),
            because=because,
        )


@own_listing.get("/desk/listings/<uid>/check")
def check(uid: str) -> Page:
    return _check(uid, ())


@own_listing.post(
    "/desk/listings/<uid>/<any(submit,recall,discard,pause,resume,withdraw,unwithdraw,renew,confirm):step>"
)
def step(uid: str, step: str) -> Page:
    taken: Callable[..., object] = getattr(listings, step)
    try:
        with begin() as work:
            taken(work, actor(), uid, version=version() or None)
    except Invalid as refused:
        return _check(uid, refused.problems)
    say(f"desk.done_{step}")
    return go("own_listing.show", uid=uid)


@own_listing.post("/desk/listings/<uid>/field")
def choose_field(uid: str) -> Response:
    """Take one of the fields that were suggested."""
    with begin() as work:
        own = own_listings.read(work, actor(), uid)
        chosen = own.content.revised(fields=(typed("field"),))
        listings.revise(work, actor(), uid, chosen, version=version())
    return go("own_listing.check", uid=uid)


@own_listing.get("/desk/listings/<uid>/versions")
def versions(uid: str) -> str:
    with look() as work:
        listing = steps.find(work, actor(), uid)
        known = revisions.versions(work, listing)
        newest = known[0].number
        after = request.args.get("after", newest, type=whole)
        before = request.args.get("before", max(after - 1, 1), type=whole)
        changed = differences(
            revisions.content_of(work, listing, before), revisions.content_of(work, listing, after)
        )
        own = own_listings.read(work, actor(), uid)
    return render_template(
        "desk/versions.html", own=own, versions=known, before=before, after=after, differences=changed
    )


@own_listing.get("/desk/listings/<uid>/preview")
def preview(uid: str) -> str:
    reader = request.args.get("as", "public")
    if reader not in READERS:
        abort(404)
    with look() as work:
        own = own_listings.read(work, actor(), uid)
    seen = slices.view(own.content, own.sealed or Sealed(), own.party, reader)
    public = _as_public(own, seen)
    return render_template(
        "desk/preview.html", own=own, reader=reader, readers=READERS, seen=seen, listing=public, card=card(public),
        details=details(seen.content), history=[], alike=[], matches=None, technology=None, report_url="",
        reach=reaching.seen(own.content, own.party, own.confirmed_at, reader),
        classified=None, classify_url="",
    )  # fmt: skip


@own_listing.get("/desk/listings/<uid>/matches")
def matches(uid: str) -> str:
    """The matches it has, or would have if it were published as it is now."""
    with look() as work:
        own = own_listings.read(work, actor(), uid)
        if own.status == "published":
            extent, shown = matches_page(work, uid, **asked_part())
        else:
            found = _matches(work, own, matchmaking.KEPT)
            extent, shown = cut(found, lambda one: one.total, **asked_part())
    subject = _as_public(own, slices.view(own.content, Sealed(), own.party, "public"))
    return list_page(subject, extent, shown, held=own.status != "published")


def _check(uid: str, problems: tuple[Problem, ...]) -> Page:
    """The last look before it is sent: what it says, what it leaves out, and what it resembles."""
    with look() as work:
        own = own_listings.read(work, actor(), uid)
        alike = duplicates.own(work, own.organisation_id, uid, own.content)
        text = f"{own.content.title} {own.content.text.description}"
        suggested = [] if own.content.fields else suggestions.fields(work, text)
    page = render_template(
        "posting/check.html",
        own=own,
        fields=described(own.content, own.sealed),
        checks=completeness.checks(own.content),
        alike=alike,
        suggested=[(code, label("field", code)) for code in suggested],
        problems=[as_typed(problem, own.content) for problem in problems],
        field_label=field_label,
    )
    return (page, Invalid.status) if problems else page


def _as_public(own: OwnListing, seen: slices.View) -> Public:
    """What a page for readers needs, of a listing that may not be public."""
    party = seen.party
    named = (
        {} if party is None else {"name": party.name, "name_en": party.name_en, "province": party.province}
    )
    return Public(
        uid=own.uid,
        kind=own.kind,
        origin=own.uid.partition(":")[0],
        rev=0,
        content=seen.content,
        organisation=named,
        mark=own.mark,
        ground=own.mark_ground,
        published_at=own.published_at,
        updated_at=own.updated_at,
        expires_at=own.expires_at,
    )


def _matches(work: Work, own: OwnListing, limit: int) -> list[Shown]:
    """Stored ones of what is public; else what search would find now, with nothing stored and nobody told."""
    if not matchmaking.matched(own.kind) or own.status in ("withdrawn", "rejected", "suspended"):
        return []
    if own.status == "published":
        return shown_matches(work, own.uid, limit)
    found = matchmaking.preview(work, own.content, uid=own.uid, owner=own.organisation_id, limit=limit)
    scores = [score for score in found if score.total >= matchmaking.WORTH_KEEPING]
    other = "offer" if own.kind == "demand" else "demand"
    partners = [getattr(score, other) for score in scores]
    public = published(work, partners)
    return [
        Shown(shown, score.total, sentence(score.signals), shown.url)
        for score, uid in zip(scores, partners, strict=True)
        if uid in public and (shown := card(public[uid]))
    ]
