"""The style guide in a real browser, under the policy the application sends: reached, enlarged, scripted."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from marketplace.web.headers import CONTENT_SECURITY_POLICY
from tests.support.browser import PATIENCE
from tests.web.styleguide_page import STATIC, render

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ANSWERS = {"/draft": "Đã lưu lúc 14:05.", "/amount": "2.000.000.000 ₫"}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((part) => {
    const box = part.getBoundingClientRect();
    const own = part.closest(".scroll, .tabs, .skip, .visually-hidden");
    return !own && (box.right > innerWidth + 1 || box.left < -1);
}).map((part) => part.outerHTML.slice(0, 80))"""


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Tests say what went wrong; the server need not say what went right."""


def guide(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The style guide at `/vi`, `/en`; static files; drafts and amounts answered in words."""
    path = environ["PATH_INFO"]
    if path.startswith("/static/"):
        file = STATIC / path.removeprefix("/static/")
        start_response("200 OK", [("Content-Type", TYPES[file.suffix])])
        return [file.read_bytes()]
    if path in ANSWERS:
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [ANSWERS[path].encode()]
    ticked = parse_qs(environ["QUERY_STRING"]).get("transfer_form", [])
    page = render("en" if path == "/en" else "vi", "/static", ticked)
    policy = ("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), policy])
    return [page.encode()]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with make_server("127.0.0.1", 0, guide, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """An open style guide that may not complain: no error, no refusal by the policy."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=address, reduced_motion="reduce"
    )
    complaints: list[str] = []
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto("/vi")
    yield opened
    context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")

    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]

    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 768, 1100, 1280])
def test_nothing_leaves_the_page_sideways(page: Page, direction: str, width: int) -> None:
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    page.set_viewport_size({"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    assert page.locator(".masthead").evaluate("(head) => head.offsetHeight") <= 180


def test_wider_spacing_cuts_no_text(page: Page) -> None:
    """WCAG 1.4.12: line height 1.5, letters 0.12 em, words 0.16 em, paragraphs 2 em."""
    page.evaluate("""() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; " +
          "word-spacing: .16em !important; } p { margin-block-end: 2em !important; }");
        document.adoptedStyleSheets = [sheet]; }""")
    page.set_viewport_size({"width": 375, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_errors_are_reached_first_and_lead_to_their_fields(page: Page) -> None:
    expect(page.locator(".errors")).to_be_focused()

    page.locator(".errors a").first.click()

    expect(page.locator("#f-title")).to_be_focused()
    assert page.locator("#f-title").get_attribute("aria-invalid") == "true"


def test_a_changed_filter_swaps_the_results_and_keeps_the_focus(page: Page) -> None:
    box = page.locator("#facet-transfer_form-1")
    box.check()

    expect(page.locator("#results h2").first).to_have_text("1.184 kết quả")
    expect(page.locator("#announce")).to_have_text("1.184 kết quả")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    assert "transfer_form=1" in page.url

    page.go_back()

    expect(page.locator("#results h2").first).to_have_text("1.284 kết quả")
    expect(box).not_to_be_checked()


def test_filters_are_folded_on_a_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 800}, base_url=address)
    phone = context.new_page()
    phone.goto("/vi")

    expect(phone.locator("#filters")).to_be_hidden()
    phone.locator("#filters-box > summary").click()
    expect(phone.locator("#filters")).to_be_visible()
    context.close()


def test_without_a_script_the_filters_are_a_form(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    plain = context.new_page()
    plain.goto("/vi")
    plain.locator("#facet-transfer_form-1").check()
    plain.get_by_role("button", name="Áp dụng").click()

    expect(plain.locator("#results h2").first).to_have_text("1.184 kết quả")
    context.close()


def test_characters_are_counted_as_the_server_counts(page: Page) -> None:
    field = page.locator("#f-problem")
    counter = page.locator("#f-problem-counter")

    field.fill("đo\u0323̂ mặn")  # the second letter is decomposed: one letter, three code points
    expect(counter).to_have_text("Còn 394 ký tự.")

    field.fill("a" * 401)
    expect(counter).to_have_text("Thừa 1 ký tự, xin rút gọn.")


def test_a_draft_saves_itself_and_what_is_unsaved_is_not_left_by_accident(page: Page) -> None:
    leaving = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    page.clock.install()
    page.goto("/vi")
    assert page.evaluate(leaving) is True

    page.locator("#f-title").fill("Đo độ mặn")
    assert page.evaluate(leaving) is False

    page.clock.run_for(3_100)
    expect(page.locator("[data-save-status]")).to_have_text("Đã lưu lúc 14:05.")
    assert page.evaluate(leaving) is True


def test_an_amount_is_read_back_by_the_server(page: Page) -> None:
    page.locator("#f-price-maximum").fill("2 tỷ")

    expect(page.locator("#f-price-maximum-echo")).to_have_text("2.000.000.000 ₫")


def test_escape_closes_the_account_menu_and_returns_the_focus(page: Page) -> None:
    summary = page.locator("details.on-wide > summary").last
    summary.click()
    expect(page.locator("details.on-wide .panel").last).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("details.on-wide .panel").last).to_be_hidden()
    expect(summary).to_be_focused()
