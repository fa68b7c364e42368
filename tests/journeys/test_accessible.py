"""Every page, in each language, light and dark, on narrow and wide screens: for everybody, and nothing cut off."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from marketplace.languages import catalogue
from marketplace.models.listings import Revision
from marketplace.work import look
from tests.support import steps
from tests.support.browser import person
from tests.support.cases import BROKER
from tests.support.live import Live, serving
from tests.support.places import MEMBER, MODERATOR, Places, furnish

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
OK = 200
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""All that differs between light and dark, and all that does not differ between languages; half of what looking costs."""
ALL = {"runOnly": RULES}
BUT_COLOURS = {**ALL, "rules": {name: {"enabled": False} for name in COLOURS}}
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": COLOURS}}
LOOKS: dict[str, tuple[tuple[Scheme, dict[str, object]], ...]] = {
    "vi": (("light", ALL), ("dark", ONLY_COLOURS)),
    "en": (("light", BUT_COLOURS),),
}
"""In each language: in which colours pages are looked at, and for what."""
WIDTHS = (1280, 768, 375, 320)
TALLEST_MASTHEAD = {1280: 80, 768: 180, 375: 180, 320: 180}
"""Pixels: one line of links where there is room, and never more than a fifth of a telephone."""
ROOMS = frozenset(key.partition(".")[0] for key in catalogue("vi").messages)
SPACED = """() => { const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; " +
      "word-spacing: .16em !important; } p { margin-block-end: 2em !important; }");
    document.adoptedStyleSheets = [sheet]; }"""
"""WCAG 1.4.12: a reader may set the text as wide as this."""
LOOKED_AT = """async (rules) => {
    document.querySelectorAll('main details').forEach((box) => { box.open = true; });
    return (await axe.run({ ...rules, resultTypes: ["violations"], preload: false })).violations
        .map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 120))]);
}"""
"""Every word between a test and the browser goes through two more processes: what is asked together is asked at once."""
CLIPPED = """() => [...document.querySelectorAll("main *, header *, footer *")].filter((part) => {
    if (part.closest(".visually-hidden, svg, select, option") || !part.textContent.trim()) return false;
    const style = getComputedStyle(part);
    if (style.clipPath !== "none") return false;  // Only for those who listen.
    const cuts = style.overflow !== "visible" && style.overflowY !== "auto" && style.overflowY !== "visible";
    return cuts && parseFloat(style.lineHeight) / parseFloat(style.fontSize) < 1.6;
}).map((part) => part.outerHTML.slice(0, 100))"""
BEYOND = """() => [...document.querySelectorAll("main :is(.scroll, .tabs)")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.getAttribute("aria-label"))"""
"""What scrolls sideways: the columns at its end are not seen by those who do not know of them."""
TELEPHONE = 640
OUTSIDE = """() => [...document.querySelectorAll("main svg text")].filter((words) => {
    const frame = words.ownerSVGElement.viewBox.baseVal, own = words.getBBox();
    return own.x < frame.x - 1 || own.x + own.width > frame.x + frame.width + 1;
}).map((words) => words.textContent)"""
"""Words of a chart that begin or end beyond its picture: only a part of them is drawn."""
MEASURED = f"""[document.querySelector(".masthead").getBoundingClientRect().height,
    document.documentElement.scrollWidth, ({OUTSIDE})(), ({BEYOND})()]"""


@dataclass
class Seen:
    """What is not as it should be, page by page, of all pages in one language."""

    violations: list[tuple[str, str, list[str]]] = field(default_factory=list)
    too_wide: list[tuple[str, str]] = field(default_factory=list)
    too_tall: list[tuple[str, str]] = field(default_factory=list)
    cut: list[tuple[str, str]] = field(default_factory=list)
    beyond: list[tuple[str, str]] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Places]]:
    """One exchange for the module: nothing here changes what a later test reads."""
    with serving(tmp_path_factory.mktemp("furnished")) as live:
        yield live, furnish(live.runtime)


