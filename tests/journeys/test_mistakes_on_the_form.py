"""What goes wrong on the form of a listing is said, can be reached and mended, and nothing that was typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.members import enterprise, join
from tests.support.steps import PROBLEM, TITLE

pytestmark = pytest.mark.browser

OWNER = "lan@example.org"
WRONG = {"#f-requirements-0-value": "abc", "#f-price_max": "vài đồng", "#f-needed_by": "31/02/2027"}
"""Control -> what cannot be read in it; the description, which must be there, stays empty."""


@pytest.fixture
def owned(live: Live) -> Live:
    join(live.runtime, OWNER, "owner", enterprise(live.runtime))
    return live


@pytest.mark.parametrize(("language", "word"), [("vi", "Lỗi:"), ("en", "Error:")], ids=["vi", "en"])
def test_each_mistake_is_said_on_top_and_leads_to_its_field(
    owned: Live, browser: Browser, language: str, word: str
) -> None:
    with person(browser, language=language) as page:
        page.goto(f"{owned.address}/{language}/post/demand")
        _fill_in_wrongly(page)
        with page.expect_response(f"**/{language}/post/demand") as answer:
            page.locator("form.form .button.primary").click()
        assert answer.value.status == 422
        expect(page).to_have_title(re.compile(f"^{word}"))
        expect(page.locator(".errors")).to_be_focused()
        _each_link_focuses_its_field(page)
        for control, typed in WRONG.items():
            expect(page.locator(control)).to_have_value(typed)
            expect(page.locator(control)).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#f-title")).to_have_value(TITLE)


def _fill_in_wrongly(page: Page) -> None:
    page.locator("#f-title").fill(TITLE)
    page.locator("#f-requirements-0-name").fill("Sai số")
    page.locator("#f-requirements-0-operator").select_option("<=")
    for control, typed in WRONG.items():
        page.locator(control).fill(typed)


def _each_link_focuses_its_field(page: Page) -> None:
    links = page.locator(".errors a")
    expect(links).to_have_count(len(WRONG) + 1)
    for link in links.all():
        field = (link.get_attribute("href") or "").removeprefix("#")
        sentence = link.text_content() or ""
        link.click()
        expect(page.locator(f"#{field}")).to_be_focused()
        described = page.locator(f"#{field}").get_attribute("aria-describedby") or ""
        words = sentence.partition(": ")[2]  # The summary names the field first.
        assert words in "".join(page.locator(f"#{one}").inner_text() for one in described.split())


def test_without_scripts_the_same_mistakes_are_said(owned: Live, browser: Browser) -> None:
    with person(browser, scripts=False) as page:
        page.goto(f"{owned.address}/vi/post/demand")
        _fill_in_wrongly(page)
        page.get_by_role("button", name="Tiếp tục: xem lại").click()
        expect(page.get_by_role("alert").locator("a")).to_have_count(len(WRONG) + 1)
        expect(page.locator("#f-price_max")).to_have_value("vài đồng")


def test_rows_come_and_go_without_scripts_and_keep_what_is_typed(owned: Live, browser: Browser) -> None:
    with person(browser, scripts=False) as page:
        page.goto(f"{owned.address}/vi/post/demand")
        page.get_by_label("Vấn đề, bằng lời của bạn").fill(PROBLEM)
        page.locator("#f-requirements-0-name").fill("Sai số")
        page.get_by_role("button", name="Thêm dòng").click()
        page.locator("#f-requirements-1-name").fill("Thời gian báo")
        page.get_by_role("button", name="Xóa dòng 1").click()
        expect(page.locator("#f-requirements-0-name")).to_have_value("Thời gian báo")
        expect(page.locator("#f-requirements-1-name")).to_have_count(0)
        expect(page.get_by_label("Vấn đề, bằng lời của bạn")).to_have_value(PROBLEM)


def test_money_is_read_back_in_full_while_it_is_typed(owned: Live, browser: Browser) -> None:
    with person(browser) as page:
        page.goto(f"{owned.address}/vi/post/demand")
        page.locator("#f-price_max").fill("1,5 tỷ")
        expect(page.locator("#f-price_max-echo")).to_have_text("1.500.000.000 ₫")
        page.locator("#f-price_max").fill("31 con cá")
        expect(page.locator("#f-price_max-echo")).to_contain_text("31 con cá")


def test_money_is_read_back_in_the_currency_of_the_form_and_again_when_that_changes(
    owned: Live, browser: Browser
) -> None:
    with person(browser) as page:
        page.goto(f"{owned.address}/vi/post/demand")
        page.locator("#f-currency").select_option("USD")
        page.locator("#f-price_min").fill("2.000")
        page.locator("#f-price_max").fill("3.500")
        expect(page.locator("#f-price_min-echo")).to_have_text("2.000,00 US$")
        expect(page.locator("#f-price_max-echo")).to_have_text("3.500,00 US$")
        page.locator("#f-currency").select_option("VND")
        expect(page.locator("#f-price_min-echo")).to_have_text("2.000 ₫")
        expect(page.locator("#f-price_max-echo")).to_have_text("3.500 ₫")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_form_from_an_older_version_shows_both_texts_and_loses_neither(
    owned: Live, browser: Browser, scripts: bool
) -> None:
    with person(browser, scripts=scripts) as mine:
        edit = _a_draft_to_edit(mine, owned)
        mine.goto(edit)
        with person(browser, scripts=scripts) as other:
            steps.be_signed_in(other, owned, OWNER)
            other.goto(edit)
            _change(other, title="Bản của người khác", price="2 tỷ")
            expect(other.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi gửi")
        with mine.expect_response(edit) as answer:
            _change(mine, title="Bản của tôi", price="3 tỷ")
        assert answer.value.status == 409
        for text in ("Bản của người khác", "Bản của tôi", "2.000.000.000", "3.000.000.000"):
            expect(mine.get_by_role("main")).to_contain_text(text)
        mine.get_by_role("checkbox", name="Giá hoặc ngân sách").check()
        mine.get_by_role("button", name="Lưu bản của tôi").click()
        expect(mine.locator(".answers")).to_contain_text("Bản của tôi")
        expect(mine.locator(".answers")).to_contain_text("2.000.000.000")


def _a_draft_to_edit(page: Page, live: Live) -> str:
    """Sign in, save a draft; the address of its form."""
    steps.be_signed_in(page, live, OWNER)
    page.goto(f"{live.address}/vi/post/demand")
    steps.answer_the_six_questions(page)
    page.get_by_role("button", name="Lưu bản nháp").click()
    page.wait_for_url("**/check")
    return page.url.replace("/check", "/edit")


def _change(page: Page, *, title: str, price: str) -> None:
    page.locator("#f-title").fill(title)
    page.locator("#f-price_max").fill(price)
    page.get_by_role("button", name="Tiếp tục: xem lại").click()
