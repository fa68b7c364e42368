"""What the law wants gone is gone at home, on its way, and where it was received; that it was there stays."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from marketplace.errors import Gone, NotFound
from marketplace.models.exchanges import Acknowledged, InBatch, OutBatch, Replica
from marketplace.models.listings import Listing, Revision
from marketplace.runtime import Runtime
from marketplace.services import catalogue, erasure
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import outgoing
from marketplace.work import begin, look
from tests.support.market import settle
from tests.sync.conftest import Pair
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found

SECRET = "ủ men gia truyền"


def erased(pair: Pair) -> tuple[str, str]:
    """Two listings were sent, and the first of them is erased at home."""
    gone, kept = pair.publish(f"Bí quyết {SECRET}", "Máy sấy thăng hoa")
    pair.push()
    settle(pair.local)
    with begin(pair.local) as work:
        erasure.erase(work, SYSTEM, gone)
    settle(pair.local)
    return gone, kept


def everything_written(runtime: Runtime) -> str:
    """All that the tables of the database say."""
    with closing(sqlite3.connect(runtime.settings.data_dir / "giao.db")) as database:
        return "\n".join(database.iterdump())


def test_an_erased_listing_is_gone_at_home_before_anybody_is_told(pair: Pair) -> None:
    uid, kept = erased(pair)
    assert found(pair.local, "gia truyền") == []
    assert found(pair.local, "thăng hoa") == [kept]
    with look(pair.local) as work:
        with pytest.raises(Gone) as gone:
            catalogue.listing(work, uid)
        assert gone.value.params["reason"] == "erased"
        assert work.session.scalar(select(Listing).where(Listing.uid == uid)) is None
        assert not [one for one in work.session.scalars(select(Revision)) if SECRET in one.title]


def test_it_is_gone_nationally_and_both_sides_are_equal(pair: Pair) -> None:
    uid, kept = erased(pair)
    pair.push()
    assert found(pair.national, "gia truyền") == []
    assert found(pair.national, "thăng hoa") == [kept]
    with look(pair.national) as work:
        assert work.session.get_one(Replica, uid).op == "erase"
    assert compared(pair)["equal"]
    with look(pair.local) as work:
        assert work.session.get_one(Acknowledged, uid).op == "erase"


def test_no_batch_keeps_what_it_said(pair: Pair) -> None:
    erased(pair)
    pair.push()
    for runtime, table in ((pair.local, OutBatch), (pair.national, InBatch)):
        with look(runtime) as work:
            texts = [gzip.decompress(one.body).decode() for one in work.session.scalars(select(table))]
        assert len(texts) == 2
        assert not any(SECRET in text for text in texts)
    for runtime in (pair.local, pair.national):
        assert SECRET not in everything_written(runtime)


def test_a_batch_that_was_cut_anew_keeps_nothing_of_what_is_erased_since(pair: Pair) -> None:
    pair.wires.cut_paths.add("/sync/v1/batches")
    uid = pair.publish(f"Bí quyết {SECRET}")[0]
    pair.push()
    with begin(pair.local) as work:
        body = work.session.scalars(select(OutBatch)).one().body
        assert SECRET in gzip.decompress(body).decode()
        outgoing.drop(work, "national")
    assert texts_sent(pair) == ""
    with begin(pair.local) as work:
        # As versions before this have left it.
        work.session.execute(update(OutBatch).values(body=body))
        erasure.erase(work, SYSTEM, uid)
    pair.wires.cut_paths.clear()
    pair.push()
    pair.clock.move(timedelta(minutes=20))
    pair.push()
    assert uid in texts_sent(pair)
    assert SECRET not in texts_sent(pair)


def texts_sent(pair: Pair) -> str:
    with look(pair.local) as work:
        kept = work.session.scalars(select(OutBatch)).all()
        return "\n".join(gzip.decompress(one.body).decode() for one in kept if one.body)


def test_what_goes_its_way_every_day_does_not_read_the_batches_before_it(pair: Pair) -> None:
    """Three months of them are kept."""
    pair.publish("Máy sấy thăng hoa")
    pair.push()
    for runtime, table in ((pair.local, OutBatch), (pair.national, InBatch)):
        with begin(runtime) as work:
            work.session.execute(update(table).values(body=b"cannot be unpacked"))
    uid = pair.publish("Máy sấy bơm nhiệt")
    pair.push()
    assert found(pair.national, "bơm nhiệt") == [*uid]


def test_only_a_listing_of_ours_can_be_erased(pair: Pair) -> None:
    uid, kept = erased(pair)
    pair.push()
    for runtime, name in ((pair.local, uid), (pair.national, kept)):
        with pytest.raises(NotFound), begin(runtime) as work:
            erasure.erase(work, SYSTEM, name)
