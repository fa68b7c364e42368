"""Looking again at what is held or opaque: a code list that has arrived, or a newer version of Giao, lets it be shown.

Copies are locked before they are read: a batch that comes meanwhile may take away what is about to be shown.
"""

from __future__ import annotations

from sqlalchemy import select

from exchange.problems import Refused
from marketplace.models.exchanges import Issue, Replica
from marketplace.services.sync import issues, projection, receive
from marketplace.services.sync.issues import Fault
from marketplace.work import Work

AT_ONCE = 500


def look_again(work: Work, *, after: str = "") -> str:
    """Look at the next records after this id; the last one looked at, empty when there are no more."""
    hidden = select(Replica).where(Replica.projection.in_(("held", "opaque")), Replica.uid > after)
    found = work.session.scalars(hidden.order_by(Replica.uid).limit(AT_ONCE).with_for_update()).all()
    for replica in found:
        _project(work, replica)
    return found[-1].uid if len(found) == AT_ONCE else ""


def retry(work: Work, node_id: str, issue_id: str) -> str:
    """What becomes of the record of this issue when it is looked at now. Raises `Refused` (`not_found`)."""
    issue = work.session.get(Issue, issue_id)
    if issue is None or issue.origin != node_id:
        raise Refused("not_found", "there is no such issue")
    replica = work.session.get(Replica, issue.uid, with_for_update=True, populate_existing=True)
    if replica is None or replica.origin != node_id:
        raise Refused("not_found", "there is no record of this issue")
    _project(work, replica)
    return replica.projection


def _project(work: Work, replica: Replica) -> None:
    seen = projection.view(uid=replica.uid, schema=replica.schema, op=replica.op, body=replica.body)
    if seen.state == replica.projection:
        return
    replica.projection = seen.state
    receive.show(work, [replica], {replica.uid: seen})
    if seen.state == "held":
        issues.open_for(
            work, replica.uid, replica.rev, [Fault.of(receive.flaw(problem)) for problem in seen.problems],
            origin=replica.origin,
        )  # fmt: skip
    else:
        issues.close(work, [replica.uid], origin=replica.origin)
