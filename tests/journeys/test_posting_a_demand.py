"""An enterprise posts a demand: from registering to offers that are ranked and explained, before anybody else sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.work import look
from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.market import content, publish, settle
from tests.support.members import enterprise, join, moderator
from tests.support.steps import PROBLEM, TITLE

pytestmark = pytest.mark.browser

BEST = "Trạm đo độ mặn tự động cho ao tôm"
STEPS_BETWEEN_FIELDS = 60
"""Key presses besides typing that the whole job may cost."""


@pytest.fixture
def stocked(live: Live) -> Live:
    """An exchange with two offers that answer the demand, one better than the other, and one that does not."""
    publish(
        live.runtime,
        content(
            "offer", BEST, "Trạm đo độ mặn tại cống lấy nước ao tôm, sai số độ mặn 0,4 ‰, báo qua điện thoại trước khi "
            "nước kênh vượt ngưỡng. Đã chạy ở 41 ao tôm.",
            province="96", trl_min=8, trl_max=8, fields=("4.1",),
        ),
        content("offer", "Máy đo độ mặn cầm tay", "Đo độ mặn nước ao tôm.", province="92", trl_min=9, trl_max=9),
        content("offer", "Phần mềm đọc phim X-quang ngực", "Sàng lọc lao phổi.", province="01", trl_min=9, trl_max=9),
    )  # fmt: skip
    settle(live.runtime)
    return live


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_registering_to_ranked_and_explained_offers(
    stocked: Live, browser: Browser, scripts: bool
) -> None:
    with person(browser, scripts=scripts) as page:
        steps.register(page, stocked, name="Nguyễn Thị Lan", email="lan@example.org")
        steps.sign_in(page, stocked, "lan@example.org")
        steps.found_organisation(page, stocked, "Hợp tác xã Tôm Năm Căn")
        page.get_by_role("link", name="Đăng nhu cầu").first.click()
        steps.answer_the_six_questions(page)
        steps.go_on_and_send(page)
        _sees_matches_that_nobody_was_told_of(page, stocked)
    with person(browser, scripts=scripts) as page:
        steps.sign_in(page, stocked, moderator(stocked.runtime))
        steps.decide(page, stocked, TITLE, "Duyệt và đăng")
        expect(page.get_by_role("status").first).to_contain_text("Đã duyệt")
    settle(stocked.runtime)
    with person(browser, scripts=scripts) as page:
        _finds_it_with_its_offers_explained(page, stocked)


def _sees_matches_that_nobody_was_told_of(page: Page, live: Live) -> None:
    expect(page.get_by_text("Chưa lưu lại và chưa báo cho ai.")).to_be_visible()
    expect(_card(page, "Chào bán phù hợp").get_by_role("listitem").first).to_contain_text(BEST)
    with look(live.runtime) as work:
        for told in (Match, Notice):
            assert work.session.scalar(select(func.count()).select_from(told)) == 0


def _finds_it_with_its_offers_explained(page: Page, live: Live) -> None:
    page.goto(f"{live.address}/vi/demands?q=tram+do+do+man")
    page.get_by_role("link", name=TITLE).click()
    _card(page, "Chào bán phù hợp").get_by_role("link", name="Xem tất cả và lý do").click()
    ranked = page.get_by_role("main").get_by_role("article")
    expect(ranked.first).to_contain_text(BEST)
    scores = [int(text) for text in ranked.locator("svg text").all_text_contents()]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) >= 2
    ranked.first.get_by_role("link", name=BEST).click()
    expect(page.locator(".evidence").first).to_contain_text("sai số độ mặn 0,4 ‰")
    parts = [_points(part) for part in page.locator(".parts .head span b").all()]
    assert sum(parts[:-1]) == parts[-1]


def _points(part: Locator) -> int:
    """Thousandths of «12,553»."""
    whole, _, rest = (part.text_content() or "").partition(",")
    return int(whole) * 1000 + int(f"{rest:0<3}")


def _card(page: Page, title: str) -> Locator:
    return page.locator(".card").filter(has=page.get_by_role("heading", name=title))


def test_by_keyboard_only_in_three_pages_and_few_keys(stocked: Live, browser: Browser) -> None:
    join(stocked.runtime, "lan@example.org", "owner", enterprise(stocked.runtime))
    with person(browser) as page:
        steps.be_signed_in(page, stocked, "lan@example.org")
        page.goto(f"{stocked.address}/vi/")
        pages: list[str] = []
        page.on("domcontentloaded", lambda opened: pages.append(opened.url))
        keys = Keys(page)
        keys.to(page.get_by_role("banner").get_by_role("link", name="Đăng nhu cầu"), press="Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhu cầu công nghệ")
        keys.past_the_masthead()
        keys.to(page.get_by_label("Vấn đề, bằng lời của bạn"), types=PROBLEM)
        keys.to(page.get_by_label("Yêu cầu", exact=True), types="Sai số độ mặn")
        keys.to(page.get_by_role("radio", name="Ý tưởng"), press="Space")
        keys.to(page.get_by_label("Đến (không bắt buộc)"), types="1,5 tỷ", press="Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi gửi")
        keys.past_the_masthead()
        keys.to(page.get_by_role("button", name="Gửi duyệt"), press="Enter")
        expect(_card(page, "Chào bán phù hợp").get_by_role("listitem").first).to_contain_text(BEST)
    assert len(pages) == 3
    assert keys.pressed <= STEPS_BETWEEN_FIELDS


class Keys:
    """Somebody without a mouse: moves with Tab alone; `pressed` counts every key but the typing of words."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def to(self, wanted: Locator, *, types: str = "", press: str = "") -> None:
        while not wanted.evaluate("(one) => one === document.activeElement"):
            self._press("Tab")
            assert self.pressed <= STEPS_BETWEEN_FIELDS, f"{wanted} is out of reach"
        if types:
            self._page.keyboard.type(types)
        if press:
            self._press(press)

    def past_the_masthead(self) -> None:
        self.to(self._page.get_by_role("link", name="Đến nội dung chính"), press="Enter")

    def _press(self, key: str) -> None:
        self._page.keyboard.press(key)
        self.pressed += 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_was_typed_before_signing_in_is_there_afterwards(
    live: Live, browser: Browser, scripts: bool
) -> None:
    join(live.runtime, "lan@example.org", "owner", enterprise(live.runtime))
    with person(browser, scripts=scripts) as page:
        page.goto(f"{live.address}/vi/post/demand")
        steps.answer_the_six_questions(page)
        page.get_by_role("button", name="Tiếp tục: xem lại").click()
        expect(page.get_by_role("status").first).to_contain_text("đã được giữ")
        steps.sign_in(page, live, "lan@example.org")
        expect(page.get_by_label("Vấn đề, bằng lời của bạn")).to_have_value(PROBLEM)
        expect(page.get_by_label("Đơn vị")).to_have_value("‰")
        page.get_by_role("button", name="Tiếp tục: xem lại").click()
        expect(page.locator(".answers")).to_contain_text("1.500.000.000")


def test_a_draft_saves_itself_and_waits_on_the_desk(live: Live, browser: Browser) -> None:
    join(live.runtime, "lan@example.org", "owner", enterprise(live.runtime))
    with person(browser) as page:
        steps.be_signed_in(page, live, "lan@example.org")
        page.clock.install()
        page.goto(f"{live.address}/vi/post/demand")
        page.get_by_label("Vấn đề, bằng lời của bạn").fill(PROBLEM)
        page.clock.run_for(3_100)
        expect(page.locator("[data-save-status]")).to_contain_text("Đã lưu lúc")
        page.goto(f"{live.address}/vi/desk")
        page.get_by_role("link", name=PROBLEM[:40]).click()
        expect(page.get_by_label("Vấn đề, bằng lời của bạn")).to_have_value(PROBLEM)
