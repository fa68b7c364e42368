"""A form that is sent when its session is over: nothing is done, and nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace.models.listings import Listing
from marketplace.services import sessions
from marketplace.services.policy import Actor
from marketplace.web import kept, login
from marketplace.work import begin, look
from tests.listings.conftest import PASSWORD, Enter, Market
from tests.listings.test_posting_pages import DEMAND, posted
from tests.support.clock import HandMovedClock
from tests.support.visitor import Visitor, values, words_of
from tests.web.styleguide_page import ROOT

TOO_LONG = timedelta(minutes=31)
NEW = "/vi/post/demand"


@pytest.fixture
def browser(enter: Enter, market: Market) -> Visitor:
    return enter(market.owner)


def come_back(browser: Visitor, market: Market, actor: Actor) -> None:
    """Sign in anew in this browser."""
    with begin(market.runtime) as work:
        token = sessions.open_for(work, actor.user_id)
    browser.hold(login.cookie_name(market.runtime.settings, "session"), token)


def listings_of(market: Market) -> int:
    with look(market.runtime) as work:
        return work.session.scalar(select(func.count()).select_from(Listing)) or 0


def holds(page: TestResponse, typed: dict[str, str]) -> bool:
    """Whether a form of the page would send all this again."""
    form = values(page)
    return {name: form.get(name) for name in typed} == typed


def sign_in_link(page: TestResponse) -> str:
    found = re.search(r'<main.*?href="([^"]*/sign-in[^"]*)"', page.text, re.DOTALL)
    assert found is not None, words_of(page)
    return unescape(found[1])


def test_a_new_listing_comes_back_whole_and_is_sent_after_signing_in(
    browser: Visitor, market: Market, clock: HandMovedClock
) -> None:
    form = values(browser.get(NEW)) | DEMAND
    clock.move(TOO_LONG)
    ended = browser.send(NEW, form, page=NEW)
    assert ended.status_code == 401
    assert ended.headers["Cache-Control"] == "no-store"
    assert "Phiên đăng nhập của bạn đã kết thúc" in words_of(ended)
    assert DEMAND["description"] in words_of(ended), "what was typed can be read and copied"
    assert holds(ended, DEMAND)
    assert sign_in_link(ended) == "/vi/sign-in?next=/vi/post/demand"
    come_back(browser, market, market.owner)
    asked = browser.send(NEW, values(ended))
    assert holds(asked, DEMAND)
    assert listings_of(market) == 0, "it is sent by who sees that it is, not by having signed in"
    assert browser.send(NEW, values(asked)).status_code == 303
    assert listings_of(market) == 1


def test_pressed_too_early_it_is_still_there(browser: Visitor, market: Market, clock: HandMovedClock) -> None:
    uid = posted(browser)
    path = f"/vi/desk/listings/{uid}/edit"
    form = values(browser.get(path)) | {"title": "Gõ suốt một giờ"}
    clock.move(TOO_LONG)
    ended = browser.send(path, form, page=path)
    for _ in range(2):
        assert ended.status_code == 401
        assert holds(ended, {"title": "Gõ suốt một giờ", "version": form["version"]})
        ended = browser.send(path, values(ended))
    come_back(browser, market, market.owner)
    assert browser.send(path, values(browser.send(path, values(ended)))).status_code == 303
    assert values(browser.get(path))["title"] == "Gõ suốt một giờ"


def test_who_has_signed_in_meanwhile_in_another_window_sends_it_by_one_more_press(
    browser: Visitor, market: Market, clock: HandMovedClock
) -> None:
    form = values(browser.get(NEW)) | DEMAND
    clock.move(TOO_LONG)
    come_back(browser, market, market.owner)
    again = browser.send(NEW, form, site="same-origin")
    assert again.status_code == 403
    assert holds(again, DEMAND)
    assert browser.send(NEW, values(again), site="same-origin").status_code == 303
    assert listings_of(market) == 1


@pytest.mark.parametrize("site", ["", "cross-site", "same-site"])
def test_what_another_site_sends_never_stands_in_a_form_of_ours(
    app: Flask, browser: Visitor, market: Market, clock: HandMovedClock, site: str
) -> None:
    foreign = DEMAND | {"csrf_token": "ab" * 32}
    path = f"/vi/desk/listings/{posted(browser)}/edit"
    for sender in (browser, Visitor(app)):
        for address in (NEW, path):
            assert DEMAND["description"] not in sender.send(address, foreign, site=site).text
    clock.move(TOO_LONG)
    for address in (NEW, path):
        assert DEMAND["description"] not in browser.send(address, foreign, site=site).text


def test_a_button_alone_leads_back_to_its_page(
    browser: Visitor, market: Market, clock: HandMovedClock
) -> None:
    page = f"/vi/desk/listings/{posted(browser)}"
    form = {"csrf_token": values(browser.get(page))["csrf_token"], "version": "1"}
    clock.move(TOO_LONG)
    ended = browser.send(f"{page}/withdraw", form, page=f"{page}?a=1")
    assert ended.status_code == 401
    assert sign_in_link(ended) == f"/vi/sign-in?next={page}?a%3D1"


@pytest.mark.parametrize("elsewhere", ["http://evil.example/x", "http://localhost//evil.example/x", ""])
def test_nobody_is_led_to_another_site(browser: Visitor, clock: HandMovedClock, elsewhere: str) -> None:
    form = values(browser.get(NEW)) | DEMAND
    clock.move(TOO_LONG)
    ended = browser._client.post(NEW, data=form, headers={"Referer": elsewhere})
    assert sign_in_link(ended) == "/vi/sign-in?next=/vi/post/demand"


def test_more_than_any_form_holds_is_not_given_back(browser: Visitor, clock: HandMovedClock) -> None:
    form = values(browser.get(NEW)) | {"description": "muối " * 50_000}
    clock.move(TOO_LONG)
    ended = browser.send(NEW, form, page=NEW)
    assert ended.status_code == 401
    assert len(ended.data) < 50_000


def test_a_refused_form_shows_what_was_written(browser: Visitor, market: Market) -> None:
    page = browser.post(f"/vi/desk/listings/{posted(browser)}/pause", note="Chỉ tạm dừng ít ngày")
    assert page.status_code == 409
    assert "Chỉ tạm dừng ít ngày" in words_of(page)


def test_a_password_never_comes_back_nor_what_stood_beside_it(
    browser: Visitor, clock: HandMovedClock
) -> None:
    form = values(browser.get("/vi/account/email")) | {
        "current_password": PASSWORD,
        "email": "new@example.org",
    }
    clock.move(TOO_LONG)
    ended = browser.send("/vi/account/email", form, site="same-origin", page="/vi/account/email")
    assert ended.status_code == 401
    assert PASSWORD not in ended.text
    assert "new@example.org" not in ended.text
    assert sign_in_link(ended) == "/vi/sign-in?next=/vi/account/email"


def test_every_field_for_a_secret_is_known_as_one() -> None:
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    passwords = re.findall(r'text\("(\w+)"[^}]*?type="password"', "".join(templates))
    assert set(passwords) == kept.SECRETS
    asking = [page for page in templates if "form.code(" in page]
    rooms = {room for page in asking for room in re.findall(r'form\.form\(url_for\("(\w+)\.', page)}
    assert rooms == kept.SECRET_ROOMS


def test_the_tax_code_of_an_organisation_is_no_secret(browser: Visitor, clock: HandMovedClock) -> None:
    path = "/vi/organisations/new"
    form = values(browser.get(path)) | {"name": "Hợp tác xã Tôm", "code": "0101234567"}
    clock.move(TOO_LONG)
    assert holds(browser.send(path, form, page=path), {"name": "Hợp tác xã Tôm", "code": "0101234567"})
