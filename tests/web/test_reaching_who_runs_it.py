"""Who runs the exchange and how to reach them stands where somebody may need it, and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.app import create_app
from marketplace.runtime import Runtime
from marketplace.settings import Contact
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.visitor import Visitor

CONTACT = Contact("Sở <b>Khoa học</b>, 1 Đường Ví Dụ", "hoi@exchange.example", "+84 24 3000 0000")
PAGES = ("/vi/help", "/vi/accessibility")


@pytest.fixture
def reachable(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    with opened(replace(embedded_settings(tmp_path), contact=CONTACT), clock) as runtime:
        yield runtime


@pytest.mark.parametrize("path", PAGES)
def test_it_stands_on_the_pages_of_help_and_accessibility(reachable: Runtime, path: str) -> None:
    page = Visitor(create_app(reachable)).get(path).text
    assert "Sở &lt;b&gt;Khoa học&lt;/b&gt;, 1 Đường Ví Dụ" in page
    assert 'href="mailto:hoi@exchange.example"' in page
    assert 'href="tel:+842430000000"' in page


def test_every_page_leads_to_it(reachable: Runtime) -> None:
    visitor = Visitor(create_app(reachable))
    for path in ("/vi/", "/vi/sign-in", "/vi/nothing-here"):
        page = visitor.get(path).text
        assert 'href="/vi/help#contact"' in page, path
        assert 'href="/vi/accessibility"' in page, path
    assert 'id="contact"' in visitor.get("/vi/help").text


def test_whom_to_tell_stands_beside_the_number_of_an_incident(reachable: Runtime) -> None:
    app = create_app(reachable)

    def fails() -> str:
        raise RuntimeError

    app.view_functions["catalogue.offers"] = fails
    assert "hoi@exchange.example" in app.test_client().get("/vi/offers", headers={"Accept": "text/html"}).text
    assert "hoi@exchange.example" not in app.test_client().get("/vi/nothing-here").text


@pytest.mark.parametrize("path", PAGES)
def test_where_nothing_is_said_the_page_says_so(embedded: Runtime, path: str) -> None:
    page = Visitor(create_app(embedded)).get(path).text
    assert "Sàn này chưa công bố địa chỉ liên hệ." in page
    assert "mailto:" not in page
    assert "tel:" not in page
