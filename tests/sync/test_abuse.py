"""What an ill-meant or broken exchange may send: each case is refused with its own code, and changes nothing."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from exchange.canonical import content_hash
from exchange.envelope import Batch, Receipt, write_batch
from exchange.items import Item
from exchange.keys import PrivateKey
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.signing import Signature, Unproven, sign_request, verify_answer
from marketplace.db import new_id
from marketplace.models.exchanges import InBatch, Issue, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Nonce
from marketplace.pace import BURST
from marketplace.peering import own_key
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.sync import issues, receive
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.projection import View
from marketplace.tasks import TASKS
from marketplace.work import begin, look
from tests.exchange.making import bomb
from tests.sync.conftest import Pair
from tests.sync.test_faults import batches_sent, outgoing_line, sender
from tests.sync.test_pushing import found

GZIP = ("Content-Encoding", "gzip")


def a_body(pair: Pair, title: str = "Máy sấy thăng hoa") -> dict[str, Any]:
    """The body of a listing as its home would publish it."""
    uid = pair.publish(title)[0]
    with look(pair.local) as work:
        row = feed.row(work, uid)
        assert row is not None
        body: dict[str, Any] = json.loads(json.dumps(row.body))
    with begin(pair.local) as work:
        # It was made only to be copied.
        work.session.execute(delete(Published).where(Published.id == uid))
    return body


def an_item(body: Any, *, seq: int, node: str = "can-tho", uid: str = "", op: str = "upsert", rev: int = 1,
            schema: str = "offer/1.0") -> Item:  # fmt: skip
    uid = uid or f"{node}:offer:{new_id()}"
    digest = content_hash(uid=uid, kind="offer", schema=schema, op=op, body=body)
    return Item(uid, "offer", schema, op, rev, seq, digest, body)


def in_session(pair: Pair) -> None:
    pair.push()


def written(pair: Pair, *items: Item, prev: int | None = None) -> Batch:
    state = sender(pair)
    start = state.acked_seq if prev is None else prev
    return Batch("can-tho", state.epoch, new_id(), start, start + len(items), items)


def send(pair: Pair, batch: Batch) -> Receipt:
    """As the sender would; its own memory is not touched."""
    peering = pair.uplink._peering(outgoing_line(pair))
    body = write_batch(batch).packed
    return Receipt.read(peering.ask("POST", "/sync/v1/batches", body, GZIP, ("XS-Fence", sender(pair).fence)))


def send_raw(pair: Pair, body: bytes, *headers: tuple[str, str]) -> Refused:
    peering = pair.uplink._peering(outgoing_line(pair))
    with pytest.raises(Refused) as refused:
        peering.ask("POST", "/sync/v1/batches", body, ("XS-Fence", sender(pair).fence), *headers)
    assert kept(pair.national) == (0, 0)
    return refused.value


def kept(national: Runtime) -> tuple[int, int]:
    """Batches and copies that are kept."""
    with look(national) as work:
        batches = work.session.scalar(select(func.count()).select_from(InBatch)) or 0
        return batches, work.session.scalar(select(func.count()).select_from(Replica)) or 0


def test_c1_one_bad_record_among_many_is_held_and_its_home_is_told_what_and_where(pair: Pair) -> None:
    in_session(pair)
    good = a_body(pair)
    bad = json.loads(json.dumps(good))
    bad["content"]["fields"] = ["99.9"]
    items = [an_item(good, seq=n) for n in range(1, 50)]
    wrong = an_item(bad, seq=50)
    receipt = send(pair, written(pair, *items, wrong))
    assert dict(receipt.counts)["applied"] == 49
    assert dict(receipt.counts)["held"] == 1
    assert receipt.results[0].flaws[0].path == "/content/fields/0"
    with look(pair.national) as work:
        assert work.session.get_one(Replica, wrong.uid).projection == "held"
        assert feed.row(work, wrong.uid) is None, "what is held is not shown"
    pair.settle_national()
    pair.clock.move(timedelta(seconds=61))
    pair.push()
    with look(pair.local) as work:
        issue = work.session.scalars(select(Issue).where(Issue.uid == wrong.uid)).one()
        assert (issue.code, issue.path, issue.state) == ("code.unknown", "/content/fields/0", "open")


def test_c2_when_most_of_a_batch_is_bad_it_is_kept_and_a_person_is_asked(pair: Pair) -> None:
    in_session(pair)
    bad = a_body(pair)
    bad["content"]["texts"]["vi"]["title"] = ""
    receipt = send(pair, written(pair, *(an_item(bad, seq=n) for n in range(1, 31))))
    assert dict(receipt.counts)["held"] == 30
    with pytest.raises(Refused, match="frozen"):
        send(pair, written(pair, an_item(a_body(pair), seq=31), prev=30))


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"x" * (4 * 1024 * 1024 + 1), (), "too_large"),
        (b"[" * 100_000, (), "malformed"),
        (b'{"protocol":"xsync/1","protocol":"xsync/1"}', (), "malformed"),
        (b'{"protocol":NaN}', (), "malformed"),
        ('{"protocol":"xsync/1"}'.encode("utf-16"), (), "malformed"),
        (b'\xef\xbb\xbf{"protocol":"xsync/1"}', (), "malformed"),
        (b'{"count":' + b"1" * 5_000 + b"}", (), "malformed"),
        (b'{"protocol":"xsync/2"}', (), "protocol_unsupported"),
        (b"not gzip", (GZIP,), "malformed"),
        (b"{}", (("Content-Encoding", "br"),), "unsupported_media"),
    ],
    ids=[
        "c3",
        "c5-deep",
        "c6-twice",
        "c6-nan",
        "c6-utf16",
        "c6-bom",
        "c5-digits",
        "version",
        "c4-no",
        "c4-br",
    ],
)
def test_c3_to_c6_what_cannot_be_read_is_refused_whole(
    pair: Pair, body: bytes, headers: tuple[tuple[str, str], ...], code: str
) -> None:
    in_session(pair)
    assert send_raw(pair, body, *headers).problem.code == code


def test_c4_a_bomb_is_refused_whole(pair: Pair) -> None:
    in_session(pair)
    assert send_raw(pair, bomb(200 << 20), GZIP).problem.code == "too_large"


def test_c10_and_c12_a_deleted_record_comes_back_only_with_a_higher_revision(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    gone = an_item("withdrawn", seq=1, op="delete", rev=5)
    assert dict(send(pair, written(pair, gone)).counts)["applied"] == 1
    stale = an_item(body, seq=2, uid=gone.uid, rev=4)
    assert dict(send(pair, written(pair, stale, prev=1)).counts)["stale"] == 1
    assert found_after(pair) == []
    again = an_item(body, seq=3, uid=gone.uid, rev=6)
    send(pair, written(pair, again, prev=2))
    assert found_after(pair) == [gone.uid]


def found_after(pair: Pair) -> list[str]:
    pair.settle_national()
    return found(pair.national, "thăng hoa")


def test_an_erased_record_leaves_no_word_of_what_it_said_and_never_comes_back(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair, "Bí quyết ủ men gia truyền")
    item = an_item(body, seq=1)
    send(pair, written(pair, item))
    send(pair, written(pair, an_item("legal", seq=2, uid=item.uid, op="erase", rev=2), prev=1))
    pair.settle_national()
    assert found(pair.national, "gia truyền") == []
    with look(pair.national) as work:
        kept_batches = [gzip.decompress(one.body).decode() for one in work.session.scalars(select(InBatch))]
        copy, shown = work.session.get_one(Replica, item.uid), work.session.get_one(Published, item.uid)
        assert (copy.op, copy.rev, copy.body, shown.body) == ("erase", 2, "legal", "legal")
    assert not any("gia truyền" in text for text in kept_batches)
    receipt = send(pair, written(pair, an_item(body, seq=3, uid=item.uid, rev=3), prev=2))
    assert receipt.results[0].flaws[0].code == "erased"
    assert found_after(pair) == []


def test_c14_a_record_from_the_future_is_kept_and_not_shown(pair: Pair) -> None:
    in_session(pair)
    future = an_item({"anything": "new"}, seq=1, schema="offer/9.0")
    assert dict(send(pair, written(pair, future)).counts)["opaque"] == 1
    with look(pair.national) as work:
        copy = work.session.get_one(Replica, future.uid)
        assert (copy.projection, copy.body) == ("opaque", {"anything": "new"})


def test_c16_what_was_held_is_shown_by_itself_once_it_can_be_read_and_its_issue_closed(pair: Pair) -> None:
    in_session(pair)
    item = an_item(a_body(pair), seq=1)
    send(pair, written(pair, item))
    with begin(pair.national) as work:
        # As it would be had it come before the code list that it needs.
        copy = work.session.get_one(Replica, item.uid)
        copy.projection = "held"
        receive.show(work, [copy], {item.uid: View("held")})
        issues.open_for(work, item.uid, 1, [Fault("code.unknown", "/content/fields/0")], origin="can-tho")
    assert found_after(pair) == []
    run(pair.national, "project_again")
    assert found_after(pair) == [item.uid]
    peering = pair.uplink._peering(outgoing_line(pair))
    said = json.loads(peering.ask("GET", "/sync/v1/issues"))["issues"]
    assert [(one["about"], one["state"]) for one in said] == [(item.uid, "fixed")]
    standing = json.loads(peering.ask("GET", "/sync/v1/status"))
    assert (standing["records"], standing["held"]) == (1, 0)
    retried = peering.ask("POST", f"/sync/v1/issues/{said[0]['id']}/retry", b"{}")
    assert json.loads(retried) == {"projection": "visible"}


def run(runtime: Runtime, name: str) -> None:
    """A periodic job, now."""
    TASKS[name](runtime)


def test_c7_decomposed_letters_are_kept_as_they_came_and_shown_and_found_composed(pair: Pair) -> None:

    in_session(pair)
    body = a_body(pair)
    decomposed = unicodedata.normalize("NFD", "Máy sấy thăng hoa")
    body["content"]["texts"]["vi"]["title"] = decomposed
    item = an_item(body, seq=1)
    send(pair, written(pair, item))
    assert found_after(pair) == [item.uid]
    with look(pair.national) as work:
        assert work.session.get_one(Replica, item.uid).body["content"]["texts"]["vi"]["title"] == decomposed


@pytest.mark.parametrize("spoil", [lambda item: replace(item, hash=f"sha-256:{'0' * 64}")], ids=["c17"])
def test_c17_a_hash_that_is_not_that_of_the_content_is_rejected(
    pair: Pair, spoil: Callable[[Item], Item]
) -> None:
    in_session(pair)
    receipt = send(pair, written(pair, spoil(an_item(a_body(pair), seq=1))))
    assert receipt.results[0].flaws[0].code == "hash_mismatch"
    assert kept(pair.national) == (1, 0)


def test_a6_records_of_another_exchange_are_rejected_one_by_one(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    foreign = an_item(body, seq=1, node="ha-noi")
    home = an_item(body, seq=2, node="national")
    receipt = send(pair, written(pair, foreign, home, an_item(body, seq=3)))
    assert [result.flaws[0].code for result in receipt.results] == ["forbidden_origin", "loop_blocked"]
    assert kept(pair.national) == (1, 1)


def test_two_contents_of_one_revision_are_never_chosen_between(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    first = an_item(body, seq=1)
    send(pair, written(pair, first))
    other = json.loads(json.dumps(body))
    other["content"]["texts"]["vi"]["title"] = "Máy sấy khác"
    receipt = send(pair, written(pair, an_item(other, seq=2, uid=first.uid), prev=1))
    assert receipt.results[0].flaws[0].code == "rev_fork"
    with look(pair.national) as work:
        assert work.session.get_one(Replica, first.uid).hash == first.hash


def test_f9_batches_out_of_order_are_refused_and_taken_in_order(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    first, second = written(pair, an_item(body, seq=1)), written(pair, an_item(body, seq=2), prev=1)
    with pytest.raises(Refused) as refused:
        send(pair, second)
    assert (refused.value.problem.code, refused.value.problem.more["acked_seq"]) == ("seq_gap", 0)
    send(pair, first)
    send(pair, second)
    assert kept(pair.national) == (2, 2)


def test_another_batch_in_the_same_place_freezes_the_exchange_until_somebody_has_looked(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    send(pair, written(pair, an_item(body, seq=1)))
    with pytest.raises(Refused) as refused:
        send(pair, written(pair, an_item(body, seq=1), prev=0))
    assert refused.value.problem.code == "forked"
    with pytest.raises(Refused, match="frozen"):
        send(pair, written(pair, an_item(body, seq=2), prev=1))


def test_the_same_batch_id_with_other_content_is_refused(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair)
    first = written(pair, an_item(body, seq=1))
    send(pair, first)
    with pytest.raises(Refused) as refused:
        send(pair, replace(written(pair, an_item(body, seq=2), prev=1), batch_id=first.batch_id))
    assert refused.value.problem.code == "idempotency_mismatch"


# -- signatures -------------------------------------------------------------------------------------------------------


def asked(pair: Pair, key: PrivateKey, node: str = "can-tho", created: int = 0) -> Answer:
    now = int(pair.clock.now.timestamp()) + created
    request = Request("GET", f"{pair.national.settings.base_url}/sync/v1/changes", (("XS-Node", node),))
    return pair.wires.deliver(sign_request(request, key, Signature(now, "n" * 22)))


def test_a1_an_unknown_exchange_and_a_wrong_key_get_the_same_answer(pair: Pair) -> None:
    unknown = asked(pair, own_key(pair.local), node="nobody")
    wrong = asked(pair, PrivateKey.generated())
    for one in (unknown, wrong):
        said = json.loads(one.body)
        assert (one.status, said["code"], said["detail"]) == (
            401,
            "bad_signature",
            json.loads(wrong.body)["detail"],
        )


@pytest.mark.parametrize("seconds", [600, -600, 365 * 24 * 3600])
def test_a3_a_wrong_clock_is_told_the_right_time(pair: Pair, seconds: int) -> None:
    said = json.loads(asked(pair, own_key(pair.local), created=seconds).body)
    assert said["code"] == "clock_skew"
    assert said["server_time"] == int(pair.clock.now.timestamp())


def test_a2_a_repeated_request_is_refused_and_after_the_memory_was_emptied_changes_nothing(
    pair: Pair,
) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    batch = batches_sent(pair)[0]
    again = pair.wires.deliver(batch)
    assert (again.status, b'"replayed"' in again.body) == (401, True)
    with begin(pair.national) as work:
        work.session.execute(delete(Nonce))
    stored = pair.wires.deliver(batch)
    assert (stored.status, b'"replayed":true' in stored.body) == (200, True)
    assert kept(pair.national) == (1, 1)


def test_a5_a_body_that_was_swapped_is_refused(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    batch = batches_sent(pair)[0]
    other = gzip.compress(gzip.decompress(batch.body).replace("độ mặn".encode(), "độ ngọt".encode()), mtime=0)
    answer = pair.wires.deliver(replace(batch, body=other))
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "digest_mismatch")


def test_a22_a_flood_of_one_exchange_is_slowed_down(pair: Pair) -> None:
    peering = pair.uplink._peering(outgoing_line(pair))
    for _ in range(BURST):
        pair.national.pace.take("can-tho", pair.clock.now)
    with pytest.raises(Refused) as refused:
        peering.ask("GET", "/sync/v1/changes")
    assert (refused.value.problem.code, refused.value.problem.retry_after) == ("slow_down", 1)
    pair.clock.move(timedelta(seconds=2))
    peering.ask("GET", "/sync/v1/changes")


def test_answers_are_signed_and_an_answer_to_another_question_proves_nothing(pair: Pair) -> None:

    peering = pair.uplink._peering(outgoing_line(pair))
    first = peering.signed("GET", "/sync/v1/changes", b"", ())
    second = peering.signed("GET", "/sync/v1/changes", b"", ())
    answer = pair.wires.deliver(first)

    def find(node: str, kid: str) -> Any:
        return peering.keys.get(kid)

    verify_answer(answer, first, find, node="national")
    with pytest.raises(Unproven):
        verify_answer(answer, second, find, node="national")
