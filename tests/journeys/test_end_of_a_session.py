"""Somebody types for longer than a session lasts: warned in time, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from marketplace.models.accounts import SignIn
from marketplace.services.sessions import IDLE
from marketplace.work import begin
from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.members import enterprise, join
from tests.support.steps import PROBLEM, TITLE

pytestmark = pytest.mark.browser

OWNER = "lan@example.org"
UNTIL_WARNED = 28 * 60 + 1  # seconds


@pytest.fixture
def owned(live: Live) -> Live:
    join(live.runtime, OWNER, "owner", enterprise(live.runtime))
    return live


def last_seen(live: Live, ago: timedelta) -> None:
    """Nothing was asked of the server for so long."""
    with begin(live.runtime) as work:
        work.session.execute(update(SignIn).values(last_seen_at=work.now - ago))


def typing(page: Page, live: Live) -> None:
    """Half an hour, nearly, in the form of a new demand."""
    steps.be_signed_in(page, live, OWNER)
    page.clock.install()
    page.goto(f"{live.address}/vi/post/demand")
    page.get_by_label("Vấn đề, bằng lời của bạn").focus()


def test_two_minutes_before_the_end_one_is_told_and_can_stay(owned: Live, browser: Browser) -> None:
    with person(browser, width=390) as page:
        typing(page, owned)
        last_seen(owned, IDLE - timedelta(seconds=100))
        page.clock.run_for(UNTIL_WARNED * 1000)
        warning = page.locator("#session-end")
        expect(warning).to_contain_text("chưa đầy hai phút")
        expect(warning).to_have_attribute("role", "status")
        page.get_by_role("button", name="Tiếp tục phiên").click()
        expect(warning).to_be_empty()
        expect(page.get_by_label("Vấn đề, bằng lời của bạn")).to_be_focused()
        assert page.request.get(f"{owned.address}/vi/session").text() >= "1790"


def test_who_has_done_something_in_another_window_is_not_warned(owned: Live, browser: Browser) -> None:
    with person(browser) as page:
        typing(page, owned)
        with page.expect_response("**/session") as asked:
            page.clock.run_for(UNTIL_WARNED * 1000)
        assert int(asked.value.text()) > 120
        expect(page.locator("#session-end")).to_be_empty()


def test_looking_how_long_it_lasts_makes_it_no_longer(owned: Live, browser: Browser) -> None:
    with person(browser) as page:
        steps.be_signed_in(page, owned, OWNER)
        last_seen(owned, timedelta(minutes=20))
        for _ in range(2):
            assert int(page.request.get(f"{owned.address}/vi/session").text()) <= 600


def test_at_its_greatest_length_there_is_nothing_to_stay_for(owned: Live, browser: Browser) -> None:
    with person(browser) as page:
        typing(page, owned)
        with begin(owned.runtime) as work:
            work.session.execute(update(SignIn).values(ends_at=work.now + timedelta(seconds=100)))
        page.clock.run_for(UNTIL_WARNED * 1000)
        page.get_by_role("button", name="Tiếp tục phiên").click()
        expect(page.locator("#session-end")).to_contain_text("đã dài hết mức")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_was_typed_past_the_end_is_sent_after_signing_in_beside_it(
    owned: Live, browser: Browser, scripts: bool
) -> None:
    with person(browser, scripts=scripts) as page:
        steps.sign_in(page, owned, OWNER)
        page.goto(f"{owned.address}/vi/post/demand")
        steps.answer_the_six_questions(page)
        last_seen(owned, IDLE)
        page.get_by_role("button", name="Tiếp tục: xem lại").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Phiên đăng nhập của bạn đã kết thúc")
        expect(page.get_by_text(PROBLEM)).to_be_visible()
        with page.expect_popup() as opened:
            page.get_by_role("link", name="Đăng nhập trong một thẻ mới").click()
        steps.sign_in(opened.value, owned, OWNER)
        expect(opened.value.get_by_label("Vấn đề, bằng lời của bạn")).to_be_visible()
        page.get_by_role("button", name="Tôi đã đăng nhập").click()
        page.get_by_role("button", name="Gửi lại").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi gửi")
        expect(page.get_by_role("main")).to_contain_text(TITLE)


def test_with_a_script_that_finds_it_over_one_is_told_where_the_text_is(
    owned: Live, browser: Browser
) -> None:
    with person(browser) as page:
        typing(page, owned)
        last_seen(owned, IDLE)
        page.clock.run_for(UNTIL_WARNED * 1000)
        expect(page.locator("#session-end")).to_contain_text("Phiên đăng nhập đã kết thúc")
        expect(page.locator("#session-end").get_by_role("link")).to_have_attribute("target", "_blank")
