"""What a receiver keeps of what another exchange sends, when records are bad, many, late or meant to do harm."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from marketplace.models.exchanges import InBatch, Issue, Replica
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


def test_thousands_of_faults_in_a_few_kilobytes_make_a_short_receipt_that_its_sender_can_read(
    pair: Pair,
) -> None:
    in_session(pair)
    body = a_body(pair)
    # No number is a text: each is a problem of its own, and packed all together are nothing.
    body["content"]["standards"] = [1] * 400
    receipt = send(pair, written(pair, *(an_item(body, seq=n) for n in range(1, 20))))
    assert dict(receipt.counts)["held"] == 19
    assert {len(result.flaws) for result in receipt.results} == {issues.MOST_PROBLEMS}
    assert receipt.results[0].flaws[0].path == "/content/standards/0"
    with look(pair.national) as work:
        kept = work.session.scalars(select(InBatch)).one().answer
        opened = work.session.scalar(select(func.count()).where(Issue.rev == 1)) or 0
    assert len(kept) < 100_000
    assert opened == 19 * issues.MOST_PROBLEMS


def test_a_value_of_sixty_kilobytes_is_told_back_in_some_words(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    body["content"]["fields"] = ["9" * 60_000]
    receipt = send(pair, written(pair, an_item(body, seq=1)))
    (flaw,) = receipt.results[0].flaws
    assert (flaw.path, flaw.code) == ("/content/fields/0", "code.unknown")
    assert len(flaw.detail) <= 300
    with look(pair.national) as work:
        assert len(work.session.scalars(select(Issue)).one().params["value"]) == 100
