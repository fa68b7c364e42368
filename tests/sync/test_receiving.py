"""What a receiver keeps of what another exchange sends, when records are bad, many, late or meant to do harm."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from exchange.envelope import Receipt, write_batch
from exchange.keys import PrivateKey
from exchange.problems import Refused
from marketplace.models.audit import AuditEntry
from marketplace.models.exchanges import InBatch, Issue, Reject, Replica
from marketplace.peering import own_key
from marketplace.services import feed, throttle
from marketplace.services.sync import issues, projection, receive
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.projection import View
from marketplace.work import begin, look
from tests.sync.conftest import Pair
from tests.sync.test_abuse import GZIP, a_body, an_item, asked, in_session, send, written
from tests.sync.test_erasing import everything_written
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


NUL = "\0"


def test_i14_what_a_bad_record_says_is_kept_cut_and_clean_and_its_batch_ends(pair: Pair) -> None:
    """A name of 70 kB once became the path of an issue, and one with NUL its record: neither can be written."""
    in_session(pair)
    good = an_item(a_body(pair), seq=1)
    long = {**good.as_record(), "id": f"can-tho:offer:{'1' * 26}", "seq": 2}
    long["body"] = {"x" * 70_000: 1.5}
    named = {**good.as_record(), "id": f"can-tho:offer:{'2' * 26}", "seq": 3, "body": {f"a{NUL}b\nc": 1}}
    nameless = {"id": f"{NUL}x{'y' * 500}", "rev": 4}
    receipt = send_values(pair, good.as_record(), long, named, nameless)
    assert [result.status for result in receipt.results] == ["rejected"] * 3
    with look(pair.national) as work:
        found = list(work.session.scalars(select(Issue).order_by(Issue.id)))
        rejects = list(work.session.scalars(select(Reject)))
        texts = [one.uid for one in rejects] + [text for one in found for text in (one.uid, one.path)]
        assert [one.path[:6] for one in found] == ["/body/", "/body/", "/op"]
    assert max(map(len, texts)) <= 500
    assert all(text.isprintable() for text in texts)
    assert len(rejects) == 3


def test_a_moment_or_an_answer_that_no_column_takes_is_held(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    body["published_at"] = body["published_at"].replace("T", NUL)
    receipt = send(pair, written(pair, an_item(body, seq=1)))
    assert receipt.results[0].flaws[0].path == "/published_at"
    uid = f"can-tho:decision:{'0' * 26}"
    said = {"suggestion": f"national:suggestion:{'0' * 26}", "about": f"a{NUL}", "other": "b", "answer": "accept",
            "by": "owner", "asked_at": "2026-11-28T00:00:00+00:00", "note": f"vì{NUL}"}  # fmt: skip
    seen = projection.view(uid=uid, schema="decision/1.0", op="upsert", body=said)
    assert [one.path for one in seen.problems] == ["about", "other"]


@pytest.mark.parametrize("path", ["records/%00", "issues?since=%00", "changes?since=%00", "batches/%00"])
def test_a_name_that_no_column_takes_is_refused(pair: Pair, path: str) -> None:
    with pytest.raises(Refused) as refused:
        pair.uplink._peering(outgoing_line(pair)).ask("GET", f"/sync/v1/{path}")
    assert refused.value.problem.code == "malformed"


def test_r7_what_is_erased_in_the_batch_that_brings_it_is_kept_nowhere(pair: Pair) -> None:
    in_session(pair)
    secret = a_body(pair, "Bí quyết ủ men gia truyền")
    item = an_item(secret, seq=1)
    forged = replace(an_item(secret, seq=2, uid=item.uid, rev=2), hash=f"sha-256:{'0' * 64}")
    send(pair, written(pair, item, forged, an_item("legal", seq=3, uid=item.uid, op="erase", rev=3)))
    assert "gia truyền" not in everything_written(pair.national)
    with look(pair.national) as work:
        kept = gzip.decompress(work.session.scalars(select(InBatch)).one().body).decode()
        assert work.session.scalars(select(Reject)).all() == []
    assert item.uid in kept
    assert "gia truyền" not in kept


def entries(pair: Pair, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Outcome, object and detail of what the audit log says of this."""
    with look(pair.national) as work:
        found = work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.n)
        )
        return [(one.outcome, one.object, one.detail) for one in found]


def test_a1_who_is_not_believed_stands_in_the_audit_log_as_it_called_itself(pair: Pair) -> None:
    stranger = PrivateKey.generated()
    assert asked(pair, stranger).status == 401
    assert asked(pair, own_key(pair.local), node="nobody").status == 401
    said = [
        (outcome, thing, detail["code"], detail["node"]) for outcome, thing, detail in entries(pair, "access")
    ]
    assert said == [
        ("denied", "sync.changes", "bad_signature", "can-tho"),
        ("denied", "sync.changes", "bad_signature", "nobody"),
    ]
    assert entries(pair, "access")[0][2]["kid"] == stranger.public.kid
    for _ in range(throttle.DENIALS_ADDRESS.most):
        asked(pair, stranger)
    assert len(entries(pair, "access")) == throttle.DENIALS_ADDRESS.most, "more of them would bury the others"


def test_a6_records_of_others_are_one_entry_a_batch_with_their_number(pair: Pair) -> None:
    in_session(pair)
    foreign = [an_item("withdrawn", seq=n, node="ha-noi", op="delete") for n in range(1, 40)]
    send(pair, written(pair, *foreign))
    assert entries(pair, "exchange.alarm") == [
        ("ok", foreign[0].uid, {"alarm": "forbidden_origin", "count": 39})
    ]
