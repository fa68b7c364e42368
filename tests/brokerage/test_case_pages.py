"""The whole way of a case on its pages, with five people; and what the pages refuse."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.brokerage.conftest import SECRET, Desk, Enter, pdf
from tests.support.clock import HandMovedClock
from tests.support.visitor import Visitor, values, words_of

HASH = "ab" * 32
ENTRY = {
    "certificate": "MG-0042", "issuer": "Cục Phát triển thị trường", "fields": "4.1", "provinces": "92", "languages": "vi",
    "capacity": "20", "certified_until": "01/01/2030",
}  # fmt: skip


def room_of(answer: TestResponse) -> str:
    """The path of the room that a form has led to."""
    assert answer.status_code == 303, words_of(answer)
    return answer.headers["Location"].partition("#")[0]


def waiting_on(visitor: Visitor, word: str) -> str:
    """The line of somebody's desk that says what they are asked to do by this word; empty without one."""
    found = re.search(
        rf'<li><span class="tag match">[^/]+</span> {word}</span>.*?</li>',
        visitor.get("/vi/desk").text,
        re.DOTALL,
    )
    return found[0] if found else ""


def test_five_people_from_a_match_to_a_public_figure(desk: Desk, enter: Enter, app: Flask) -> None:
    enterprise, institute, broker = enter(desk.enterprise), enter(desk.institute), enter(desk.broker)
    ask = f"/vi/introductions/new/{desk.demand}/{desk.offer}"
    assert "Nhờ giới thiệu" in enterprise.get(f"/vi/matches/{desk.demand}/{desk.offer}").text
    assert enterprise.post(ask, aim="", ready="").status_code == 422
    room = room_of(enterprise.post(ask, aim="Đo mặn 55 ao", ready="budgeted", through="broker"))

    seen = words_of(enterprise.get(room))
    assert "Viện Cảm biến" not in seen, "the offer is anonymous until both have agreed"
    assert "Lê Cung" not in seen
    assert "Được chọn vì làm đúng lĩnh vực này." in seen
    assert "Đo mặn 55 ao" in words_of(institute.get(room))
    assert f'href="{room}"' in waiting_on(institute, "Lời mời giới thiệu")
    assert not waiting_on(enterprise, "Lời mời giới thiệu"), "who asked has agreed"
    assert institute.post(f"{room}/agree").status_code == 303
    assert not waiting_on(institute, "Lời mời giới thiệu")
    assert "Viện Cảm biến" in words_of(enterprise.get(room))

    assert "Cần đo độ mặn tự động" in words_of(broker.get("/vi/board"))
    assert broker.post(f"{room}/step", step="introduce").status_code == 303
    funder = enter(desk.funder)
    assert funder.get(room).status_code == 404
    invited = broker.post(f"{room}/guests", email=_email(funder), guest_side="funder")
    assert invited.status_code == 303, words_of(invited)
    assert funder.get(room).status_code == 200

    sealed = f"{room}/sealed/offer"
    assert enterprise.get(sealed).status_code == 409
    assert enterprise.post(f"{room}/agreement", name="Ai đó", purpose="x", days="30").status_code == 422
    signed = enterprise.post(f"{room}/agreement", name="Trần Cầu", purpose="Thẩm định", days="30")
    assert signed.status_code == 303
    opened = enterprise.get(sealed)
    assert SECRET in opened.text
    assert opened.headers["Cache-Control"] == "no-store"
    assert "Trần Cầu" in words_of(institute.get(room)), "the owner sees who looked"

    assert broker.post(f"{room}/step", step="negotiate").status_code == 303
    terms = {
        "form": "exclusive_licence",
        "amount": "1,5 tỷ",
        "territory": "VN",
        "uses": "",
        "first": "01/01/2027",
    }
    assert enterprise.post(f"{room}/terms", **{**terms, "first": "31/02/2027"}).status_code == 422
    assert enterprise.post(f"{room}/terms", **terms).status_code == 303
    assert "chờ bạn trả lời" in words_of(institute.get(room))
    assert "chờ bạn trả lời" not in words_of(enterprise.get(room)), "its own proposal waits for the others"
    assert f'href="{room}"' in waiting_on(institute, "Trả lời điều khoản")
    assert not waiting_on(enterprise, "Trả lời điều khoản")
    assert institute.post(f"{room}/terms/1", answer="accepted").status_code == 303
    assert "chờ bạn trả lời" not in words_of(institute.get(room))
    assert broker.post(f"{room}/step", step="agree").status_code == 303

    claim = {"form": "exclusive_licence", "signed_on": "24/11/2026", "contract_hash": HASH}
    short = enterprise.post(f"{room}/outcome", **claim, split_name=["Sàn"], split_share=["99,99"])
    assert "99,99 %" in words_of(short), "a sum is written as the reader writes it"
    empty = words_of(enterprise.post(f"{room}/outcome"))
    assert "Hình thức chuyển giao: Mục này bắt buộc" in empty, (
        "of two that are needed, the summary says which"
    )
    assert "Ngày ký: Mục này bắt buộc" in empty
    shared = enterprise.post(f"{room}/outcome", **claim, split_name=["Hội Nghề cá"], split_share=["100"])
    assert shared.status_code == 303
    read = words_of(institute.get(room))
    assert "Phần phí của Hội Nghề cá 100 %" in read
    assert "Bên cần: đã chứng thực" in read
    assert "Bên cung: chưa chứng thực" in read
    assert "chờ bạn chứng thực" in read
    assert "chờ bạn chứng thực" not in words_of(enterprise.get(room))
    assert f'href="{room}"' in waiting_on(institute, "Chứng thực kết quả")
    assert not waiting_on(enterprise, "Chứng thực kết quả")
    n = re.search(rf"{room}/outcome/(\d+)/attest", institute.get(room).text)
    assert n is not None
    for party in (institute, broker, institute, institute):
        assert party.post(f"{room}/outcome/{n[1]}/attest").status_code == 303
    assert "chờ bạn chứng thực" not in words_of(institute.get(room))
    assert not waiting_on(institute, "Chứng thực kết quả")
    assert "Bậc A" in words_of(enterprise.get(room))
    assert broker.post(f"{room}/step", step="transfer").status_code == 303
    survey = {"fair": "5", "helpful": "5", "again": "4"}
    assert funder.post(f"{room}/survey", **survey).status_code == 303
    assert "Chuyển giao đã chứng thực 1" in words_of(Visitor(app).get("/vi/outcomes"))
    assert "Kết quả đã chứng thực 1" in words_of(Visitor(app).get(f"/vi/brokers/{desk.broker_id}"))


