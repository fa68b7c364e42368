"""What is wrong with single records: opened where they were received, told to their home, closed when it is mended.

The receiver publishes each issue in its own feed as a record of kind `sync_issue` for the home alone; there it
becomes a line on the page of the listing and a notice for its people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import and_, func, select, update

from exchange.items import LONGEST_DETAIL, LONGEST_PATH, Flaw
from marketplace.db import new_id
from marketplace.errors import Conflict, NotFound
from marketplace.models.exchanges import Issue, Reject
from marketplace.models.listings import Listing, Revision
from marketplace.services import audit, feed, notices
from marketplace.services.feed import Record
from marketplace.services.policy import Actor, permit
from marketplace.work import Work
from vocabulary.text import one_line

KIND = "sync_issue"
MOST_PROBLEMS = 20
"""Of one record; whoever mends these sees the rest."""
LONGEST_PARAM = 100
"""Characters of a bad value that are told back."""
LONGEST_CODE = 100
MANY = 200
"""Issues shown on a page or in one answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a record. `path` is a JSON pointer into it; `code` is a message `problem.<code>` that
    `params` fill, or `sync.fault_<code>`; `detail` a sentence for whoever knows neither."""

    code: str
    path: str = ""
    detail: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, flaw: Flaw) -> Self:
        return cls(flaw.code, flaw.path, flaw.detail, flaw.params)


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """An issue as pages show it, after the transaction that has read it."""

    id: str
    uid: str
    rev: int
    code: str
    path: str
    detail: str
    params: Mapping[str, str]
    opened_at: datetime
    refused: bool
    """Whether the record was not taken in at all; else it is held until it is mended."""

    @classmethod
    def of(cls, issue: Issue, *, refused: bool = False) -> Self:
        return cls(
            issue.id, issue.uid, issue.rev, issue.code, issue.path, issue.detail, issue.params, issue.opened_at,
            refused,
        )  # fmt: skip


def open_for(
    work: Work, uid: str, rev: int, faults: Sequence[Fault], *, origin: str, raw_sha256: str = ""
) -> str:
    """Open issues for this revision in place of what was open; the id of the first. The same bytes that come again with the
    same faults are no new issue, and none once somebody has let them rest."""
    if known := _known(work, uid, faults[:MOST_PROBLEMS], origin, raw_sha256):
        return known
    close(work, [uid], origin=origin)
    made = [
        Issue(
            id=new_id(), origin=origin, uid=uid, rev=rev, code=fault.code, raw_sha256=raw_sha256, state="open",
            opened_at=work.now, **_told(fault.path, fault.detail, fault.params),
        )
        for fault in faults[:MOST_PROBLEMS]
    ]  # fmt: skip
    work.session.add_all(made)
    _tell_home(work, made)
    return made[0].id if made else ""


def _known(work: Work, uid: str, faults: Sequence[Fault], origin: str, raw_sha256: str) -> str:
    """The first of these issues, where they stand already; empty where they do not, or where nobody kept the bytes."""
    same = and_(Issue.origin == origin, Issue.uid == uid, Issue.raw_sha256 == raw_sha256)
    standing = select(Issue.code, Issue.id).where(same, Issue.state != "fixed").order_by(Issue.id)
    found = work.session.execute(standing).all() if raw_sha256 else ()
    if found and sorted(one.code for one in found) == sorted(fault.code for fault in faults):
        return str(found[0].id)
    return ""


def close(work: Work, uids: Sequence[str], *, origin: str, codes: Collection[str] = ()) -> int:
    """Whatever was wrong with these records of what `origin` has sent, or what has one of the `codes`, is no more; how many
    issues.

    An exchange may name any record of another one, and records without a name are not one record.
    """
    named = [uid for uid in uids if uid]
    which = [Issue.code.in_(codes)] if codes else []
    closing = (
        update(Issue)
        .where(Issue.uid.in_(named), Issue.origin == origin, Issue.state != "fixed", *which)
        .values(state="fixed", closed_at=work.now)
        .returning(Issue)
    )
    closed = list(work.session.scalars(closing, execution_options={"populate_existing": True}))
    _tell_home(work, closed)
    return len(closed)


def waive(work: Work, actor: Actor, origin: str, issue_id: str) -> None:
    """Somebody has looked: here nothing will be done about a record of this exchange that was refused. To its home it stays
    open until that sends it well. Raises `NotFound`, and `Conflict` for one that is held, which its home can mend."""
    permit(actor, "exchanges.operate")
    issue = work.session.get(Issue, issue_id, with_for_update=True)
    if issue is None or issue.origin != origin:
        raise NotFound("not_found")
    if work.session.get(Reject, issue.raw_sha256) is None:
        raise Conflict("issue_of_held")
    if issue.state == "open":
        audit.record(work, actor, "issue.waive", issue.uid or issue.id, code=issue.code)
        issue.state, issue.closed_at = "waived", work.now


def opened(work: Work, origin: str, *, since: str = "", limit: int = MANY) -> list[Issue]:
    """Issues of an exchange's records, oldest first, after the id `since`; closed ones too."""
    statement = select(Issue).where(Issue.origin == origin, Issue.id > since).order_by(Issue.id).limit(limit)
    return list(work.session.scalars(statement))


