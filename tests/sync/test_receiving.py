"""What a receiver keeps of what another exchange sends, when records are bad, many, late or meant to do harm."""

from __future__ import annotations

import gzip
import json
from typing import Any

from sqlalchemy import func, select

from exchange.envelope import Receipt, write_batch
from marketplace.models.exchanges import InBatch, Issue, Replica
from marketplace.services import feed
from marketplace.services.sync import issues, receive
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.projection import View
from marketplace.work import begin, look
from tests.sync.conftest import Pair
from tests.sync.test_abuse import GZIP, a_body, an_item, in_session, send, written
from tests.sync.test_faults import outgoing_line, sender


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


def send_values(pair: Pair, *values: Any) -> Receipt:
    """A first batch of whatever is named as its items."""
    said = json.loads(gzip.decompress(write_batch(written(pair, prev=0)).packed))
    said |= {"items": values, "count": len(values), "to_seq": len(values)}
    body = gzip.compress(json.dumps(said).encode())
    fence = ("XS-Fence", sender(pair).fence)
    peering = pair.uplink._peering(outgoing_line(pair))
    return Receipt.read(peering.ask("POST", "/sync/v1/batches", body, GZIP, fence))


def open_issues(pair: Pair) -> list[tuple[str, str, str]]:
    """Who has sent what is wrong, the record and the code."""
    with look(pair.national) as work:
        found = work.session.scalars(select(Issue).where(Issue.state == "open").order_by(Issue.id))
        return [(one.origin, one.uid, one.code) for one in found]


def test_an_exchange_that_names_records_of_another_closes_none_of_its_issues(pair: Pair) -> None:
    in_session(pair)
    theirs = an_item(a_body(pair), seq=1, node="ha-noi")
    with begin(pair.national) as work:
        for uid in (theirs.uid, ""):
            issues.open_for(work, uid, 1, [Fault("code.unknown")], origin="ha-noi")
    unreadable = {**theirs.as_record(), "hash": "none"}
    send_values(pair, theirs.as_record(), unreadable, {"id": 7}, {"id": 8})
    assert open_issues(pair) == [
        ("ha-noi", theirs.uid, "code.unknown"),
        ("ha-noi", "", "code.unknown"),
        ("can-tho", theirs.uid, "malformed"),
        ("can-tho", "", "malformed"),
        ("can-tho", "", "malformed"),
    ]


def test_what_is_held_and_mended_in_one_batch_has_no_issue_left_and_the_other_way_one(pair: Pair) -> None:
    in_session(pair)
    good, bad = a_body(pair), a_body(pair)
    bad["content"]["fields"] = ["99.9"]
    mended, spoiled = an_item(bad, seq=1), an_item(good, seq=2)
    then = (an_item(good, seq=3, uid=mended.uid, rev=2), an_item(bad, seq=4, uid=spoiled.uid, rev=2))
    send(pair, written(pair, mended, spoiled, *then))
    assert open_issues(pair) == [("can-tho", spoiled.uid, "code.unknown")]
