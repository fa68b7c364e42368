"""Every count of matches is the count of what its link shows, and every list of them goes on to its end."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from marketplace.models.matches import Match
from marketplace.services import desk, feed, notices, steps
from marketplace.services.matches import LISTINGS_A_PAGE
from marketplace.web.matches import ON_LISTING
from marketplace.work import begin
from matching.model import BAR
from tests.listings.conftest import Enter, Market
from tests.support.market import content, publish, settle
from tests.support.stored_matches import store
from tests.support.visitor import Visitor, words_of

GOOD, WEAK, COPIES = 25, 21, 2
INSTITUTE = "Viện Công nghệ Thử nghiệm"


@pytest.fixture
def demand(market: Market) -> str:
    """A demand of the owner's with so many matches over the bar and below it; some are near-copies of the best, and
    the offer of one more has been withdrawn."""
    runtime = market.runtime
    (uid,) = publish(runtime, content("demand", "Cần máy sấy"), owner=INSTITUTE)
    offers = publish(
        runtime, *(content("offer", f"Máy {n}") for n in range(GOOD + WEAK + COPIES + 1)), owner="Nơi khác"
    )
    totals = [*range(BAR, BAR + GOOD), *range(BAR - WEAK, BAR), *[BAR + 500] * COPIES, BAR + 900]
    copied = dict.fromkeys(offers[GOOD + WEAK : -1], offers[GOOD - 1])
    with begin(runtime) as work:
        pairs = [(uid, one, total) for one, total in zip(offers, totals, strict=True)]
        store(work, pairs, copy_of=[copied.get(one, "") for one in offers])
        feed.retire(work, uid=offers[-1], reason="withdrawn")
    return uid


def cards(browser: Visitor, path: str) -> list[str]:
    """Titles of the matches a page shows."""
    return re.findall(r"<h3><a [^>]*>(?:<[^>]+>)*(Máy \d+)", browser.get(path).text)


def every_page(browser: Visitor, path: str) -> list[str]:
    """Titles from this page to the last, going on as its links lead."""
    found = cards(browser, path)
    following = re.search(r'<a href="([^"]+)" rel="next"', browser.get(path).text)
    return found + every_page(browser, unescape(following[1])) if following else found


def test_the_desk_counts_what_its_link_shows(market: Market, enter: Enter, demand: str) -> None:
    browser = enter(market.owner)
    link = re.search(rf'href="(/vi/desk/listings/{demand}/matches)">(\d+)</a>', browser.get("/vi/desk").text)
    assert link is not None
    assert int(link[2]) == GOOD
    assert len(set(every_page(browser, link[1]))) == GOOD
    assert f"{GOOD} gợi ý" in words_of(browser.get(link[1]))


@pytest.mark.parametrize("path", ["/vi/listings/{}/matches", "/vi/desk/listings/{}/matches"])
def test_what_is_below_the_bar_is_a_list_of_its_own(
    market: Market, enter: Enter, demand: str, path: str
) -> None:
    browser = enter(market.owner)
    page = browser.get(path.format(demand)).text
    tabs = dict(re.findall(r'<a href="([^"]+)"[^>]*>[^<]*<span class="count">(\d+)</span>', page))
    assert [int(count) for count in tabs.values()] == [GOOD, WEAK]
    good, weak = (every_page(browser, unescape(address)) for address in tabs)
    assert (len(set(good)), len(set(weak))) == (GOOD, WEAK)
    assert not set(good) & set(weak)
    assert cards(browser, unescape(list(tabs)[1]) + "&page=99") == weak[20:]


def test_where_nothing_is_over_the_bar_the_weak_ones_are_shown_as_such(
    market: Market, app: Flask, demand: str
) -> None:
    with begin(market.runtime) as work:
        work.session.query(Match).filter(Match.total >= BAR).delete()
    page = Visitor(app).get(f"/vi/listings/{demand}/matches")
    assert f"{WEAK} cặp yếu" in words_of(page)


def test_new_matches_wait_on_the_desk_until_they_are_read_counted_as_matches_not_as_notices(
    market: Market, enter: Enter, demand: str
) -> None:
    with begin(market.runtime) as work:
        for n in range(3):
            notices.tell(work, market.owner.user_id, key=f"m{n}", what="new_match", target=demand)
    browser = enter(market.owner)
    assert f"{GOOD} gợi ý, có gợi ý mới" in words_of(browser.get("/vi/desk"))
    with begin(market.runtime) as work:
        assert [(one.what, one.count) for one in desk.desk(work, market.owner).to_do] == [("matches", GOOD)]
        notices.mark_read(work, market.owner, [one.id for one in notices.latest(work, market.owner, most=3)])
    assert "có gợi ý mới" not in words_of(browser.get("/vi/desk"))


def test_matches_of_an_organisation_one_has_left_do_not_wait_on_the_desk(market: Market, demand: str) -> None:
    with begin(market.runtime) as work:
        notices.tell(work, market.owner.user_id, key="m", what="new_match", target=demand)
        assert desk.desk(work, market.owner).to_do
        elsewhere = replace(market.owner, roles={market.stranger_home: frozenset({"owner"})})
        assert desk.desk(work, elsewhere).to_do == ()


def test_matches_that_are_gone_again_do_not_wait_on_the_desk(market: Market, demand: str) -> None:
    with begin(market.runtime) as work:
        notices.tell(work, market.owner.user_id, key="m", what="new_match", target=demand)
        work.session.query(Match).delete()
        work.session.flush()
        assert [one.what for one in desk.desk(work, market.owner).to_do] == []


def test_of_all_my_listings_each_says_how_many_more_it_has(market: Market, enter: Enter, demand: str) -> None:
    page = enter(market.owner).get("/vi/matches")
    more = re.search(rf'<a href="(/vi/listings/{demand}/matches)">Xem tất cả ({GOOD}) gợi ý', page.text)
    assert more is not None


def test_the_second_page_of_my_listings_begins_with_the_best_match_of_each(
    market: Market, enter: Enter, demand: str
) -> None:
    runtime = market.runtime
    others = publish(
        runtime, *(content("demand", f"Cầu {n}") for n in range(LISTINGS_A_PAGE)), owner=INSTITUTE, start=1
    )
    (best,) = publish(runtime, content("offer", "Máy 99"), owner="Nơi khác nữa")
    with begin(runtime) as work:
        store(work, [(uid, best, 99_000) for uid in others])
    browser = enter(market.owner)
    assert set(cards(browser, "/vi/matches")) == {"Máy 99"}
    assert len(cards(browser, "/vi/matches?page=2")) == ON_LISTING
    assert cards(browser, "/vi/matches?page=2")[0] == cards(browser, f"/vi/listings/{demand}/matches")[0]


def test_what_would_be_found_goes_on_to_its_end_too(market: Market, enter: Enter) -> None:
    words = "Máy sấy lúa bằng bơm nhiệt tiết kiệm điện cho hợp tác xã, công suất mười tấn một mẻ"
    publish(market.runtime, *(content("offer", f"{words} kiểu Máy {n}") for n in range(30)), owner="Nơi khác")
    (uid,) = publish(market.runtime, content("demand", words), owner=INSTITUTE)
    settle(market.runtime)
    with begin(market.runtime) as work:
        listing = steps.find(work, market.owner, uid)
        steps.take(work, market.owner, listing, "pause")
    settle(market.runtime)
    browser = enter(market.owner)
    path = f"/vi/desk/listings/{uid}/matches"
    said = re.search(r"(\d+) (?:gợi ý|cặp)", words_of(browser.get(path)).partition("không lưu lại")[2])
    assert said is not None
    assert int(said[1]) > 20
    titles = re.findall(r"<h3>", browser.get(path).text + browser.get(f"{path}?page=2").text)
    assert len(titles) == int(said[1])


def test_a_tile_of_the_home_page_counts_the_offers_it_leads_to(market: Market, app: Flask) -> None:
    publish(market.runtime, *(content("offer", f"Chào {n}", fields=("4.1",)) for n in range(2)), owner="A")
    publish(market.runtime, *(content("demand", f"Cầu {n}", fields=("4.1",)) for n in range(3)), owner="B")
    settle(market.runtime)
    visitor = Visitor(app)
    tile = re.search(r'href="(/vi/offers\?field=4)"[^>]*>.*?(\d+)\s*<', visitor.get("/vi/").text, re.DOTALL)
    assert tile is not None
    assert int(tile[2]) == 2
    assert re.search(r"<h2 data-announce>\s*2 ", visitor.get(tile[1]).text)
