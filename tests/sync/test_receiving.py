"""What a receiver keeps of what another exchange sends, when records are bad, many, late or meant to do harm."""

from __future__ import annotations

from typing import Any

from marketplace.models.exchanges import Replica
from marketplace.services import feed
from marketplace.services.sync import issues, receive
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.projection import View
from marketplace.work import begin, look
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written


def held(pair: Pair, body: Any) -> tuple[str, str]:
    """A record that is held, as it would be had it come before the code list that it needs, and its issue."""
    in_session(pair)
    item = an_item(body, seq=1)
    send(pair, written(pair, item))
    with begin(pair.national) as work:
        copy = work.session.get_one(Replica, item.uid)
        copy.projection = "held"
        receive.show(work, [copy], {item.uid: View("held")})
        fault = Fault("code.unknown", "/content/fields/0")
        return item.uid, issues.open_for(work, item.uid, 1, [fault], origin="can-tho")


def test_r5_a_copy_older_than_what_is_shown_brings_nothing_back(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    item = an_item(body, seq=1)
    send(pair, written(pair, item))
    with look(pair.national) as work:
        before = work.session.get_one(Replica, item.uid)
        work.session.expunge(before)
    send(pair, written(pair, an_item("legal", seq=2, uid=item.uid, op="erase", rev=2), prev=1))
    with begin(pair.national) as work:
        receive.show(work, [before], {item.uid: View("visible", body)})
    with look(pair.national) as work:
        shown = feed.row(work, item.uid)
    assert shown is not None
    assert (shown.op, shown.rev, shown.body) == ("delete", 2, "legal")
