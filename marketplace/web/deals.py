"""The deal room: one page of a case, and the forms on it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Blueprint, g, render_template, request, send_file
from flask import Response as Answer
from werkzeug.wrappers import Response

from marketplace.errors import Conflict, Invalid, Stale
from marketplace.languages import catalogue
from marketplace.meetings import calendar
from marketplace.models.rooms import Meeting
from marketplace.services import (
    assigning,
    brokerage,
    case_file,
    introductions,
    parties,
    room_files,
    room_page,
    rooms,
    stages,
    term_sheets,
)
from marketplace.services.uploads import Upload
from marketplace.web import errors
from marketplace.web.choices import form_options, industry_options
from marketplace.web.filling import Page, day, moment, sent_file, typed, version
from marketplace.web.request import actor, begin, go, look, runtime, say
from marketplace.work import Work
from vocabulary.problems import Problem

deals = Blueprint("deals", __name__)

IN_MEMORY = 8 * 1024 * 1024
"""Bytes of an archive that is put together in memory; a larger one in a temporary file."""


@deals.get("/deals/<deal_id>")
def room(deal_id: str) -> Page:
    return _room(deal_id)


def _room(deal_id: str, refused: Invalid | Conflict | None = None) -> Page:
    """The room; with everything that was typed when it was `refused`, and what is wrong or stands in the way."""
    problems = refused.problems if isinstance(refused, Invalid) else ()
    with look() as work:
        page = render_template(
            "deals/room.html", room=room_page.room(work, actor(), deal_id), problems=problems, values=request.form,
            reasons=stages.REASONS, stages=stages.STAGES[:7], sides=parties.SIDES, guests=parties.GUESTS,
            forms=form_options(), industries=industry_options(), ends_at=rooms.ends_at,
            in_the_way=_said(refused) if isinstance(refused, Conflict) else "",
        )  # fmt: skip
    return (page, refused.status) if refused else page


def _said(refused: Conflict) -> str:
    if isinstance(refused, Stale):
        return catalogue(g.language).gettext("room.moved_on")
    return errors.sentence(refused)


def _done(deal_id: str, act: Callable[[Work], object], note: str, anchor: str = "") -> Page:
    """Do one thing and come back to the room; with what is wrong and everything typed when it is refused."""
    try:
        with begin() as work:
            act(work)
    except (Invalid, Conflict) as refused:
        return _room(deal_id, refused)
    say(note)
    return go("deals.room", deal_id=deal_id, _anchor=anchor or None)


@deals.post("/deals/<deal_id>/step")
def step(deal_id: str) -> Page:
    taken = lambda work: brokerage.advance(  # noqa: E731 - the form's step, named for what follows
        work,
        actor(),
        deal_id,
        typed("step"),
        version=version() or None,
        note=typed("note"),
        reason=typed("reason"),
    )
    return _done(deal_id, taken, "deal.step_done")


@deals.post("/deals/<deal_id>/agree")
def agree(deal_id: str) -> Page:
    return _done(deal_id, lambda work: introductions.agree(work, actor(), deal_id), "deal.agreed_now")


@deals.post("/deals/<deal_id>/direct")
def go_direct(deal_id: str) -> Page:
    return _done(deal_id, lambda work: introductions.go_direct(work, actor(), deal_id), "deal.direct_now")


@deals.post("/deals/<deal_id>/hand-on")
def hand_on(deal_id: str) -> Page:
    """Another broker. The one who refuses has no seat in the room any more."""
    try:
        with begin() as work:
            side = parties.seat(work, actor(), deal_id, "read").side
            chosen = assigning.hand_on(work, actor(), deal_id, typed("why"), version=version() or None)
    except (Invalid, Conflict) as refused:
        return _room(deal_id, refused)
    say("deal.handed_on" if chosen else "deal.handed_on_to_nobody", "ok" if chosen else "warn")
    return go("board.columns") if side == "broker" else go("deals.room", deal_id=deal_id)


@deals.post("/deals/<deal_id>/messages")
def write(deal_id: str) -> Page:
    return _with_file(
        deal_id, "attachment", "room.sent", "messages",
        lambda work, file: rooms.write(work, actor(), deal_id, typed("text"), file),
    )  # fmt: skip


@deals.post("/deals/<deal_id>/files")
def add_file(deal_id: str) -> Page:
    def act(work: Work, file: Upload | None) -> None:
        if file is None:
            raise Invalid([Problem("file", "required")])
        room_files.add(work, actor(), deal_id, file)

    return _with_file(deal_id, "file", "room.file_added", "files", act)


def _with_file(
    deal_id: str, name: str, note: str, anchor: str, act: Callable[[Work, Upload | None], object]
) -> Page:
    """Do one thing with the file that was sent, if any; nobody's file is examined who has no seat in the room."""
    with look() as work:
        parties.seat(work, actor(), deal_id, "read")
    try:
        file = sent_file(name)
    except Invalid as refused:
        return _room(deal_id, refused)
    return _done(deal_id, lambda work: act(work, file), note, anchor)


