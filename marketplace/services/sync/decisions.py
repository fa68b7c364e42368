"""What a home says to the suggestion that a record of its is the same technology as another home's.

The answer is a record of the home, and goes the way all its records go. One suggestion has one answer; it may change. It
names when the question was asked, as the question says: asked anew, an answer from before counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from exchange.clusters import Answer
from exchange.items import UID
from marketplace.errors import Invalid, NotFound
from marketplace.models.exchanges import Overlay
from marketplace.models.listings import Listing, Revision
from marketplace.services import audit, feed, notices, wording
from marketplace.services.feed import Record
from marketplace.services.policy import Actor, may, permit
from marketplace.work import Work
from vocabulary.listing import from_record
from vocabulary.problems import Problem
from vocabulary.text import clean

KIND = "decision"
LAYER = "suggestion"
ACTION = "suggestion.answer"
LONGEST_NOTE = 500
LONGEST_MOMENT = 40
ANSWERS = tuple(str(answer) for answer in Answer)
SPEAKERS = ("owner", "operator")
"""Who has answered for a home; nobody's name leaves it."""
MANY = 200


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair as the home of one of its records sees it."""

    uid: str
    about: str
    title: str
    """Of our listing, as it is published."""
    anonymous: bool
    """Our listing hides its organisation, so that one beside it could tell whose it is."""
    other: Mapping[str, str]
    """uid, home, title, organisation and url of the other home's record."""
    score: int
    reasons: tuple[Mapping[str, Any], ...]
    state: str
    by: str
    note: str
    """What the other home has written."""
    asked_at: datetime
    days: int
    answer: str
    """What we have answered; empty as long as we have not."""
    own_note: str

    @property
    def until(self) -> datetime:
        """When a reviewer is asked instead."""
        return self.asked_at + timedelta(days=self.days)

    @property
    def waits(self) -> bool:
        return self.state == "open" and not self.answer


def of_listing(work: Work, uid: str) -> list[Suggestion]:
    """The suggestions about a listing of ours."""
    return _read(work, list(work.session.scalars(_laid().where(Overlay.about == uid))))


def waiting(work: Work, actor: Actor) -> list[Suggestion]:
    """All suggestions about our records, those that wait for an answer first."""
    permit(actor, "exchanges.read")
    found = _read(work, list(work.session.scalars(_laid().limit(MANY))))
    return sorted(found, key=lambda one: (not one.waits, one.asked_at))


def one(work: Work, actor: Actor, uid: str) -> Suggestion:
    """Raises `NotFound` or `Forbidden`."""
    return _read(work, [_asked(work, actor, uid)])[0]


def answer(work: Work, actor: Actor, uid: str, said: str, note: str = "") -> None:
    """Answer a suggestion, or answer it otherwise than before. Raises `NotFound`, `Forbidden` or `Invalid`."""
    overlay = _asked(work, actor, uid)
    if said not in ANSWERS:
        raise Invalid([Problem("answer", "required")])
    note = wording.taken("note", note, LONGEST_NOTE)
    by = "operator" if may(actor, "exchanges.operate") else "owner"
    body = {
        "suggestion": uid, "about": overlay.about, "other": str(overlay.body["other"]["uid"]), "answer": said,
        "by": by, "note": note, "asked_at": overlay.body["asked_at"],
    }  # fmt: skip
    feed.write(work, [Record(_answer_to(work, uid), KIND, "upsert", body)])
    audit.record(work, actor, f"suggestion.{said}", overlay.about, other=body["other"])


def _asked(work: Work, actor: Actor, uid: str) -> Overlay:
    overlay = work.session.get(Overlay, uid)
    if overlay is None or overlay.layer != LAYER:
        raise NotFound("not_found")
    home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == overlay.about))
    permit(actor, ACTION, home or "")
    return overlay


def arrived(work: Work, uid: str, body: Mapping[str, Any]) -> None:
    """A suggestion from the national exchange: the people of the listing are told once."""
    about, asked_at = str(body.get("about", "")), str(body.get("asked_at", ""))
    statement = (
        select(Listing.organisation_id, Revision.title)
        .join(Revision, Revision.id == Listing.working_id)
        .where(Listing.uid == about)
    )
    for organisation_id, title in work.session.execute(statement):
        notices.tell_organisation(
            work,
            organisation_id,
            key=f"suggestion:{uid}:{asked_at}",
            what="suggestion",
            target=about,
            params={"title": title},
        )


def problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with an answer that has arrived."""
    for name in ("suggestion", "about", "other"):
        if not isinstance(said := body.get(name), str) or UID.fullmatch(said) is None:
            yield Problem(name, "required")
    if not isinstance(at := body.get("asked_at"), str) or len(at) > LONGEST_MOMENT or not at.isprintable():
        yield Problem("asked_at", "required")
    for name, known in (("answer", ANSWERS), ("by", SPEAKERS)):
        if body.get(name) not in known:
            yield Problem(name, "code.unknown", {"value": str(body.get(name))[:40], "list": KIND})
    note = body.get("note", "")
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        yield Problem("note", "text.too_long", {"limit": str(LONGEST_NOTE), "length": str(len(str(note)))})


def shown(body: Mapping[str, Any]) -> dict[str, str]:
    """An answer as it is kept to be read."""
    names = ("suggestion", "about", "other", "answer", "by", "asked_at")
    return {**{name: body[name] for name in names}, "note": clean(body.get("note", ""))}


def _laid() -> Any:
    return select(Overlay).where(Overlay.layer == LAYER).order_by(Overlay.uid)


def _read(work: Work, overlays: list[Overlay]) -> list[Suggestion]:
    answers = {one.uid: _answer_to(work, one.uid) for one in overlays}
    rows = feed.rows(work, [*answers.values(), *(one.about for one in overlays)])
    return [
        _suggestion(one, _said(rows.get(one.about)), _said(rows.get(answers[one.uid]))) for one in overlays
    ]


def _said(row: feed.Row | None) -> Mapping[str, Any]:
    return row.body if row is not None and row.live else {}


def _suggestion(one: Overlay, ours: Mapping[str, Any], answered: Mapping[str, Any]) -> Suggestion:
    body = one.body
    if answered.get("asked_at") != body["asked_at"]:
        answered = {}
    return Suggestion(
        uid=one.uid,
        about=one.about,
        title=from_record(ours["content"]).title if ours else one.about,
        anonymous=bool(ours) and not ours.get("organisation"),
        other=body["other"],
        score=int(body["score"]),
        reasons=tuple(body["reasons"]),
        state=body["state"],
        by=body["by"],
        note=body["note"],
        asked_at=datetime.fromisoformat(body["asked_at"]),
        days=int(body["days"]),
        answer=answered.get("answer", ""),
        own_note=answered.get("note", ""),
    )


def _answer_to(work: Work, uid: str) -> str:
    """The id of our answer: it has the last part of the suggestion's, so that there is one and nobody keeps a list."""
    return f"{work.runtime.settings.node_id}:{KIND}:{uid.split(':')[2]}"