def test_messages_files_tasks_and_meetings_live_in_the_room(desk: Desk, room: str, enter: Enter) -> None:
    institute, enterprise = enter(desk.institute), enter(desk.enterprise)
    path = f"/vi/deals/{room}"
    assert enterprise.post(f"{path}/messages", text="Khi nào giao hàng?").status_code == 303
    assert "Khi nào giao hàng?" in words_of(institute.get(path))
    assert enterprise.post(f"{path}/messages", text="x" * 1_000_000).status_code == 422
    assert (
        enterprise.post(f"{path}/tasks", title="Gửi bản vẽ", side="offer", due_on="5/12/2026").status_code
        == 303
    )
    tick = re.search(rf'action="({path}/tasks/\w+)"', institute.get(path).text)
    assert tick is not None
    for done in ("yes", "yes"):
        assert institute.post(tick[1], done=done).status_code == 303
    assert "Xong" in words_of(enterprise.get(path)), "pressed twice it is still done"
    meeting = {"meeting_title": "Chạy thử", "day": "30/11/2026", "time": "9:30", "minutes": "45"}
    assert enterprise.post(f"{path}/meetings", **{**meeting, "day": "1/1/2020"}).status_code == 422
    assert enterprise.post(f"{path}/meetings", **meeting).status_code == 303
    calendar = re.search(rf'href="({path}/meetings/\w+\.ics)"', institute.get(path).text)
    assert calendar is not None
    written = institute.get(calendar[1])
    assert written.mimetype == "text/calendar"
    assert "SUMMARY:Chạy thử" in written.text
    assert (
        "DTSTART;TZID=Asia/Ho_Chi_Minh:20261130T093000" in written.text or "20261130T023000Z" in written.text
    )