@deals.get("/deals/<deal_id>/files/<file_id>")
def file(deal_id: str, file_id: str) -> Response:
    """Always as a download, never shown inside our own pages."""
    with begin() as work:
        known, data = room_files.read(work, actor(), deal_id, file_id)
    return download(data, known.media_type, known.name)


@deals.post("/deals/<deal_id>/tasks")
def add_task(deal_id: str) -> Page:
    def act(work: Work) -> None:
        due = day("due_on") if typed("due_on").strip() else None
        rooms.add_task(work, actor(), deal_id, title=typed("title"), side=typed("side"), due_on=due)

    return _done(deal_id, act, "room.task_added", "tasks")


@deals.post("/deals/<deal_id>/tasks/<task_id>")
def tick(deal_id: str, task_id: str) -> Page:
    done = bool(typed("done"))
    ticked = lambda work: rooms.tick(work, actor(), deal_id, task_id, done=done)  # noqa: E731
    return _done(deal_id, ticked, "room.task_ticked", "tasks")


@deals.post("/deals/<deal_id>/terms")
def propose(deal_id: str) -> Page:
    def act(work: Work) -> None:
        terms = term_sheets.read(
            request.form, territory=typed("territory").split(), uses=request.form.getlist("uses")
        )
        term_sheets.propose(work, actor(), deal_id, terms)

    return _done(deal_id, act, "room.proposed", "terms")


@deals.post("/deals/<deal_id>/terms/<int(max=999999999):number>")
def answer(deal_id: str, number: int) -> Page:
    given = lambda work: term_sheets.answer(work, actor(), deal_id, number, typed("answer"))  # noqa: E731
    return _done(deal_id, given, "room.answered", "terms")


@deals.post("/deals/<deal_id>/meetings")
def call_meeting(deal_id: str) -> Page:
    called = lambda work: rooms.call_meeting(  # noqa: E731
        work, actor(), deal_id, title=typed("meeting_title"), place=typed("place"), starts_at=moment(),
        minutes=typed("minutes").strip(),
    )  # fmt: skip
    return _done(deal_id, called, "room.meeting_called", "meetings")


@deals.post("/deals/<deal_id>/meetings/<meeting_id>/cancel")
def cancel_meeting(deal_id: str, meeting_id: str) -> Page:
    gone = lambda work: rooms.cancel_meeting(work, actor(), deal_id, meeting_id)  # noqa: E731
    return _done(deal_id, gone, "room.meeting_off", "meetings")


@deals.get("/deals/<deal_id>/meetings/<meeting_id>.ics")
def meeting(deal_id: str, meeting_id: str) -> Response:
    with look() as work:
        written = _calendar(rooms.meeting(work, parties.seat(work, actor(), deal_id, "read"), meeting_id))
    return download(written, "text/calendar; charset=utf-8", "giao.ics")


@deals.post("/deals/<deal_id>/guests")
def invite(deal_id: str) -> Page:
    let_in = lambda work: rooms.invite(  # noqa: E731
        work, actor(), deal_id, email=typed("email"), side=typed("guest_side")
    )
    return _done(deal_id, let_in, "room.guest_in", "people")


@deals.post("/deals/<deal_id>/guests/<user_id>/remove")
def remove(deal_id: str, user_id: str) -> Page:
    return _done(
        deal_id, lambda work: rooms.remove(work, actor(), deal_id, user_id), "room.guest_out", "people"
    )


@deals.get("/deals/<deal_id>/archive")
def archive(deal_id: str) -> Response:
    """The complete case as one file."""
    packed = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed with the answer
    try:
        with look() as work:
            case_file.write(work, actor(), deal_id, packed)
        with begin() as work:
            case_file.taken(work, actor(), deal_id)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    answer = send_file(packed, "application/zip", as_attachment=True, download_name="giao.zip")
    answer.call_on_close(packed.close)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _calendar(found: Meeting) -> bytes:
    """The meeting as calendars take it."""
    return calendar(
        uid=f"{found.id}@{runtime().settings.node_id}.giao", title=found.title, place=found.place,
        starts_at=found.starts_at, minutes=found.minutes, written_at=found.at, sequence=found.sequence,
        cancelled=found.cancelled_at is not None,
    )  # fmt: skip


def download(data: bytes, media_type: str, name: str) -> Answer:
    answer = send_file(BytesIO(data), media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
