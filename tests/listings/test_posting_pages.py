"""The posting form and what follows, as people meet it in a browser without a script."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace import passwords
from marketplace.models.accounts import User
from marketplace.models.listings import Listing
from marketplace.models.review import ReviewItem
from marketplace.services import listings, moderation, steps
from marketplace.services.reasons import Reason
from marketplace.work import begin, look
from tests.listings.conftest import PASSWORD, Enter, Market
from tests.support.visitor import Visitor, values, words_of
from vocabulary.listing import Content, Sealed

SECRET = "NỘI-DUNG-MẬT-CỦA-CHÚNG-TÔI"
DEMAND = {
    "language": "vi",
    "description": "Ao tôm ở Cà Mau bị xâm nhập mặn đột ngột, cần cảnh báo trước sáu giờ.",
    "requirements.0.name": "Sai số độ mặn",
    "requirements.0.operator": "<=",
    "requirements.0.value": "0,5",
    "requirements.0.unit": "‰",
    "requirements.0.must": "1",
    "trl_min": "6",
    "price_min": "1,5 tỷ",
    "needed_by": "31/05/2027",
    "province": "96",
    "anonymous": "0",
    "sealed_text": SECRET,
}


def posted(browser: Visitor, **changes: str) -> str:
    """Fill in and send a demand; the uid of the draft it became."""
    answer = browser.post("/vi/post/demand", **(DEMAND | changes))
    assert answer.status_code == 303, words_of(answer)[:500]
    found = re.search(r"/desk/listings/([^/]+)/check", answer.headers["Location"])
    assert found
    return unescape(found[1])


def test_what_a_visitor_has_begun_is_kept_by_no_browser(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.post("/vi/post/demand/autosave", **DEMAND)
    page = visitor.get("/vi/post/demand")
    assert SECRET in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_visitor_fills_in_first_and_signs_in_later(app: Flask, market: Market, enter: Enter) -> None:
    browser = Visitor(app)
    answer = browser.post("/vi/post/demand", **DEMAND)
    assert answer.status_code == 303
    assert "/sign-in?next=" in answer.headers["Location"]
    assert "đã được giữ" in words_of(browser.get("/vi/sign-in"))
    with look(market.runtime) as work:
        email = work.session.scalars(select(User.email).where(User.id == market.owner.user_id)).one()
    with begin(market.runtime) as work:
        mine = update(User).where(User.id == market.owner.user_id)
        work.session.execute(mine.values(password_hash=passwords.hashed(PASSWORD)))
    browser.sign_in(email, PASSWORD)
    form = values(browser.get("/vi/post/demand"))
    for name, value in DEMAND.items():
        assert form[name] == value, name
    uid = posted(browser, **{name: value for name, value in form.items() if name in DEMAND})
    with look(market.runtime) as work:
        assert steps.confidential(work, market.owner, uid) == Sealed(SECRET)
    assert values(browser.get("/vi/post/demand"))["description"] == ""


def test_a_title_that_is_too_long_is_said_also_where_the_description_is_missing(
    enter: Enter, market: Market
) -> None:
    page = enter(market.owner).post("/vi/post/demand", **(DEMAND | {"title": "x" * 400, "description": ""}))
    assert 'href="#f-title"' in page.text
    assert 'href="#f-description"' in page.text


def test_what_is_wrong_is_said_once_on_top_and_at_its_field_and_nothing_typed_is_lost(
    enter: Enter, market: Market
) -> None:
    browser = enter(market.owner)
    wrong = {"price_min": "một đống tiền", "needed_by": "31/02/2027", "requirements.0.value": "ít"}
    page = browser.post("/vi/post/demand", **(DEMAND | wrong))
    assert page.status_code == 422
    assert "<title>Lỗi:" in page.text
    summary = re.search(r'<div class="errors".*?</div>', page.text, re.DOTALL)
    assert summary
    for name in wrong:
        own = f"f-{name.replace('.', '-')}"
        assert f'href="#{own}"' in summary[0]
        assert f'id="{own}"' in page.text
        assert f'id="{own}-error"' in page.text
    assert page.text.count('aria-invalid="true"') == len(wrong)
    form = values(page)
    for name, value in (DEMAND | wrong).items():
        assert form[name] == value, name


@pytest.mark.parametrize("kind", ["offer", "demand", "initiative"])
def test_an_empty_form_says_what_is_needed(enter: Enter, market: Market, kind: str) -> None:
    page = enter(market.owner).post(f"/en/post/{kind}", language="en")
    assert page.status_code == 422
    summary = re.search(r'<div class="errors".*?</div>', page.text, re.DOTALL)
    assert summary
    assert "Description" in summary[0]
    assert re.findall(r'href="#(f-[^"]*)"', summary[0]) == ["f-description"]


def test_rows_are_added_and_removed_by_buttons(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    second = {f"requirements.1.{name}": "hai" for name in ("name", "value")}
    page = browser.post("/vi/post/demand", **DEMAND, **second, add_requirement="1")
    form = values(page)
    assert page.status_code == 200
    assert (form["requirements.0.value"], form["requirements.1.name"], form["requirements.2.name"]) == (
        "0,5", "hai", "",
    )  # fmt: skip
    form = values(browser.post("/vi/post/demand", **DEMAND, **second, remove_requirement="0"))
    assert form["requirements.0.name"] == "hai"
    assert "requirements.1.name" not in form
    assert form["description"] == DEMAND["description"]


def test_enter_in_a_field_presses_the_button_that_goes_on(enter: Enter, market: Market) -> None:
    page = enter(market.owner).get("/vi/post/demand").text
    main = page[page.index('<main id="main"') :]
    first = re.search(r"<button\b[^>]*>", main[main.index('action="/vi/post/demand"') :])
    assert first
    assert "name=" not in first[0]


def test_the_form_is_kept_while_it_is_typed(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    answer = browser.post("/vi/post/demand/autosave", **DEMAND)
    assert (answer.status_code, answer.text[:9]) == (200, "Đã lưu lú")
    page = browser.get("/vi/post/demand")
    assert "Đã mở lại nội dung bạn gõ dở" in words_of(page)
    assert values(page)["description"] == DEMAND["description"]
    assert "gõ dở" in words_of(browser.get("/vi/desk"))
    browser.post("/vi/post/demand/forget")
    assert values(browser.get("/vi/post/demand"))["description"] == ""


def test_somebody_without_an_organisation_is_sent_to_find_one_and_loses_nothing(
    enter: Enter, market: Market
) -> None:
    browser = enter(market.moderator)
    answer = browser.post("/vi/post/demand", **DEMAND)
    assert "/organisations" in answer.headers["Location"]
    assert values(browser.get("/vi/post/demand"))["description"] == DEMAND["description"]


def test_a_title_is_proposed_from_the_first_words(enter: Enter, market: Market) -> None:
    uid = posted(enter(market.owner))
    with look(market.runtime) as work:
        title = steps.working(work, steps.find(work, market.owner, uid)).title
    assert title == "Ao tôm ở Cà Mau bị xâm nhập mặn đột ngột, cần cảnh báo"[: len(title)]
    assert len(title.split()) == 12


def test_from_the_form_to_the_public_page(enter: Enter, market: Market) -> None:
    browser, moderator = enter(market.owner), enter(market.moderator)
    uid = posted(browser)
    check = browser.get(f"/vi/desk/listings/{uid}/check")
    assert "1.500.000.000" in words_of(check)
    assert "Cà Mau" in words_of(check)
    version = re.search(r'name="version" value="(\d+)"', check.text)
    assert version
    sent = browser.post(f"/vi/desk/listings/{uid}/submit", version=version[1])
    assert sent.headers["Location"].endswith(f"/vi/desk/listings/{uid}")
    assert browser.get(f"/vi/listings/{uid}").status_code == 404
    queue = moderator.get("/vi/moderation")
    item = re.search(r"/vi/moderation/([0-9A-Z]{26})", queue.text)
    assert item
    assert SECRET not in moderator.get(f"/vi/moderation/{item[1]}").text
    moderator.post(f"/vi/moderation/{item[1]}/decide", decision="approve")
    page = browser.get(f"/vi/listings/{uid}")
    assert page.status_code == 200
    assert SECRET not in page.text


def test_what_is_missing_is_said_where_it_is_sent_from(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    answer = browser.post("/vi/post/demand", language="vi", title="Chỉ có tiêu đề", save="1")
    uid = re.search(r"/desk/listings/([^/]+)/check", answer.headers["Location"])
    assert uid
    page = browser.post(f"/vi/desk/listings/{uid[1]}/submit", version="1")
    assert page.status_code == 422
    assert f'href="/vi/desk/listings/{uid[1]}/edit#f-description"' in page.text


def test_a_stale_form_shows_both_texts_and_loses_nothing(enter: Enter, market: Market) -> None:
    first, second = enter(market.owner), enter(market.owner)
    uid = posted(first)
    forms = [values(browser.get(f"/vi/desk/listings/{uid}/edit")) for browser in (first, second)]
    first.post(
        f"/vi/desk/listings/{uid}/edit", **(kept(forms[0]) | {"title": "Của người một", "province": "01"})
    )
    mine = kept(forms[1]) | {"title": "Của người hai", "partner": "Chỉ người hai gõ dòng này"}
    page = second.post(f"/vi/desk/listings/{uid}/edit", **mine)
    assert page.status_code == 409
    seen = words_of(page)
    assert "Của người một" in seen
    assert "Của người hai" in seen
    hidden = values(page)
    for name, value in mine.items():
        if name != "version":
            assert hidden[name] == value, name
    merged = second.post(f"/vi/desk/listings/{uid}/edit", **(kept(hidden) | {"take": "province"}))
    assert merged.status_code == 303
    with look(market.runtime) as work:
        content = steps.content(steps.working(work, steps.find(work, market.owner, uid)))
    assert (content.title, content.province) == ("Của người hai", "01")
    assert content.text.partner == "Chỉ người hai gõ dòng này"


def kept(form: dict[str, str]) -> dict[str, str]:
    """What a browser would send of this form."""
    return {name: value for name, value in form.items() if name not in ("csrf_token", "file", "take")}


def test_from_the_page_of_both_texts_one_can_go_back_to_the_form(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    form = kept(values(browser.get(f"/vi/desk/listings/{uid}/edit")))
    browser.post(f"/vi/desk/listings/{uid}/edit", **(form | {"title": "Trước"}))
    stale = browser.post(f"/vi/desk/listings/{uid}/edit", **(form | {"title": "Sau"}))
    page = browser.post(f"/vi/desk/listings/{uid}/edit", **kept(values(stale)), back="1")
    assert page.status_code == 200
    again = values(page)
    assert (again["title"], again["version"]) == ("Sau", "2")
    assert browser.post(f"/vi/desk/listings/{uid}/edit", **kept(again)).status_code == 303


def test_a_window_that_falls_behind_is_told_while_it_is_typed_in(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    form = kept(values(browser.get(f"/vi/desk/listings/{uid}/edit")))
    assert "Đã lưu lúc" in browser.post(f"/vi/desk/listings/{uid}/autosave", **form).text
    browser.post(f"/vi/desk/listings/{uid}/edit", **(form | {"title": "Từ cửa sổ khác"}))
    late = browser.post(f"/vi/desk/listings/{uid}/autosave", **(form | {"title": "Gõ tiếp"}))
    assert "cả hai bản" in late.text
    assert values(browser.get(f"/vi/desk/listings/{uid}/edit"))["title"] == "Gõ tiếp"


def test_what_was_typed_survives_a_listing_that_can_no_longer_be_edited(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    form = kept(values(browser.get(f"/vi/desk/listings/{uid}/edit")))
    with begin(market.runtime) as work:
        listings.submit(work, market.owner, uid)
    page = browser.post(f"/vi/desk/listings/{uid}/edit", **(form | {"title": "Gõ quá muộn"}))
    assert page.status_code == 409
    assert "Chờ duyệt" in words_of(page)
    with begin(market.runtime) as work:
        listings.recall(work, market.owner, uid)
    assert values(browser.get(f"/vi/desk/listings/{uid}/edit"))["title"] == "Gõ quá muộn"


def test_each_step_has_its_button_and_a_withdrawal_can_be_undone(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    browser.post(f"/vi/desk/listings/{uid}/withdraw")
    page = browser.get(f"/vi/desk/listings/{uid}")
    assert "Hoàn tác việc rút" in words_of(page)
    browser.post(f"/vi/desk/listings/{uid}/unwithdraw")
    with look(market.runtime) as work:
        assert steps.find(work, market.owner, uid).status == "draft"
    refused = browser.post(f"/vi/desk/listings/{uid}/pause")
    assert refused.status_code == 409
    assert "Tạm ẩn" in words_of(refused)
    assert "Bản nháp" in words_of(refused)


PATHS = (
    "", "/edit", "/check", "/versions", "/preview?as=owner", "/matches",
)  # fmt: skip
STEPS = (
    "edit", "autosave", "forget", "field", "files", "submit", "recall", "discard", "pause", "resume", "withdraw",
    "unwithdraw", "renew", "confirm",
)  # fmt: skip


def test_a_member_of_another_organisation_meets_nothing_anywhere(enter: Enter, market: Market) -> None:
    uid = posted(enter(market.owner))
    stranger = enter(market.stranger)
    for path in PATHS:
        assert stranger.get(f"/vi/desk/listings/{uid}{path}").status_code == 404, path
    for step in STEPS:
        answer = stranger.post(f"/vi/desk/listings/{uid}/{step}", **DEMAND, version="1")
        assert answer.status_code == 404, step
    with look(market.runtime) as work:
        listing = steps.find(work, market.owner, uid)
        assert (listing.status, listing.version) == ("draft", 1)


def test_a_visitor_is_asked_to_sign_in(app: Flask, enter: Enter, market: Market) -> None:
    uid = posted(enter(market.owner))
    for path in PATHS:
        answer = Visitor(app).get(f"/vi/desk/listings/{uid}{path}")
        assert answer.status_code == 303, path
        assert "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("reader", "contact", "secret", "name"),
    [("public", False, False, True), ("member", True, False, True), ("nda", True, True, True)],
)
def test_the_preview_shows_what_each_reader_sees(
    enter: Enter, market: Market, reader: str, contact: bool, secret: bool, name: bool
) -> None:
    browser = enter(market.owner)
    uid = posted(browser, contact_email="lien@example.org")
    page = browser.get(f"/vi/desk/listings/{uid}/preview?as={reader}").text
    assert ("lien@example.org" in page) is contact
    assert (SECRET in page) is secret
    assert ("Viện Công nghệ Thử nghiệm" in page) is name


def test_a_hidden_organisation_is_hidden_in_the_preview_too(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser, contact_email="lien@example.org", anonymous="1")
    for reader in ("public", "member"):
        page = browser.get(f"/vi/desk/listings/{uid}/preview?as={reader}").text
        assert "lien@example.org" not in page
        assert "Viện Công nghệ Thử nghiệm" not in page


@pytest.mark.parametrize(
    ("typed", "echo"),
    [
        ("1,5 tỷ", "1.500.000.000\u00a0₫"),
        ("850 triệu", "850.000.000\u00a0₫"),
        ("thỏa thuận", "Thỏa thuận"),
        ("", ""),
    ],
)
def test_money_is_echoed_in_full(app: Flask, typed: str, echo: str) -> None:
    assert Visitor(app).get(f"/vi/money?value={typed}").text == echo


def test_money_that_cannot_be_read_is_said_while_typing(app: Flask) -> None:
    assert "bao nhiêu" not in Visitor(app).get("/vi/money?value=bao nhiêu cũng được").text[:5]
    assert Visitor(app).get("/vi/money?value=bao nhiêu cũng được").text


def test_two_versions_side_by_side(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    alone = browser.get(f"/vi/desk/listings/{uid}/versions").text
    assert "mới có một bản" in alone
    assert "<select" not in alone, "there is nothing to choose from"
    form = kept(values(browser.get(f"/vi/desk/listings/{uid}/edit")))
    browser.post(f"/vi/desk/listings/{uid}/edit", **(form | {"title": "Tiêu đề khác hẳn"}))
    page = browser.get(f"/vi/desk/listings/{uid}/versions?before=1&after=2").text
    assert "mới có một bản" not in page
    assert re.search(r"<ins>[^<]*khác", page)
    assert "<del>" in page
    assert browser.get(f"/vi/desk/listings/{uid}/versions?before=1&after=99").status_code == 404


def test_a_confidential_file_goes_in_and_comes_back_as_a_download(enter: Enter, market: Market) -> None:
    browser = enter(market.owner)
    uid = posted(browser)
    data: Any = (BytesIO(b"%PDF-1.7 plan"), "../Bản vẽ.pdf")
    browser.post(f"/vi/desk/listings/{uid}/files", file=data)
    page = browser.get(f"/vi/desk/listings/{uid}")
    found = re.search(r"/vi/desk/files/([0-9A-Z]{26})", page.text)
    assert found
    answer = browser.get(f"/vi/desk/files/{found[1]}")
    assert answer.data == b"%PDF-1.7 plan"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert enter(market.stranger).get(f"/vi/desk/files/{found[1]}").status_code == 404
    data = (BytesIO(b"MZ"), "virus.pdf")
    refused = browser.post(f"/vi/desk/listings/{uid}/files", file=data)
    assert "Chỉ nhận tệp PDF" in words_of(browser.get(refused.headers["Location"]))


def test_nobody_can_set_what_is_not_theirs_by_adding_fields(enter: Enter, market: Market) -> None:
    forged = {
        "status": "published",
        "organisation": market.stranger_home,
        "version": "9",
        "uid": "x",
        "mark": "y",
    }
    uid = posted(enter(market.owner), **forged)
    with look(market.runtime) as work:
        listing = steps.find(work, market.owner, uid)
        assert (listing.status, listing.organisation_id, listing.mark) == ("draft", market.institute, "")


def test_the_desk_shows_what_waits_first(enter: Enter, market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        sent = listings.post(work, market.owner, market.institute, offer, submit=True)
        item = work.session.scalars(select(ReviewItem.id)).one()
        reason = Reason(("unclear",), "Xin viết lại đoạn đầu.")
        moderation.send_back(work, market.moderator, item, reason)
        uid = sent.uid
    page = words_of(enter(market.owner).get("/vi/desk"))
    assert page.index("Việc cần làm") < page.index("1 hồ sơ")
    assert "Xin viết lại đoạn đầu." in page
    assert page.index("Cần sửa") < page.index("Bước tiếp theo")
    with look(market.runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(Listing).where(Listing.uid == uid)) == 1