def test_somebody_shown_out_finds_no_room_any_more(desk: Desk, room: str, enter: Enter) -> None:
    funder, broker = enter(desk.funder), enter(desk.broker)
    path = f"/vi/deals/{room}"
    broker.post(f"{path}/guests", email=_email(funder), guest_side="adviser")
    assert funder.get(path).status_code == 200
    assert f'href="{path}"' in funder.get("/vi/deals").text, "a guest finds the room again"
    assert broker.post(f"{path}/guests/{desk.funder.user_id}/remove").status_code == 303
    assert funder.get(path).status_code == 404
    assert f'href="{path}"' not in funder.get("/vi/deals").text


def test_a_pair_whose_case_was_closed_can_be_asked_about_anew(desk: Desk, room: str, enter: Enter) -> None:
    enterprise, path = enter(desk.enterprise), f"/vi/deals/{room}"
    ask = f"/vi/introductions/new/{desk.demand}/{desk.offer}"
    assert room_of(enterprise.get(ask)) == path, "it is under way"
    assert enterprise.post(f"{path}/step", step="close", reason="timing").status_code == 303
    assert enterprise.get(ask).status_code == 200


def test_the_slower_of_two_steps_is_told(desk: Desk, room: str, enter: Enter) -> None:
    broker = enter(desk.broker)
    path = f"/vi/deals/{room}/step"
    version = re.search(r'name="version" value="(\d+)"', broker.get(f"/vi/deals/{room}").text)
    assert version is not None
    assert broker.post(path, step="introduce", version=version[1]).status_code == 303
    assert broker.post(path, step="introduce", version=version[1]).status_code == 409, "a replayed form"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("messages", {"text": "Giá này đã gồm\nlắp đặt chưa?"}),
        ("terms", {"form": "exclusive_licence", "amount": "1,5 tỷ", "territory": "VN", "uses": "26",
                   "first": "01/01/2027", "last": "31/12/2030", "terms_note": "Gồm cả đào tạo hai ngày"}),
        ("tasks", {"title": "Gửi bản vẽ", "side": "offer", "due_on": "5/12/2026"}),
        ("meetings", {"meeting_title": "Chạy thử", "day": "30/11/2026", "time": "9:30", "minutes": "45",
                      "place": "Ao số ba"}),
        ("step", {"step": "close", "reason": "price", "note": "Bên kia đổi giá hai lần", "version": "1"}),
        ("hand-on", {"why": "Tôi sắp nghỉ phép dài ngày"}),
    ],
)  # fmt: skip
def test_what_meets_a_case_that_has_moved_on_stands_again_in_its_form(
    desk: Desk, room: str, enter: Enter, form: str, fields: dict[str, str]
) -> None:
    path = f"/vi/deals/{room}"
    broker = enter(desk.broker)
    for step in ("introduce", "negotiate"):
        assert broker.post(f"{path}/step", step=step).status_code == 303
    assert enter(desk.institute).post(f"{path}/step", step="close", reason="timing").status_code == 303
    sender = enter(desk.enterprise) if form == "terms" else broker
    page = sender.post(f"{path}/{form}", **fields)
    assert page.status_code == 409
    typed = values(page)
    assert typed.items() >= {name: value for name, value in fields.items() if name != "version"}.items()
    refused = re.search(r'role="alert".*?</div>', page.text, re.DOTALL)
    assert refused, "what stands in the way is said on the same page"


