"""Copies are taken back to the last clean batch after a key was stolen (2.4): what came under it is made undone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from exchange.canonical import canonical
from marketplace.errors import Conflict
from marketplace.models.exchanges import Issue, Replica
from marketplace.models.feed import Published
from marketplace.models.peers import PeerKey
from marketplace.services import comparing, feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import rolling_back, trust
from marketplace.services.sync.rolling_back import RolledBack
from marketplace.work import begin, look
from tests.support.market import settle
from tests.support.network import key_of
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_pages import staff
from tests.sync.test_pushing import found


def stolen(pair: Pair, since: datetime) -> str:
    kid = key_of(pair.local)
    with begin(pair.national) as work:
        trust.revoke(work, SYSTEM, kid, compromised_since=since)
    return kid


def rolled_back(pair: Pair, since: datetime) -> RolledBack:
    kid = stolen(pair, since)
    with begin(pair.national) as work:
        done = rolling_back.roll_back(work, SYSTEM, kid)
    settle(pair.national)
    return done


def abused(pair: Pair) -> tuple[list[str], dict[str, bytes], datetime]:
    """Three listings came; then somebody with the key changed the first, withdrew the second, invented a fourth and
    left the third alone. The ids, the copies as they were before, and the moment between."""
    in_session(pair)
    body, other, third = (
        a_body(pair, title) for title in ("Trạm đo độ mặn", "Máy sấy thăng hoa", "Phân bón lá")
    )
    items = [an_item(one, seq=n) for n, one in enumerate((body, other, third), start=1)]
    send(pair, written(pair, *items))
    before = copies(pair)
    pair.clock.move(timedelta(hours=1))
    since = pair.clock.now
    forged = an_item(a_body(pair, "Bùa chú vạn năng"), seq=4, uid=items[0].uid, rev=77)
    gone = an_item("withdrawn", seq=5, uid=items[1].uid, op="delete", rev=2)
    invented = an_item(a_body(pair, "Bùa chú cầu mưa"), seq=6, rev=9)
    bad = a_body(pair, "Bùa chú hỏng")
    bad["content"]["fields"] = ["99.9"]
    held = an_item(bad, seq=7)
    send(pair, written(pair, forged, gone, invented, held, prev=3))
    settle(pair.national)
    return [*(one.uid for one in items), invented.uid], before, since


def copies(pair: Pair) -> dict[str, bytes]:
    with look(pair.national) as work:
        return {
            one.uid: canonical([one.rev, one.op, one.hash, one.body, one.projection, one.batch_id])
            for one in work.session.scalars(select(Replica))
        }


def test_what_came_under_a_stolen_key_is_undone_and_copies_are_as_before(pair: Pair) -> None:
    uids, before, since = abused(pair)
    assert len(found(pair.national, "bùa chú")) == 2
    assert rolled_back(pair, since) == RolledBack(restored=2, removed=2)
    assert copies(pair) == before
    assert found(pair.national, "bùa chú") == []
    for words, uid in zip(("độ mặn", "thăng hoa", "Phân bón"), uids, strict=False):
        assert found(pair.national, words) == [uid]
    with look(pair.national) as work:
        assert not comparing.compare(work).differences
        assert work.session.scalars(select(Issue).where(Issue.state == "open")).all() == []


def test_every_reader_of_the_feed_begins_again_and_the_home_can_publish_what_it_likes(pair: Pair) -> None:
    uids, _, since = abused(pair)
    with look(pair.national) as work:
        epoch = feed.state(work).epoch
    rolled_back(pair, since)
    with begin(pair.national) as work:
        assert feed.state(work).epoch != epoch
        assert work.session.get_one(Published, uids[0]).rev == 1
        assert work.session.get_one(Published, uids[3]).op == "delete"
        work.session.get_one(PeerKey, key_of(pair.local)).revoked_at = None
    send(pair, written(pair, an_item(a_body(pair, "Cầu mưa thật"), seq=8, uid=uids[3]), prev=7))
    settle(pair.national)
    assert found(pair.national, "cầu mưa") == [uids[3]], "revision 1 of what had been forged as revision 9"


def test_what_was_erased_stays_erased(pair: Pair) -> None:
    in_session(pair)
    item = an_item(a_body(pair), seq=1)
    send(pair, written(pair, item))
    pair.clock.move(timedelta(hours=1))
    since = pair.clock.now
    more = an_item(a_body(pair, "Bùa chú"), seq=3)
    send(pair, written(pair, an_item("legal", seq=2, uid=item.uid, op="erase", rev=2), more, prev=1))
    assert rolled_back(pair, since) == RolledBack(removed=1, erased=1)
    with look(pair.national) as work:
        assert work.session.get_one(Replica, item.uid).op == "erase"


def test_a_key_nobody_has_stolen_takes_nothing_back_and_a_second_time_there_is_nothing(pair: Pair) -> None:
    _, before, since = abused(pair)
    with begin(pair.national) as work, pytest.raises(Conflict) as refused:
        rolling_back.roll_back(work, SYSTEM, key_of(pair.local))
    assert refused.value.code == "not_compromised"
    rolled_back(pair, since)
    with begin(pair.national) as work, pytest.raises(Conflict) as refused:
        rolling_back.roll_back(work, SYSTEM, key_of(pair.local))
    assert refused.value.code == "nothing_to_roll_back"
    assert copies(pair) == before


def test_an_admin_does_it_on_the_page_where_the_batches_are_listed(pair: Pair) -> None:
    _, before, since = abused(pair)
    kid = stolen(pair, since)
    admin = staff(pair.national, "thu@example.org", "admin")
    page = admin.get("/vi/exchanges/can-tho")
    path = f"/vi/exchanges/can-tho/keys/{kid}/roll-back"
    assert path in page.text
    assert path not in staff(pair.national, "tam@example.org", "operator").get("/vi/exchanges/can-tho").text
    assert admin.post(path).status_code == 303
    done = admin.get("/vi/exchanges/can-tho")
    assert "2 bản ghi trở lại như trước; 2 bản ghi trước đó chưa có nên đã gỡ" in done.text
    assert copies(pair) == before
