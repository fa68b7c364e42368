"""A batch or a record that is sent again: it changes nothing, says what was answered, and what cannot be is told plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange.sender import Phase
from marketplace import tasks
from marketplace.db import new_id
from marketplace.errors import Conflict, NotFound
from marketplace.models.exchanges import InBatch, OutBatch, Replica
from marketplace.models.feed import Published
from marketplace.services import erasure, feed
from marketplace.services.feed import Record
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, outlook, replays
from marketplace.services.sync.replays import Sent
from marketplace.work import begin, look
from tests.support.visitor import words_of
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body
from tests.sync.test_faults import batches_sent, later, received, sender
from tests.sync.test_pages import staff


def batches(pair: Pair) -> tuple[Sent, ...]:
    with look(pair.local) as work:
        return replays.latest(work, SYSTEM)


def ask(pair: Pair, batch_id: str) -> None:
    with begin(pair.local) as work:
        replays.ask(work, SYSTEM, batch_id)


def send_record(pair: Pair, uid: str) -> None:
    with begin(pair.local) as work:
        replays.send_record(work, SYSTEM, uid)


def outcome(pair: Pair) -> str:
    found = batches(pair)[0].replay
    assert found is not None
    return found.outcome


def test_a_batch_that_is_sent_again_changes_nothing_and_its_first_receipt_comes_back(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    (one,) = batches(pair)
    with look(pair.national) as work:
        before = [(row.id, row.pub_seq) for row in work.session.scalars(select(Published))]
    asked_before, sender_before = len(batches_sent(pair)), sender(pair)
    ask(pair, one.batch_id)
    ask(pair, one.batch_id)
    assert (batches(pair)[0].waits, batches(pair)[0].can_be_sent) == (True, False)
    pair.push()
    assert outcome(pair) == "same"
    first, again = (batches_sent(pair)[place] for place in (0, -1))
    assert (len(batches_sent(pair)), again.body) == (asked_before + 1, first.body)
    with look(pair.national) as work:
        assert [(row.id, row.pub_seq) for row in work.session.scalars(select(Published))] == before
    assert received(pair) == 1
    assert sender(pair) == sender_before


def test_a_batch_that_is_not_known_there_any_more_is_not_sent_and_freezes_nothing(pair: Pair) -> None:
    """After a restore of the national exchange it would stand where another stands by now."""
    pair.publish("Trạm đo độ mặn")
    pair.push()
    pair.publish("Máy sấy thăng hoa")
    pair.push()
    old = batches(pair)[1]
    with begin(pair.national) as work:
        work.session.delete(work.session.get_one(InBatch, old.batch_id))
    sent = len(batches_sent(pair))
    ask(pair, old.batch_id)
    pair.push()
    found = batches(pair)[1].replay
    assert found is not None
    assert found.outcome == "unknown"
    assert len(batches_sent(pair)) == sent
    pair.publish("Cân điện tử")
    later(pair)
    assert sender(pair).phase is Phase.IDLE


def test_another_receipt_than_the_first_is_told(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    (one,) = batches(pair)
    with begin(pair.local) as work:
        batch = work.session.get_one(OutBatch, one.batch_id)
        batch.answer = (batch.answer or b"").replace(b'"applied":1', b'"applied":7')
    ask(pair, one.batch_id)
    pair.push()
    assert outcome(pair) == "differs"


def test_while_the_line_is_dead_or_paused_the_replay_waits_and_comes_afterwards(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    ask(pair, batches(pair)[0].batch_id)
    pair.wires.cut.add(pair.national.settings.base_url)
    pair.push()
    assert (outcome(pair), sender(pair).phase) == ("", Phase.BACKOFF)
    pair.wires.cut.clear()
    with begin(pair.local) as work:
        choosing.pause(work, SYSTEM)
    later(pair, 901)
    assert outcome(pair) == ""
    with begin(pair.local) as work:
        choosing.go_on(work, SYSTEM)
    later(pair)  # A session first; the batch in the turn after it.
    pair.push()
    assert outcome(pair) == "same"


def test_what_cannot_be_sent_again_is_refused_with_the_reason(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    pair.wires.cut.add(pair.national.settings.base_url)
    pair.publish("Máy sấy thăng hoa")
    pair.push()
    waiting, done = batches(pair)
    with pytest.raises(Conflict, match="batch_on_its_way"):
        ask(pair, waiting.batch_id)
    with begin(pair.local) as work:
        work.session.get_one(OutBatch, waiting.batch_id).state = "dropped"
    with pytest.raises(Conflict, match="batch_superseded"):
        ask(pair, waiting.batch_id)
    with pytest.raises(NotFound):
        ask(pair, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    pair.wires.cut.clear()
    with begin(pair.local) as work:
        erasure.erase(work, SYSTEM, uid)
    later(pair, 901)
    with pytest.raises(Conflict, match="batch_erased"):
        ask(pair, done.batch_id)


def test_bytes_of_old_batches_are_given_up_and_receipts_stay(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    pair.clock.move(timedelta(days=89))
    tasks.forget_what_is_over(pair.local)
    assert batches(pair)[0].can_be_sent
    pair.clock.move(timedelta(days=2))
    tasks.forget_what_is_over(pair.local)
    (one,) = batches(pair)
    assert (one.kept, one.can_be_sent, one.counts["applied"]) == (False, False, 1)
    with pytest.raises(Conflict, match="batch_forgotten"):
        ask(pair, one.batch_id)
    pair.publish("Máy sấy thăng hoa")
    later(pair)
    assert sender(pair).phase is Phase.IDLE


def test_where_they_are_to_be_kept_for_ever_they_are(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    pair.local.settings = replace(pair.local.settings, batches_kept_days=0)
    pair.clock.move(timedelta(days=4_000))
    tasks.forget_what_is_over(pair.local)
    assert batches(pair)[0].kept


def test_a_record_that_was_refused_is_sent_again_from_the_page(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    with begin(pair.national) as work:
        work.session.get_one(Replica, uid).hash = f"sha-256:{'0' * 64}"
    send_record(pair, uid)
    for _ in range(2):  # What is said of it comes with the heartbeat after its receipt.
        later(pair)
    operator = staff(pair.local, "van.hanh@example.org", "operator")
    page = operator.get("/vi/sync")
    assert "Hai nội dung khác nhau mang cùng một số phiên bản" in words_of(page)
    assert f'action="/vi/sync/records/{uid}/send"' in page.text
    with begin(pair.national) as work:
        for table in (Replica, Published):
            work.session.delete(work.session.get_one(table, uid))
    operator.post(f"/vi/sync/records/{uid}/send")
    assert "Hồ sơ sẽ được gửi lại" in words_of(operator.get("/vi/sync"))
    later(pair)
    assert "Không có hồ sơ nào bị giữ hay từ chối" in words_of(operator.get("/vi/sync"))
    with look(pair.national) as work:
        assert work.session.get(Replica, uid) is not None


def test_a_record_that_is_held_stays_held_when_it_is_sent_again(pair: Pair) -> None:
    body = a_body(pair)
    uid = f"can-tho:offer:{new_id()}"
    wrong = {**body, "content": {**body["content"], "province": "999"}}
    with begin(pair.local) as work:
        feed.write(work, [Record(uid, "offer", "upsert", wrong)])
    pair.push()
    for _ in range(2):
        with look(pair.local) as work:
            seen = outlook.outlook(work, SYSTEM)
        assert (seen.counts["held"], seen.counts["accepted"]) == (1, 0)
        send_record(pair, uid)
        pair.push()


def test_only_records_of_ours_are_sent_again(pair: Pair) -> None:
    for uid in ("ha-noi:offer:01ARZ3NDEKTSV4RRFFQ69G5FAV", "can-tho:offer:01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        with pytest.raises(NotFound):
            send_record(pair, uid)


def test_the_operator_sends_a_batch_again_from_the_page_and_reads_what_was_answered(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    operator = staff(pair.local, "van.hanh@example.org", "operator")
    (one,) = batches(pair)
    assert "1 đã ghi" in words_of(operator.get("/vi/sync"))
    operator.post(f"/vi/sync/batches/{one.batch_id}/replay")
    page = words_of(operator.get("/vi/sync"))
    assert "Lô sẽ được gửi lại" in page
    assert "Chờ gửi lại" in page
    pair.push()
    assert "biên nhận như lần đầu; không có gì thay đổi" in words_of(operator.get("/vi/sync"))
    assert "with the same receipt as the first time" in words_of(operator.get("/en/sync"))
    with begin(pair.local) as work:
        work.session.get_one(OutBatch, one.batch_id).body = b""
    operator.post(f"/vi/sync/batches/{one.batch_id}/replay")
    assert "Nội dung lô này không còn được giữ" in words_of(operator.get("/vi/sync"))
    moderator = staff(pair.local, "duyet@example.org", "moderator")
    assert moderator.post(f"/vi/sync/batches/{one.batch_id}/replay").status_code == 403