def test_a_form_of_a_room_that_one_has_left_shows_what_was_written(
    desk: Desk, room: str, enter: Enter
) -> None:
    funder, broker = enter(desk.funder), enter(desk.broker)
    path = f"/vi/deals/{room}"
    broker.post(f"{path}/guests", email=_email(funder), guest_side="funder")
    broker.post(f"{path}/guests/{desk.funder.user_id}/remove")
    page = funder.post(f"{path}/messages", text="Quỹ chúng tôi sẵn sàng góp vốn")
    assert page.status_code == 404
    assert "Quỹ chúng tôi sẵn sàng góp vốn" in words_of(page)


def test_news_of_a_room_leads_there_while_one_sits_in_it(desk: Desk, room: str, enter: Enter) -> None:
    funder, broker = enter(desk.funder), enter(desk.broker)
    path = f"/vi/deals/{room}"
    broker.post(f"{path}/guests", email=_email(funder), guest_side="funder")
    broker.post(f"{path}/messages", text="Chào mừng quỹ")
    for sitting in (funder, enter(desk.enterprise), enter(desk.institute)):
        assert f'<a href="{path}">' in sitting.get("/vi/desk/notices").text
    broker.post(f"{path}/guests/{desk.funder.user_id}/remove")
    news = funder.get("/vi/desk/notices").text
    assert f'href="{path}"' not in news
    assert "gửi tin nhắn" in news


def test_a_message_sent_after_the_session_has_ended_comes_back_without_its_file(
    desk: Desk, room: str, enter: Enter, clock: HandMovedClock
) -> None:
    path = f"/vi/deals/{room}"
    browser = enter(desk.enterprise)
    form = values(browser.get(path)) | {"text": "Khi nào giao hàng?"}
    clock.move(timedelta(minutes=31))
    page = browser.send(
        f"{path}/messages", form | {"attachment": (io.BytesIO(pdf()), "bản vẽ.pdf")}, page=path
    )
    assert page.status_code == 401
    assert values(page)["text"] == "Khi nào giao hàng?"
    assert "đính kèm lại" in words_of(page)
    assert "attachment" not in values(page)
    assert f'href="/vi/sign-in?next={path}"' in page.text


def test_cases_are_closed_together_only_when_some_are_ticked_and_for_a_reason_that_was_chosen(
    desk: Desk, enter: Enter
) -> None:
    enterprise, broker = enter(desk.enterprise), enter(desk.broker)
    ask = f"/vi/introductions/new/{desk.demand}/{desk.offer}"
    room = room_of(enterprise.post(ask, aim="Đo mặn 55 ao", ready="budgeted", through="broker"))
    ticked = room.rpartition("/")[2]

    for said, told in (
        ({"reason": "no_answer"}, "ít nhất một vụ việc"),
        ({"deal": [ticked], "reason": ""}, "Hãy chọn một lý do"),
    ):
        page = broker.post("/vi/board/dismiss", **said)
        assert page.status_code == 422
        assert told in words_of(page)
    assert re.search(rf'value="{ticked}" checked', page.text), "what was ticked stays so"
    assert re.search(r'name="reason"[^>]*>\s*<option value="">', page.text), "nobody says what was not chosen"
    assert broker.post("/vi/board/dismiss", deal=[ticked], reason="timing").status_code == 303
    assert "Đã đóng 1 vụ việc" in words_of(broker.get("/vi/board/table?stage=closed"))


@pytest.mark.parametrize("path", ["", "/archive", "/agreement", "/sealed/offer", "/outcome", "/survey"])
def test_another_organisations_room_is_not_there(desk: Desk, room: str, enter: Enter, path: str) -> None:
    for nobody in (desk.stranger, desk.moderator):
        assert enter(nobody).get(f"/vi/deals/{room}{path}").status_code == 404


