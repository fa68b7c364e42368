"""What happened to a listing, step by step: a public part for anybody, the rest for owner and moderators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.models.accounts import User
from marketplace.models.listings import Listing, TimelineEvent
from marketplace.services.policy import Actor
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline. `what` is the message `timeline.<what>`; the public timeline names nobody."""

    at: datetime
    what: str
    params: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    public: bool = True


def tell(work: Work, actor: Actor, listing_id: str, what: str, *, public: bool, **params: Any) -> None:
    """Add an event. Nothing sealed may stand in `params`: they are kept as they are."""
    work.session.add(
        TimelineEvent(
            id=new_id(),
            listing_id=listing_id,
            at=work.now,
            what=what,
            actor_id=actor.user_id or None,
            params=params,
            public=public,
        )
    )


def public(work: Work, uid: str) -> list[Event]:
    """What anybody may know of the life of a listing published once, newest first; no names, no reasons."""
    told = select(TimelineEvent.at, TimelineEvent.what).join(Listing, Listing.id == TimelineEvent.listing_id)
    shown = told.where(Listing.uid == uid, TimelineEvent.public, Listing.published_at.is_not(None))
    newest = shown.order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc())
    return [Event(at, what) for at, what in work.session.execute(newest)]


def whole(work: Work, listing: Listing) -> list[Event]:
    """Everything, with who did it, newest first: for those to whom `steps.find` gave the listing."""
    told = select(
        TimelineEvent.at, TimelineEvent.what, TimelineEvent.params, User.name, TimelineEvent.public
    ).outerjoin(User, User.id == TimelineEvent.actor_id)
    own = told.where(TimelineEvent.listing_id == listing.id)
    newest = own.order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc())
    return [
        Event(at, what, params, by or "", shown)
        for at, what, params, by, shown in work.session.execute(newest)
    ]
