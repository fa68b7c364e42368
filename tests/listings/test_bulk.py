"""Many listings at once: every item ends in one outcome, and the same file again writes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select

from marketplace.errors import Forbidden, NotFound
from marketplace.models.feed import Published
from marketplace.models.listings import Listing, Revision, TimelineEvent
from marketplace.services import bulk, feed, listings, steps, timeline
from marketplace.services.bulk import Item
from marketplace.services.policy import SYSTEM
from marketplace.work import Work, begin
from tests.listings.conftest import Market
from vocabulary.listing import Content, Text


def item(n: int, title: str = "Máy", description: str = "Mô tả.") -> Item:
    content = Content("offer", texts={"vi": Text(title=f"{title} {n}", description=description)})
    return Item(f"row-{n}", f"{title}{n}{description}", content)


def counts(work: Work) -> list[int | None]:
    tables = (Listing, Revision, TimelineEvent, Published)
    return [work.session.scalar(select(func.count()).select_from(table)) for table in tables]


def post(market: Market, *items: Item, publish: bool = True) -> list[bulk.Outcome]:
    with begin(market.runtime) as work:
        return bulk.post_many(work, SYSTEM, market.institute, items, publish=publish)


def test_what_is_published_by_an_import_says_so_and_is_public(each_market: Market) -> None:
    outcomes = post(each_market, item(1), item(2))
    assert [outcome.result for outcome in outcomes] == ["created", "created"]
    with begin(each_market.runtime) as work:
        row = feed.row(work, outcomes[0].uid)
        listing = steps.find(work, each_market.owner, outcomes[0].uid)
        steps.show(work, [listing])
        assert feed.row(work, outcomes[0].uid) == row, "an import publishes what publishing by hand would"
        assert (listing.status, steps.working(work, listing).decided_by) == ("published", None)
        assert [one.what for one in timeline.public(work, listing.uid)] == ["publish"]


def test_the_same_rows_again_write_nothing(each_market: Market) -> None:
    first = post(each_market, item(1), item(2))
    with begin(each_market.runtime) as work:
        before = counts(work)
    again = post(each_market, item(1), item(2))
    assert [(one.result, one.uid) for one in again] == [("unchanged", one.uid) for one in first]
    with begin(each_market.runtime) as work:
        assert counts(work) == before


def test_hundreds_of_revised_rows_take_few_statements(market: Market) -> None:
    post(market, *(item(number) for number in range(40)))
    asked: list[str] = []
    with begin(market.runtime) as work:
        event.listen(work.session.get_bind(), "before_cursor_execute", lambda *call: asked.append(call[2]))
        again = [item(number, title="Máy mới") for number in range(40)]
        outcomes = bulk.post_many(work, SYSTEM, market.institute, again, publish=True)
    assert {one.result for one in outcomes} == {"revised"}
    assert len(asked) < len(outcomes), "no statement is asked once for each"


def test_a_row_that_says_something_else_becomes_a_revision(market: Market) -> None:
    uid = post(market, item(1))[0].uid
    outcome = post(market, item(1, title="Máy mới"))[0]
    assert (outcome.result, outcome.uid) == ("revised", uid)
    with begin(market.runtime) as work:
        row = feed.row(work, uid)
        assert row is not None
        assert row.body["content"]["texts"]["vi"]["title"] == "Máy mới 1"
        assert [one.what for one in timeline.public(work, uid)] == ["publish_revision", "publish"]
    assert post(market, item(1, title="Máy mới"))[0].result == "unchanged"


def test_without_publishing_they_are_drafts(market: Market) -> None:
    uid = post(market, item(1), publish=False)[0].uid
    with begin(market.runtime) as work:
        assert steps.find(work, market.owner, uid).status == "draft"
        assert feed.row(work, uid) is None


def test_a_draft_that_was_imported_can_be_published_by_a_later_run(market: Market) -> None:
    uid = post(market, item(1), publish=False)[0].uid
    assert post(market, item(1, title="Khác"))[0].result == "revised"
    with begin(market.runtime) as work:
        assert steps.find(work, market.owner, uid).status == "published"


def test_one_bad_row_stops_nothing(market: Market) -> None:
    too_long = item(2, description="x" * 4001)
    outcomes = post(market, item(1), too_long, item(3, description=""), item(4))
    assert [outcome.result for outcome in outcomes] == ["created", "refused", "refused", "created"]
    assert outcomes[1].problems[0].code == "text.too_long"
    assert outcomes[2].problems[0].path == "texts.vi.description"
    with begin(market.runtime) as work:
        assert counts(work)[0] == 2


def test_an_id_that_comes_twice_in_a_batch_is_taken_once(market: Market) -> None:
    outcomes = post(market, item(1), item(1, title="Trùng"))
    assert [outcome.result for outcome in outcomes] == ["created", "refused"]
    assert outcomes[1].problems[0].code == "id.repeated"


def test_the_same_id_of_another_organisation_is_another_listing(market: Market) -> None:
    first = post(market, item(1))[0]
    with begin(market.runtime) as work:
        second = bulk.post_many(work, SYSTEM, market.stranger_home, [item(1)], publish=True)[0]
    assert second.result == "created"
    assert second.uid != first.uid


def test_what_its_owner_withdrew_an_import_does_not_bring_back(market: Market) -> None:
    uid = post(market, item(1))[0].uid
    with begin(market.runtime) as work:
        listings.withdraw(work, market.owner, uid)
    outcome = post(market, item(1, title="Khác"))[0]
    assert outcome.result == "refused"
    assert outcome.problems[-1].params == {"status": "withdrawn"}
    with begin(market.runtime) as work:
        assert steps.find(work, market.owner, uid).status == "withdrawn"


def test_an_owner_may_import_drafts_but_not_publish_without_review(market: Market) -> None:
    with begin(market.runtime) as work:
        drafts = bulk.post_many(work, market.owner, market.institute, [item(1)])
        assert drafts[0].result == "created"
        with pytest.raises(Forbidden):
            bulk.post_many(work, market.owner, market.institute, [item(2)], publish=True)
        with pytest.raises(NotFound):
            bulk.post_many(work, market.stranger, market.institute, [item(3)])