def test_nothing_sealed_is_on_any_page_of_the_case(desk: Desk, room: str, enter: Enter) -> None:
    for actor in (desk.enterprise, desk.institute, desk.broker):
        browser = enter(actor)
        for path in (f"/vi/deals/{room}", "/vi/deals", "/vi/desk", f"/vi/matches/{desk.demand}/{desk.offer}"):
            assert SECRET not in browser.get(path).text


def test_a_broker_enters_the_register_and_a_moderator_verifies(desk: Desk, enter: Enter) -> None:
    broker, moderator = enter(desk.broker), enter(desk.moderator)
    assert "MG-0042" in broker.get("/vi/brokers/own/person").text
    wrong = broker.post("/vi/brokers/own/person", certificate="", certified_until="31/02/2028", capacity="0")
    assert wrong.status_code == 422
    own = f"/vi/brokers/{desk.broker_id}"
    assert "Chưa xác minh" in words_of(broker.get(own))
    assert broker.post(f"{own}/verify", version="1").status_code == 403
    assert moderator.post(f"{own}/verify", version="0").status_code == 409, (
        "another certificate than was seen"
    )
    (version,) = re.findall(r'name="version" value="(\d+)"', moderator.get(own).text)
    assert moderator.post(f"{own}/verify", version=version).status_code == 303
    assert "Đã xác minh" in words_of(broker.get(own))
    assert broker.post(f"{own}/interests", organisation="Hợp tác xã Tôm").status_code == 303
    assert "Hợp tác xã Tôm" in words_of(broker.get(own))
    assert "Hợp tác xã Tôm" not in words_of(enter(desk.second).get(own)), "only he sees his interests"


HUGE = "9" * 5000
"""More digits than Python makes a number of."""


def test_numbers_that_nobody_means_are_refused_at_their_field(desk: Desk, room: str, enter: Enter) -> None:
    enterprise, broker, path = enter(desk.enterprise), enter(desk.broker), f"/vi/deals/{room}"
    meeting = {"meeting_title": "Chạy thử", "day": "30/11/2026", "time": "9:30", "minutes": HUGE}
    signed = {"name": "Trần Cầu", "purpose": "Thẩm định", "days": HUGE}
    for browser, form, fields, name in (
        (enterprise, f"{path}/meetings", meeting, "minutes"),
        (enterprise, f"{path}/agreement", signed, "days"),
        (broker, "/vi/brokers/own/person", ENTRY | {"capacity": HUGE}, "capacity"),
    ):
        refused = browser.post(form, **fields)
        assert refused.status_code == 422, form
        assert f'href="#f-{name}"' in refused.text, form
    assert broker.post("/vi/brokers/own/person", **ENTRY, version="one").status_code == 409


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775807", HUGE])
def test_a_page_or_version_beyond_all_numbers_is_no_error_of_ours(
    desk: Desk, room: str, enter: Enter, number: str
) -> None:
    enterprise, broker = enter(desk.enterprise), enter(desk.broker)
    for path in ("/vi/matches", "/vi/desk", "/vi/desk/notices"):
        assert enterprise.get(f"{path}?page={number}").status_code == 200, path
    assert broker.get(f"/vi/board/table?page={number}").status_code == 200
    assert enterprise.post(f"/vi/deals/{room}/terms/{number}", answer="accepted").status_code == 404
    edited = enterprise.post(
        f"/vi/desk/listings/{desk.demand}/edit", version=number, save="1", title="Máy đo"
    )
    assert edited.status_code in (409, 422)
    assert broker.post("/vi/brokers/own/person", **ENTRY, version=number).status_code == 409


def _email(browser: Visitor) -> str:
    found = re.search(r"[\w.+-]+@example\.org", browser.get("/vi/account").text)
    assert found is not None
    return found[0]
