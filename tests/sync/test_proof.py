"""Both sides can prove that they hold the same, and what differs is found, named and mended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update

from marketplace.models.exchanges import Acknowledged, Replica
from marketplace.models.peers import Inbound, Outbound
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing
from marketplace.work import begin, look
from tests.sync.conftest import Pair
from tests.sync.test_pushing import found, withdraw


def compared(pair: Pair) -> dict[str, Any]:
    """Compare both sides now; what the local operator reads."""
    with begin(pair.local) as work:
        choosing.compare(work, SYSTEM)
    pair.push()
    with look(pair.local) as work:
        return dict(work.session.get_one(Outbound, "national").proof)


def test_equal_sides_prove_it_with_the_same_count_and_digest_on_both(pair: Pair) -> None:
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa", "Phân bón lá")
    pair.push()
    withdraw(pair.local, uids[0])
    pair.push()
    proof = compared(pair)
    assert proof["equal"]
    assert proof["ours_count"] == proof["theirs_count"] == 3
    assert proof["ours_digest"] == proof["theirs_digest"]
    with look(pair.national) as work:
        kept = work.session.get_one(Inbound, "can-tho").proof
    assert (kept["equal"], kept["ours_digest"]) == (True, proof["ours_digest"])


def test_what_is_missing_there_is_sent_again_and_then_both_are_equal(pair: Pair) -> None:
    uids = pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    pair.push()
    with begin(pair.national) as work:
        work.session.execute(delete(Replica).where(Replica.uid == uids[0]))
    first = compared(pair)
    with look(pair.local) as work:
        last = work.session.get_one(Outbound, "national").proof
    assert last["equal"], (first, last)
    assert last["theirs_count"] == 2


def test_an_older_revision_there_is_replaced(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    withdraw(pair.local, uid)
    pair.push()
    with begin(pair.national) as work:
        older = {"rev": 1, "op": "upsert", "hash": "sha-256:" + "0" * 64}
        work.session.execute(update(Replica).where(Replica.uid == uid).values(**older))
    assert compared(pair)["equal"]
    assert found(pair.national, "độ mặn") == []


def test_a_record_there_that_nobody_here_has_written_is_an_alarm_and_not_mended_by_itself(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    ghost = "can-tho:offer:01ARZ3NDEKTSV4RRFFQ69G5FAV"
    with begin(pair.national) as work:
        one = work.session.query(Replica).first()
        assert one is not None
        values = {column.key: getattr(one, column.key) for column in Replica.__table__.columns}
        work.session.add(Replica(**{**values, "uid": ghost}))
    proof = compared(pair)
    assert not proof["equal"]
    assert proof["unexplained"] == [ghost]


def test_a_lost_receipt_of_what_is_there_is_believed_again(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    with begin(pair.local) as work:
        work.session.execute(delete(Acknowledged).where(Acknowledged.uid == uid))
    compared(pair)
    assert compared(pair)["equal"]


def test_once_an_hour_a_heartbeat_finds_a_difference_by_itself(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    with begin(pair.national) as work:
        work.session.execute(delete(Replica).where(Replica.uid == uid))
    for _ in range(62):
        pair.talk(61)
    with look(pair.local) as work:
        assert work.session.get_one(Outbound, "national").proof["equal"]
    with look(pair.national) as work:
        assert work.session.get(Replica, uid) is not None
