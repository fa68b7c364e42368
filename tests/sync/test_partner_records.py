"""What another exchange publishes for its partners only (2.9, A18): kept as it came, and shown here to nobody."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from exchange.items import Item
from marketplace.models.exchanges import Replica
from marketplace.models.feed import Published
from marketplace.models.matches import Match
from marketplace.runtime import Runtime
from marketplace.services import feed, figures
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import verifying, watching
from marketplace.work import begin, look
from tests.support.compiled import application
from tests.support.market import content, publish
from tests.support.visitor import Visitor, words_of
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, run, send, written
from tests.sync.test_faults import outgoing_line
from tests.sync.test_pages import staff
from tests.sync.test_pushing import found

TITLE = "Máy sấy thăng hoa canari"


def for_partners(pair: Pair, *, seq: int = 1) -> Item:
    return replace(an_item(a_body(pair, TITLE), seq=seq), audience="partner")


def shown(national: Runtime) -> list[int]:
    """Status of each public page that could show it."""
    visitor = Visitor(application(national))
    with look(national) as work:
        uids = work.session.scalars(select(Replica.uid)).all()
    return [visitor.get(f"/vi/listings/{uid}").status_code for uid in uids]


def said(pair: Pair) -> dict[str, object]:
    answer: dict[str, object] = json.loads(
        pair.uplink._peering(outgoing_line(pair)).ask("GET", "/sync/v1/status")
    )
    return answer


def view(national: Runtime) -> verifying.Finding:
    with look(national) as work:
        return next(one for one in verifying.findings(work) if one.what == "view")


def test_a18_what_is_meant_for_partners_is_on_no_page_in_no_search_and_in_no_match(pair: Pair) -> None:
    in_session(pair)
    publish(pair.national, content("demand", "Cần máy sấy thăng hoa canari"), owner="Hợp tác xã")
    receipt = send(pair, written(pair, for_partners(pair)))
    assert dict(receipt.counts)["applied"] == 1
    pair.settle_national()
    assert shown(pair.national) == [404]
    assert not [uid for uid in found(pair.national, "thăng hoa canari") if uid.startswith("can-tho:")]
    visitor = Visitor(application(pair.national))
    for path in ("/vi/", "/vi/search?q=canari&kind=offer", "/vi/search?kind=offer", "/sitemap.xml"):
        assert TITLE not in visitor.get(path).text
    with look(pair.national) as work:
        assert work.session.scalar(select(func.count()).select_from(Match)) == 0
        assert {one.name: one.count for one in figures.public(work)}["offers"] == 0


def test_what_is_meant_for_partners_is_kept_and_counted_and_explained(pair: Pair) -> None:
    in_session(pair)
    send(pair, written(pair, for_partners(pair), an_item(a_body(pair), seq=2)))
    pair.settle_national()
    standing = said(pair)
    assert (standing["records"], standing["partner"], standing["held"]) == (1, 1, 0)
    assert view(pair.national) == verifying.Finding(
        "view", True, "2 copies, 1 of them for partners and not shown, 0 shown otherwise"
    )
    with look(pair.national) as work:
        sheet = watching.sheet(work, SYSTEM, "can-tho")
    assert (sheet.standing.records, sheet.standing.partner) == (1, 1)
    page = staff(pair.national, "thu@example.org", "admin").get("/vi/exchanges/can-tho")
    assert "1 hồ sơ chỉ dành cho đối tác" in words_of(page)


def test_what_was_held_and_is_meant_for_partners_is_not_shown_when_it_can_be_read(pair: Pair) -> None:
    in_session(pair)
    item = for_partners(pair)
    send(pair, written(pair, item))
    with begin(pair.national) as work:
        work.session.get_one(Replica, item.uid).projection = "held"
    run(pair.national, "project_again")
    pair.settle_national()
    assert shown(pair.national) == [404]
    assert said(pair)["partner"] == 1


def test_what_is_narrowed_leaves_a_tombstone_and_comes_back_when_it_is_for_all_again(pair: Pair) -> None:
    in_session(pair)
    body = a_body(pair, TITLE)
    first = an_item(body, seq=1)
    away = an_item("unshared", seq=2, uid=first.uid, op="delete", rev=2)
    narrow = replace(an_item(body, seq=3, uid=first.uid, rev=3), audience="partner")
    send(pair, written(pair, first))
    pair.settle_national()
    assert shown(pair.national) == [200]
    send(pair, written(pair, away, narrow, prev=1))
    pair.settle_national()
    assert shown(pair.national) == [410]
    assert found(pair.national, "canari") == []
    assert view(pair.national).well
    gone = an_item("unshared", seq=4, uid=first.uid, op="delete", rev=4)
    send(pair, written(pair, gone, an_item(body, seq=5, uid=first.uid, rev=5), prev=3))
    pair.settle_national()
    assert shown(pair.national) == [200]
    assert view(pair.national).well


@pytest.mark.parametrize("op", ["delete", "erase"])
def test_what_nobody_could_see_leaves_no_trace_when_it_goes(pair: Pair, op: str) -> None:
    in_session(pair)
    item = for_partners(pair)
    send(pair, written(pair, item))
    gone = replace(an_item("withdrawn", seq=2, uid=item.uid, op=op, rev=2), audience="partner")
    send(pair, written(pair, gone, prev=1))
    pair.settle_national()
    assert shown(pair.national) == [404]
    with look(pair.national) as work:
        assert feed.row(work, item.uid) is None
    assert view(pair.national).well


def test_one_that_was_shown_before_this_rule_is_told_by_verify(pair: Pair) -> None:
    in_session(pair)
    item = an_item(a_body(pair, TITLE), seq=1)
    send(pair, written(pair, item))
    with begin(pair.national) as work:
        for table in (Replica, Published):
            key = table.uid if table is Replica else table.id
            work.session.execute(update(table).where(key == item.uid).values(audience="partner"))
    assert not view(pair.national).well