def open_now(work: Work, origin: str) -> tuple[OpenIssue, ...]:
    """Those of an exchange's records that are open, the newest first."""
    statement = (
        select(Issue, Reject.sha256)
        .outerjoin(Reject, Reject.sha256 == Issue.raw_sha256)
        .where(Issue.origin == origin, Issue.state == "open")
        .order_by(Issue.id.desc())
        .limit(MANY)
    )
    return tuple(OpenIssue.of(one, refused=raw is not None) for one, raw in work.session.execute(statement))


def counts(work: Work) -> dict[str, int]:
    """Origin -> issues that are open."""
    statement = select(Issue.origin, func.count()).where(Issue.state == "open").group_by(Issue.origin)
    return dict(work.session.execute(statement).all())


def of_listing(work: Work, uid: str) -> list[OpenIssue]:
    """What the national exchange has against a listing of ours now."""
    statement = select(Issue).where(Issue.uid == uid, Issue.state == "open").order_by(Issue.id)
    return [OpenIssue.of(issue) for issue in work.session.scalars(statement.limit(MOST_PROBLEMS))]


def as_body(issue: Issue) -> dict[str, Any]:
    """As its home is told. What was let rest here is still to be mended there."""
    return {
        "about": issue.uid, "rev": issue.rev, "code": issue.code, "path": issue.path,
        "params": issue.params, "detail": issue.detail,
        "state": "fixed" if issue.state == "fixed" else "open", "opened_at": issue.opened_at.isoformat(timespec="seconds"),
    }  # fmt: skip


def arrived(work: Work, issue_id: str, body: dict[str, Any]) -> None:
    """An issue from the national exchange about a record of ours; its people are told once."""
    uid = one_line(str(body["about"]), LONGEST_PARAM)
    mine = work.runtime.settings.node_id
    if uid.partition(":")[0] != mine:
        return
    known = work.session.get(Issue, issue_id)
    if known is None:
        known = Issue(
            id=issue_id, origin=mine, uid=uid, rev=int(body["rev"]), code=one_line(str(body["code"]), LONGEST_CODE),
            opened_at=work.now, **_told(str(body["path"]), str(body["detail"]), body["params"]),
        )  # fmt: skip
        work.session.add(known)
    known.state = str(body["state"])
    known.closed_at = None if known.state == "open" else work.now
    work.session.flush()
    if known.state == "open":
        _tell_people(work, known)


def _told(path: str, detail: str, params: Mapping[str, str]) -> dict[str, Any]:
    """What an issue says in the words of its record, which may be of any length and hold what no column takes."""
    return {
        "path": one_line(path, LONGEST_PATH),
        "detail": one_line(detail, LONGEST_DETAIL),
        "params": {name: one_line(str(value), LONGEST_PARAM) for name, value in params.items()},
    }


def _tell_people(work: Work, issue: Issue) -> None:
    statement = (
        select(Listing.organisation_id, Revision.title)
        .join(Revision, Revision.id == Listing.working_id)
        .where(Listing.uid == issue.uid)
    )
    for organisation_id, title in work.session.execute(statement):
        notices.tell_organisation(
            work, organisation_id, key=f"sync:{issue.uid}:{issue.rev}", what="sync_issue", target=issue.uid,
            params={"title": title},
        )  # fmt: skip


def _tell_home(work: Work, changed: Sequence[Issue]) -> None:
    """As records of our own feed, which only their home may read."""
    if not changed:
        return
    work.session.flush()
    own = work.runtime.settings.node_id
    feed.write(
        work,
        [
            Record(f"{own}:{KIND}:{issue.id}", KIND, "upsert", as_body(issue), audience=issue.origin)
            for issue in changed
            if issue.origin != own
        ],
    )
