"""The moderators' room and the report form, as people meet them in a browser without a script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.models.review import ReviewItem
from marketplace.services import listings, moderation, reports, steps
from marketplace.services.policy import VISITOR
from marketplace.services.reports import Report
from marketplace.work import begin, look
from tests.listings.conftest import Enter, Market
from tests.support.market import content, settle
from tests.support.visitor import Visitor, words_of
from vocabulary.listing import Content, Sealed

SECRET = "CHUYỆN-KHÔNG-AI-ĐƯỢC-ĐỌC"
SAME = "Hệ thống cảm biến đo độ mặn liên tục cho ao nuôi tôm, truyền không dây, cảnh báo sớm sáu giờ."


def sent(market: Market, what: Content) -> tuple[str, str]:
    with begin(market.runtime) as work:
        listing = listings.post(
            work, market.owner, market.institute, what, sealed=Sealed(SECRET), submit=True
        )
        waits = select(ReviewItem.id).where(
            ReviewItem.listing_id == listing.id, ReviewItem.decided_at.is_(None)
        )
        return listing.uid, work.session.scalars(waits).one()


def published(market: Market, what: Content) -> str:
    uid, item = sent(market, what)
    with begin(market.runtime) as work:
        moderation.approve(work, market.moderator, item)
    settle(market.runtime)
    return uid


def status(market: Market, uid: str) -> str:
    with look(market.runtime) as work:
        return steps.find(work, market.owner, uid).status


def test_likely_duplicates_stand_beside_the_listing(enter: Enter, market: Market) -> None:
    same_words = published(market, content("offer", "Cảm biến độ mặn ao tôm", SAME))
    same_title = published(market, content("offer", "CẢM BIẾN ĐO MẶN", "Một chuyện hoàn toàn khác hẳn."))
    other = published(market, content("offer", "Máy sấy lúa", "Sấy lúa bằng trấu."))
    _, item = sent(market, content("offer", "Cảm biến đo mặn", SAME))
    page = enter(market.moderator).get(f"/vi/moderation/{item}")
    found = re.search(r"Có thể trùng với.*?</section>", page.text, re.DOTALL)
    assert found
    assert f"/vi/listings/{same_words}" in found[0]
    assert f"/vi/listings/{same_title}" in found[0]
    assert "Trùng tiêu đề" in found[0]
    assert other not in found[0]


def test_nothing_sealed_is_on_the_moderators_pages(enter: Enter, market: Market) -> None:
    _, item = sent(market, content("offer", "Có phần mật"))
    browser = enter(market.moderator)
    for path in ("", f"/{item}"):
        assert SECRET not in browser.get(f"/vi/moderation{path}").text


def test_a_decision_without_its_reason_is_asked_back(enter: Enter, market: Market) -> None:
    uid, item = sent(market, content("offer", "Thiếu lý do"))
    browser = enter(market.moderator)
    for decision in ("return", "reject"):
        page = browser.post(f"/vi/moderation/{item}/decide", decision=decision)
        assert page.status_code == 422
        assert f'href="#f-{decision}_reason"' in page.text
        assert f'id="f-{decision}_reason"' in page.text
    assert status(market, uid) == "in_review"
    answer = browser.post(
        f"/vi/moderation/{item}/decide", decision="return", return_reason=["unclear", "language"],
        return_text="Xin viết lại.",
    )  # fmt: skip
    assert answer.status_code == 303
    page = words_of(enter(market.owner).get(f"/vi/desk/listings/{uid}"))
    assert "Xin viết lại." in page
    assert "Khó hiểu" in page


def test_of_two_moderators_the_second_is_told(enter: Enter, market: Market) -> None:
    uid, item = sent(market, content("offer", "Hai người cùng xem"))
    first, second = enter(market.moderator), enter(market.second_moderator)
    first.post(f"/vi/moderation/{item}/decide", decision="approve")
    page = second.post(f"/vi/moderation/{item}/decide", decision="reject", reject_text="Không hợp.")
    assert page.status_code == 409
    assert market.moderator.name in words_of(page)
    assert status(market, uid) == "published"
    assert "Đã duyệt bởi" in words_of(second.get(f"/vi/moderation/{item}"))


def test_an_unknown_decision_decides_nothing(enter: Enter, market: Market) -> None:
    uid, item = sent(market, content("offer", "Quyết định lạ"))
    assert enter(market.moderator).post(f"/vi/moderation/{item}/decide", decision="x").status_code == 400
    assert status(market, uid) == "in_review"


def test_only_moderators_enter(app: Flask, enter: Enter, market: Market) -> None:
    uid, item = sent(market, content("offer", "Không phải việc của bạn"))
    for browser in (enter(market.owner), enter(market.stranger)):
        assert browser.get("/vi/moderation").status_code == 403
        assert browser.get(f"/vi/moderation/{item}").status_code == 403
        assert browser.post(f"/vi/moderation/{item}/decide", decision="approve").status_code == 403
        answer = browser.post(f"/vi/moderation/{item}/listing/suspend", uid=uid, suspend_text="x")
        assert answer.status_code == 403
    assert "/sign-in" in Visitor(app).get("/vi/moderation").headers["Location"]


def test_suspending_marking_and_their_ends(enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", "Bị xem xét"))
    with begin(market.runtime) as work:
        reports.report(work, VISITOR, uid, Report("unlawful"))
        item = work.session.scalars(select(ReviewItem.id).where(ReviewItem.kind == "report")).one()
    browser, reader = enter(market.moderator), enter(market.stranger)
    base = f"/vi/moderation/{item}/listing"
    missing = browser.post(f"{base}/mark", uid=uid, mark="prohibited")
    assert missing.status_code == 422
    assert 'href="#f-ground"' in missing.text
    browser.post(f"{base}/mark", uid=uid, mark="prohibited", ground="Điều 11 Luật 07/2017/QH14")
    assert "Điều 11 Luật 07/2017/QH14" in words_of(reader.get(f"/vi/listings/{uid}"))
    browser.post(f"{base}/unmark", uid=uid)
    assert "Điều 11 Luật" not in reader.get(f"/vi/listings/{uid}").text.split("timeline")[0]
    browser.post(f"{base}/suspend", uid=uid, suspend_reason="under_inquiry")
    assert reader.get(f"/vi/listings/{uid}").status_code == 410
    browser.post(f"{base}/restore", uid=uid)
    assert reader.get(f"/vi/listings/{uid}").status_code == 200
    browser.post(f"/vi/moderation/{item}/decide", decision="uphold", answer_text="Đã xử lý.")
    assert "Đã xử lý." in words_of(browser.get(f"/vi/moderation/{item}"))


def test_a_visitor_reports_a_listing(app: Flask, enter: Enter, market: Market) -> None:
    uid = published(market, content("offer", "Bị báo"))
    browser = Visitor(app)
    empty = browser.post(f"/vi/listings/{uid}/report")
    assert empty.status_code == 422
    assert 'href="#f-reason"' in empty.text
    typed = {"reason": "other", "text": "", "reply_to": "toi@example.org"}
    other = browser.post(f"/vi/listings/{uid}/report", **typed)
    assert other.status_code == 422
    assert "toi@example.org" in other.text
    answer = browser.post(f"/vi/listings/{uid}/report", **(typed | {"text": "Chép của tôi <b>"}))
    assert unescape(answer.headers["Location"]).endswith(f"/vi/listings/{uid}")
    queue = enter(market.moderator).get("/vi/moderation")
    assert "Có người báo" in words_of(queue)
    item = re.search(r"/vi/moderation/([0-9A-Z]{26})", queue.text)
    assert item
    seen = enter(market.moderator).get(f"/vi/moderation/{item[1]}").text
    assert "Chép của tôi &lt;b&gt;" in seen
    assert "toi@example.org" in seen
    assert "toi@example.org" not in enter(market.owner).get(f"/vi/desk/listings/{uid}").text


def test_reports_are_slowed_down(app: Flask, market: Market) -> None:
    uid = published(market, content("offer", "Bị báo nhiều"))
    browser = Visitor(app)
    answers = [
        browser.post(f"/vi/listings/{uid}/report", reason="wrong").status_code
        for _ in range(reports.REPORTS_ADDRESS.most + 1)
    ]
    assert answers == [303] * reports.REPORTS_ADDRESS.most + [429]


def test_the_queue_can_be_filtered_and_given_away(enter: Enter, market: Market) -> None:
    _, item = sent(market, content("offer", "Giao cho người khác"))
    browser = enter(market.moderator)
    browser.post(f"/vi/moderation/{item}/reassign", owner=market.second_moderator.user_id)
    assert "Giao cho người khác" not in words_of(browser.get("/vi/moderation?show=mine"))
    assert "Giao cho người khác" in words_of(enter(market.second_moderator).get("/vi/moderation?show=mine"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_message_is_missing_on_any_page_of_the_room(enter: Enter, market: Market, language: str) -> None:
    uid, item = sent(market, content("demand", "Trang nào cũng đủ lời", needed_by="2027-01-01"))
    owner, moderator = enter(market.owner), enter(market.moderator)
    paths = [
        "/desk", "/post/offer", "/post/demand", "/post/initiative", f"/desk/listings/{uid}",
        f"/desk/listings/{uid}/check", f"/desk/listings/{uid}/versions", f"/desk/listings/{uid}/preview?as=owner",
        f"/desk/listings/{uid}/matches",
    ]  # fmt: skip
    pages = [owner.get(f"/{language}{path}") for path in paths]
    pages += [moderator.get(f"/{language}/moderation{path}") for path in ("", f"/{item}", "?show=decided")]
    for page in pages:
        assert page.status_code == 200
        assert not re.findall(r"(?<![\w./@-])[a-z_]+\.[a-z]+_?[a-z_]*(?=[<\s:])", words_of(page)), (
            page.request.path
        )