@pytest.fixture(scope="module", params=["vi", "en"])
def seen(furnished: tuple[Live, Places], browser: Browser, request: pytest.FixtureRequest) -> Seen:
    """Every page opened once, by the one who would, and examined; forms also sent empty."""
    live, places = furnished
    seen, home = Seen(), f"{live.address}/{request.param}"
    looks = LOOKS[request.param]
    readers = (
        (places.visitor, ""),
        (places.member, MEMBER),
        (places.moderator, MODERATOR),
        (places.broker, BROKER),
    )
    for paths, email in readers:
        with person(browser, language=request.param) as page:
            page.context.add_init_script(AXE)
            if email:
                steps.be_signed_in(page, live, email)
            for path in paths:
                answer = page.goto(f"{home}/{path}")
                assert answer is not None
                assert answer.status == places.refused.get(path, OK), page.url
                examine(page, seen, looks)
            for path in () if email else places.blank:
                page.goto(f"{home}/{path}")
                page.locator("form.form .button.primary").click()
                expect(page.get_by_role("alert")).to_be_visible()
                examine(page, seen, looks)
    return seen


def examine(page: Page, seen: Seen, looks: Iterable[tuple[Scheme, dict[str, object]]]) -> None:
    """Look at a page that was opened with `AXE` as an initial script, which is half a megabyte: it is sent once."""
    for scheme, rules in looks:
        page.emulate_media(color_scheme=scheme)
        seen.violations.extend((page.url, name, nodes) for name, nodes in page.evaluate(LOOKED_AT, rules))
    page.emulate_media(color_scheme="light")
    cut, text = page.evaluate(f"[({CLIPPED})(), document.body.innerText]")
    seen.cut.extend((page.url, part) for part in cut)
    words = text.split()
    seen.names.extend(
        (page.url, word) for word in words if word.partition(".")[0] in ROOMS and "." in word[:-1]
    )
    _measure(page, seen)


def _measure(page: Page, seen: Seen) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        height, wide, outside, beyond = page.evaluate(MEASURED)
        if height > TALLEST_MASTHEAD[width]:
            seen.too_tall.append((page.url, f"at {width}"))
        if wide > width:
            seen.too_wide.append((page.url, f"at {width}"))
        seen.cut.extend((page.url, f"{words} at {width}") for words in outside)
        if width < TELEPHONE:
            seen.beyond.extend((page.url, f"{box} at {width}") for box in beyond)
    if page.evaluate(f"[({SPACED})(), document.documentElement.scrollWidth]")[1] > WIDTHS[-1]:
        seen.too_wide.append((page.url, "with wider spacing"))
    page.set_viewport_size({"width": 1280, "height": 900})


def test_axe_finds_nothing_on_any_page_light_or_dark(seen: Seen) -> None:
    assert seen.violations == []


def test_no_page_is_wider_than_the_screen(seen: Seen) -> None:
    assert seen.too_wide == []


def test_no_table_or_row_of_tabs_hides_its_end_on_a_telephone(seen: Seen) -> None:
    assert seen.beyond == []


def test_the_masthead_leaves_room_for_the_page(seen: Seen) -> None:
    assert seen.too_tall == []


def test_no_text_is_cut_off(seen: Seen) -> None:
    """Vietnamese marks are cut by hidden overflow at a line height under 1.6."""
    assert seen.cut == []


def test_no_page_shows_the_name_of_a_message_for_its_words(seen: Seen) -> None:
    assert seen.names == []


def test_marks_that_were_typed_apart_are_stored_as_one_letter(
    furnished: tuple[Live, Places], browser: Browser
) -> None:
    live, _ = furnished
    title = "Cần cảm biến độ mặn cho ruộng lúa Sóc Trăng"
    apart = unicodedata.normalize("NFD", title)
    assert apart != title
    with person(browser) as page:
        steps.be_signed_in(page, live, MEMBER)
        page.goto(f"{live.address}/vi/post/demand")
        page.get_by_label("Vấn đề, bằng lời của bạn").fill(apart)
        page.locator("#f-title").fill(apart)
        page.get_by_role("button", name="Lưu bản nháp").click()
        page.wait_for_url("**/check")
    with look(live.runtime) as work:
        stored = work.session.scalars(select(Revision.content).where(Revision.title == title)).one()
    assert unicodedata.is_normalized("NFC", str(stored))
