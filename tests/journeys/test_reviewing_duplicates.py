"""The pages about technologies of several exchanges, as both kinds of exchange show them: for everybody, and whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from marketplace.followers import followers
from marketplace.models.accounts import Membership
from marketplace.models.clusters import Candidate
from marketplace.readers import drain
from marketplace.work import begin, look
from tests.journeys.test_accessible import AXE, LOOKS, Seen, examine
from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live, serving
from tests.support.market import content, publish
from tests.support.members import moderator
from tests.support.twins import SAYS, TITLE, received, suggestion_about

pytestmark = pytest.mark.browser

STAFF = "duyet@example.org"


@contextmanager
def staffed(live: Live) -> Iterator[None]:
    moderator(live.runtime, STAFF)
    with begin(live.runtime) as work:
        held = work.session.scalars(select(Membership)).one()
        own, who = held.organisation_id, held.user_id
        work.session.add(Membership(user_id=who, organisation_id=own, role="operator", since=work.now))
    yield


def well(page: Page, *addresses: str) -> None:
    seen = Seen()
    page.context.add_init_script(AXE)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, address
        examine(page, seen, LOOKS["vi"])
    assert seen == Seen()


def test_a_reviewer_links_two_listings_and_a_visitor_finds_one(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, role="national") as live, staffed(live), person(browser) as page:
        one, _ = received(live.runtime)
        with look(live.runtime) as work:
            pair = work.session.scalars(select(Candidate.id)).one()
        steps.be_signed_in(page, live, STAFF)
        for language in ("vi", "en"):
            home = f"{live.address}/{language}"
            well(page, f"{home}/clusters?show=asked", f"{home}/clusters", f"{home}/clusters/{pair}")
        page.goto(f"{live.address}/vi/clusters?show=asked")
        page.get_by_role("link", name=TITLE).click()
        page.get_by_label("Ghi chú").fill("Cùng một bằng, hai nơi chào bán.")
        page.get_by_role("button", name="Nối: là một").click()
        expect(page.get_by_text("Đã nối. Tìm kiếm hiện một lần")).to_be_visible()
        drain(followers(live.runtime))
        page.goto(f"{live.address}/vi/offers?q=độ+mặn")
        expect(page.get_by_role("link", name=re.compile("Cảm biến"))).to_have_count(1)
        well(
            page,
            f"{live.address}/vi/offers?q=độ+mặn",
            f"{live.address}/vi/listings/{one}",
            f"{live.address}/vi/clusters/{pair}",
        )


def test_at_home_a_suggestion_is_read_and_answered(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as live, staffed(live), person(browser) as page:
        (uid,) = publish(live.runtime, content("offer", TITLE, SAYS))
        with begin(live.runtime) as work:
            told = suggestion_about(uid, work.now)
            work.session.add(told)
            suggestion = told.uid
        steps.be_signed_in(page, live, STAFF)
        for language in ("vi", "en"):
            home = f"{live.address}/{language}"
            well(
                page,
                f"{home}/sync/suggestions",
                f"{home}/desk/suggestions/{suggestion}",
                f"{home}/desk/listings/{uid}",
            )
        page.goto(f"{live.address}/vi/desk/listings/{uid}")
        page.get_by_role("link", name="Xem và trả lời").click()
        page.get_by_role("button", name="Không phải").click()
        expect(page.get_by_text("Sàn này đã trả lời:")).to_be_visible()
        well(page, f"{live.address}/vi/desk/suggestions/{suggestion}")
