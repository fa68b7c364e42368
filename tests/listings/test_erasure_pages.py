"""The pages on which the staff erases listings, as people meet them in a browser without a script."""

from __future__ import annotations

import re

from flask import Flask

from marketplace.services import erasure_requests
from marketplace.services.policy import SYSTEM
from marketplace.work import begin
from tests.listings.conftest import Enter, Market
from tests.listings.test_moderation_pages import published, sent
from tests.support.market import content, settle
from tests.support.people import person
from tests.support.visitor import Visitor, values, words_of

TITLE = "Ủ men gia truyền"
GROUND = "Điều 16 Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"


def asked(browser: Visitor, uid: str) -> str:
    """The path of a new request."""
    answer = browser.post("/vi/erasures/new", uid=uid, ground=GROUND)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_from_the_page_of_the_listing_to_its_erasure(enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", TITLE))
    first, second = enter(market.moderator), enter(market.second_moderator)
    found = re.search(r'href="(/vi/erasures/new\?uid=[^"]+)"', first.get(f"/vi/listings/{uid}").text)
    assert found
    assert values(first.get(found[1]))["uid"] == uid
    path = asked(first, uid)
    assert "người khác phải quyết định" in words_of(first.get(path))
    assert f'action="{path}/confirm"' not in first.get(path).text
    assert path in second.get("/vi/desk/notices").text
    page = second.get(path)
    for word in (TITLE, GROUND, market.moderator.name, "Chờ người thứ hai"):
        assert word in words_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert first.get(f"/vi/listings/{uid}").status_code == 200
    assert second.post(f"{path}/confirm").status_code == 303
    assert "Đã xóa hẳn hồ sơ." in words_of(second.get(path))
    settle(market.runtime)
    assert second.get(f"/vi/listings/{uid}").status_code == 410
    for shown in (path, "/vi/erasures?show=decided", "/vi/desk/notices"):
        assert TITLE not in first.get(shown).text
    assert uid in first.get("/vi/erasures?show=decided").text


def test_who_asked_is_refused_and_so_is_whoever_comes_too_late(enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", TITLE))
    first, second = enter(market.moderator), enter(market.second_moderator)
    path = asked(first, uid)
    assert first.post(f"{path}/confirm").status_code == 403
    assert second.post(f"{path}/take_back").status_code == 403
    assert first.post(f"{path}/take_back").status_code == 303
    late = second.post(f"{path}/confirm")
    assert late.status_code == 409
    assert "vừa được quyết định hoặc rút lại" in words_of(late)
    assert second.get(f"/vi/listings/{uid}").status_code == 200


def test_a_refusal_says_why_and_keeps_what_was_typed(enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", TITLE))
    first, second = enter(market.moderator), enter(market.second_moderator)
    path = asked(first, uid)
    for reason in ("", "x" * 1001):
        page = second.post(f"{path}/refuse", reason=reason)
        assert page.status_code == 422
        assert 'href="#f-reason"' in page.text
        assert reason in page.text
    assert second.post(f"{path}/refuse", reason="Nhầm hồ sơ.").status_code == 303
    assert "Nhầm hồ sơ." in words_of(first.get(path))
    assert "đã từ chối xóa" in words_of(first.get("/vi/desk/notices"))


def test_a_request_without_ground_or_listing_is_asked_back(enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", TITLE))
    browser = enter(market.moderator)
    empty = browser.post("/vi/erasures/new", uid=uid, ground=" ")
    assert empty.status_code == 422
    assert 'href="#f-ground"' in empty.text
    assert values(empty)["uid"] == uid
    wrong = browser.post("/vi/erasures/new", uid="x:offer:1", ground=GROUND)
    assert wrong.status_code == 422
    assert 'href="#f-uid"' in wrong.text
    assert GROUND in wrong.text
    asked(browser, uid)
    assert browser.post("/vi/erasures/new", uid=uid, ground=GROUND).status_code == 409


def test_what_a_terminal_asked_for_says_so_and_an_operator_sees_what_it_is(
    enter: Enter, market: Market
) -> None:
    uid, _ = sent(market, content("offer", TITLE))
    with begin(market.runtime) as work:
        operator = person(work, "Phạm Vận", {next(iter(market.moderator.roles)): ("operator",)})
        request_id = erasure_requests.ask(work, SYSTEM, uid, GROUND)
    browser = enter(operator)
    for language, words in (("vi", "không biết là của ai"), ("en", "not known by whom")):
        page = words_of(browser.get(f"/{language}/erasures/{request_id}"))
        assert words in page
        assert TITLE in page
    assert browser.post(f"/vi/erasures/{request_id}/confirm").status_code == 303


def test_the_list_is_empty_and_then_shows_what_waits(enter: Enter, market: Market) -> None:
    browser = enter(market.moderator)
    assert "Không có đề nghị nào đang chờ" in words_of(browser.get("/vi/erasures"))
    assert 'href="/vi/erasures"' in browser.get("/vi/desk").text
    path = asked(browser, published(market, content("offer", TITLE)))
    listed = browser.get("/en/erasures")
    assert TITLE in words_of(listed)
    assert path.replace("/vi/", "/en/") in listed.text


def test_only_the_staff_enters_and_only_by_a_form_of_ours(app: Flask, enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", TITLE))
    path = asked(enter(market.moderator), uid)
    owner = enter(market.owner)
    for shown in ("/vi/erasures", "/vi/erasures/new", path):
        assert owner.get(shown).status_code == 403
        assert "/sign-in" in Visitor(app).get(shown).headers["Location"]
    assert owner.post(f"{path}/confirm").status_code == 403
    assert "/erasures" not in owner.get(f"/vi/listings/{uid}").text
    assert enter(market.second_moderator).post_without_token(f"{path}/confirm").status_code == 403
    assert owner.get(f"/vi/listings/{uid}").status_code == 200
