"""What people do on one exchange of a run: post, revise, withdraw, bring a file. Each answers after its commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.errors import Conflict
from marketplace.models.listings import Listing, Revision
from marketplace.runtime import Runtime
from marketplace.services import owners, steps
from marketplace.services.bulk import Item, post_many
from marketplace.services.importing import Wish, import_file
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import Work, begin
from vocabulary.listing import Content, Text, from_record

Said = Mapping[str, Any]
OWNER = "Viện {}"


def write(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Post the listing of this `source`, or revise it, public at once."""
    text = Text(title=asked["title"], description=asked["title"])
    return _posted(runtime, asked, lambda work, owner: Content("offer", "vi", {"vi": text}))


def revise(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Give a listing that a file brought another title; all else of it stays."""

    def content(work: Work, owner: str) -> Content:
        known = from_record(
            work.session.execute(
                select(Revision.content)
                .join(Listing, Listing.working_id == Revision.id)
                .where(Listing.organisation_id == owner, Listing.source_id == asked["source"])
            ).scalar_one()
        )
        text = replace(known.texts[known.language], title=asked["title"])
        return known.revised(texts={**known.texts, known.language: text})

    return _posted(runtime, asked, content)


def _posted(runtime: Runtime, asked: Said, content: Any) -> dict[str, Any]:
    with begin(runtime) as work:
        owner = owners.find_or_create(work, owner_of(runtime)).id
        item = Item(asked["source"], asked["title"], content(work, owner))
        (outcome,) = post_many(work, SYSTEM, owner, [item], publish=True)
    if outcome.result == "refused":
        return {"broken": f"refused: {outcome.problems}"}
    return {"uid": outcome.uid, "result": outcome.result}


def withdraw(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with begin(runtime) as work:
        try:
            home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == asked["uid"]))
            owner = Actor(name="chủ hồ sơ", roles={str(home): frozenset({"owner"})}, confirmed=True)
            listing = steps.hold(work, owner, asked["uid"], "listing.edit")
            steps.take(work, owner, listing, "withdraw")
        except Conflict:
            return {"result": "gone"}
    return {"result": "withdrawn"}


def load(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Import a file, public at once, as `giao import --create-owner --publish` does."""
    wish = Wish(owner=owner_of(runtime), create_owner=True, publish=True)
    tally = import_file(
        runtime, SYSTEM, Path(asked["path"]), wish, complain=lambda complaint: None, report=lambda tally: None
    )
    return {"counts": dict(tally.counts)}


def owner_of(runtime: Runtime) -> str:
    """The one organisation that posts on an exchange of a run."""
    return OWNER.format(runtime.settings.node_id)
