"""A visitor finds a technology: with and without scripts, on a phone, with the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from marketplace.followers import catch_up
from tests.support.browser import person
from tests.support.live import Live
from tests.support.market import content, publish

pytestmark = pytest.mark.browser


@pytest.fixture
def stocked(live: Live) -> Live:
    publish(
        live.runtime,
        content("offer", "Cảm biến độ mặn cho ao tôm", province="96", trl_min=8, trl_max=8, fields=("2.7",)),
        content("offer", "Máy sấy lúa tầng sôi", province="92", trl_min=9, trl_max=9, fields=("2.3",)),
        content("offer", "Máy sấy cá bằng bơm nhiệt", province="96", trl_min=6, trl_max=6, fields=("2.3",)),
    )
    catch_up(live.runtime)
    return live


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_home_box_to_a_listing_in_two_steps(stocked: Live, browser: Browser, scripts: bool) -> None:
    with person(browser, scripts=scripts) as page:
        page.goto(stocked.address)
        page.get_by_role("searchbox").fill("cam bien do man")
        page.get_by_role("button", name="Tìm kiếm").click()
        page.get_by_role("link", name="Cảm biến độ mặn cho ao tôm").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cảm biến độ mặn cho ao tôm")


def test_a_facet_narrows_at_once_the_address_follows_and_back_restores(
    stocked: Live, browser: Browser
) -> None:
    with person(browser) as page:
        page.goto(f"{stocked.address}/vi/offers")
        expect(page.locator("[data-announce]")).to_have_text("3 kết quả")
        page.get_by_label("Cà Mau").check()
        expect(page.locator("[data-announce]")).to_have_text("2 kết quả")
        assert "province=96" in page.url
        expect(page.get_by_label("Cà Mau")).to_be_focused()
        page.go_back()
        expect(page.locator("[data-announce]")).to_have_text("3 kết quả")


def test_without_scripts_the_apply_button_does_the_same(stocked: Live, browser: Browser) -> None:
    with person(browser, scripts=False) as page:
        page.goto(f"{stocked.address}/vi/offers")
        page.get_by_label("Cà Mau").check()
        page.get_by_role("button", name="Áp dụng").click()
        expect(page.locator("[data-announce]")).to_have_text("2 kết quả")
        page.get_by_role("link", name="English").click()
        expect(page.locator("[data-announce]")).to_have_text("2 results")


def test_on_a_phone_nothing_is_wider_than_the_screen(stocked: Live, browser: Browser) -> None:
    with person(browser, width=375) as page:
        for address in ("/vi/", "/vi/offers?q=m%C3%A1y", "/en/help", "/en/register", "/vi/sign-in"):
            page.goto(stocked.address + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 375, address


def test_a_first_visit_is_light_and_all_from_one_place(stocked: Live, browser: Browser) -> None:
    with person(browser) as page:
        loaded: list[tuple[str, int]] = []
        page.on("response", lambda answer: loaded.append((answer.url, len(answer.body()))))
        page.goto(f"{stocked.address}/vi/", wait_until="networkidle")
    assert all(url.startswith(stocked.address) for url, _ in loaded)
    assert len(loaded) <= 8
    assert sum(size for _, size in loaded) <= 60_000
