"""What is said and agreed upon in a deal room: messages, tasks, meetings, and who was invited in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.accounts import User
from marketplace.models.deals import Party
from marketplace.models.rooms import DealTask, Meeting, Message
from marketplace.services import audit, deal_log, parties, room_files
from marketplace.services.parties import Seat
from marketplace.services.policy import Actor
from marketplace.services.uploads import Upload
from marketplace.services.wording import taken
from marketplace.work import Work
from vocabulary.problems import Problem

LONGEST_MESSAGE = 8_000
LONGEST_TITLE = 200
SHORTEST_MEETING, LONGEST_MEETING = 10, 600  # minutes


def write(work: Work, actor: Actor, deal_id: str, text: str, attached: Upload | None = None) -> Message:
    """Leave a message, with a file or without. Raises `Invalid` when it is empty or too long."""
    # A file becomes the next version of its name: who brings one holds the case, before the message refers to it.
    find = parties.seat if attached is None else parties.hold
    held = find(work, actor, deal_id, "message")
    message = Message(
        id=new_id(), deal_id=deal_id, author_id=actor.user_id, side=held.side,
        text=taken("text", text, LONGEST_MESSAGE, needed=attached is None), at=work.now,
    )  # fmt: skip
    work.session.add(message)
    work.session.flush()
    if attached is not None:
        room_files.keep(work, actor, held, attached, message_id=message.id)
    deal_log.tell(work, actor, held.deal, "message", side=held.side)
    return message


# -- tasks ------------------------------------------------------------------------------------------------------------


def add_task(
    work: Work, actor: Actor, deal_id: str, *, title: str, side: str, due_on: date | None
) -> DealTask:
    """Set one side a task."""
    held = parties.seat(work, actor, deal_id, "task")
    if side not in parties.SIDES:
        raise Invalid([Problem("side", "required")])
    task = DealTask(
        id=new_id(), deal_id=deal_id, title=taken("title", title, LONGEST_TITLE, needed=True), side=side,
        due_on=due_on, added_by=actor.user_id, at=work.now,
    )  # fmt: skip
    work.session.add(task)
    deal_log.tell(work, actor, held.deal, "task", side=held.side, title=task.title)
    return task


def tick(work: Work, actor: Actor, deal_id: str, task_id: str, *, done: bool) -> None:
    """Mark a task as done, or as not done after all. What it is already changes nothing: two may press at once."""
    held = parties.seat(work, actor, deal_id, "task")
    task = work.session.get(DealTask, task_id, with_for_update=True)
    if task is None or task.deal_id != deal_id:
        raise NotFound("not_found")
    if done == (task.done_at is not None):
        return
    task.done_at = work.now if done else None
    deal_log.tell(
        work, actor, held.deal, "task_done" if done else "task_open", side=held.side, title=task.title
    )


# -- meetings ---------------------------------------------------------------------------------------------------------


def call_meeting(
    work: Work, actor: Actor, deal_id: str, *, title: str, place: str, starts_at: datetime, minutes: str
) -> Meeting:
    """Invite everybody in the room to meet. Raises `Invalid` for a time that is over or a length that is none."""
    held = parties.seat(work, actor, deal_id, "meet")
    if starts_at <= work.now:
        raise Invalid([Problem("starts_at", "meeting.past")])
    if minutes not in map(str, range(SHORTEST_MEETING, LONGEST_MEETING + 1)):
        least, most = str(SHORTEST_MEETING), str(LONGEST_MEETING)
        raise Invalid([Problem("minutes", "meeting.length", {"least": least, "most": most})])
    meeting = Meeting(
        id=new_id(), deal_id=deal_id, title=taken("meeting_title", title, LONGEST_TITLE, needed=True),
        place=taken("place", place, LONGEST_TITLE), starts_at=starts_at, minutes=int(minutes),
        called_by=actor.user_id, at=work.now,
    )  # fmt: skip
    work.session.add(meeting)
    deal_log.tell(work, actor, held.deal, "meeting", side=held.side, title=meeting.title)
    return meeting


def cancel_meeting(work: Work, actor: Actor, deal_id: str, meeting_id: str) -> None:
    held = parties.hold(work, actor, deal_id, "meet")
    found = meeting(work, held, meeting_id)
    if found.cancelled_at is not None:
        raise Conflict("meeting_cancelled")
    found.cancelled_at = work.now
    found.sequence += 1
    deal_log.tell(work, actor, held.deal, "meeting_cancelled", side=held.side, title=found.title)


def meeting(work: Work, held: Seat, meeting_id: str) -> Meeting:
    found = work.session.get(Meeting, meeting_id)
    if found is None or found.deal_id != held.deal.id:
        raise NotFound("not_found")
    return found


def ends_at(found: Meeting) -> datetime:
    return found.starts_at + timedelta(minutes=found.minutes)


# -- guests -----------------------------------------------------------------------------------------------------------


def invite(work: Work, actor: Actor, deal_id: str, *, email: str, side: str) -> None:
    """Let a funder or an adviser in, by the address of the account. Raises `Invalid` when there is none to let in.

    Whoever sits here already, on another side, cannot be a guest as well.
    """
    held = parties.hold(work, actor, deal_id, "invite")
    if side not in parties.GUESTS:
        raise Invalid([Problem("guest_side", "required")])
    user = work.session.scalar(select(User).where(User.email == email.strip().casefold()))
    if user is None or user.disabled_at is not None or user.email_confirmed_at is None:
        raise Invalid([Problem("email", "room.no_account")])
    if any(user.id in parties.people(work, held.deal, one) for one in parties.SIDES):
        raise Invalid([Problem("email", "room.sits_already")])
    known = work.session.scalar(select(Party).where(Party.deal_id == deal_id, Party.user_id == user.id))
    guest = known or Party(id=new_id(), deal_id=deal_id, user_id=user.id)
    guest.side, guest.added_at, guest.removed_at = side, work.now, None
    work.session.add(guest)
    work.session.flush()
    deal_log.tell(work, actor, held.deal, "invited", side=held.side, name=user.name)
    audit.record(work, actor, "deal.invite", deal_id, user=user.id, side=side)


def remove(work: Work, actor: Actor, deal_id: str, user_id: str) -> None:
    """Show a guest out. What he is reading just then he may finish; the next page is closed to him."""
    held = parties.hold(work, actor, deal_id, "invite")
    guest = work.session.scalar(select(Party).where(Party.deal_id == deal_id, Party.user_id == user_id))
    if guest is None or guest.removed_at is not None:
        raise NotFound("not_found")
    guest.removed_at = work.now
    work.session.flush()
    name = work.session.get_one(User, user_id).name
    deal_log.tell(work, actor, held.deal, "removed", side=held.side, name=name)
    audit.record(work, actor, "deal.remove", deal_id, user=user_id)
