"""What the staff of both exchanges, and the people behind a listing, read and can do on the pages."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from exchange.problems import STATUSES
from marketplace.models.exchanges import InBatch
from marketplace.models.listings import Listing
from marketplace.models.peers import PeerKey
from marketplace.runtime import Runtime
from marketplace.services import organisations
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import enrolment, issues, trust
from marketplace.services.sync.issues import Fault
from marketplace.services.sync.outlook import Outlook
from marketplace.work import begin, look
from tests.support.compiled import application
from tests.support.market import content, publish
from tests.support.members import PASSWORD, enterprise, join
from tests.support.network import key_of
from tests.support.visitor import Visitor, words_of
from tests.sync.conftest import Pair
from tests.sync.test_enrolment import status
from tests.sync.test_pushing import withdraw

LANGUAGES = Path(__file__).parents[2] / "languages"


def staff(runtime: Runtime, email: str, role: str) -> Visitor:
    """Somebody on the staff of an exchange, signed in."""
    with begin(runtime) as work:
        own = organisations.the_exchange(work)
    join(runtime, email, role, own)
    visitor = Visitor(application(runtime))
    visitor.sign_in(email, PASSWORD)
    return visitor


def test_an_admin_invites_an_exchange_and_two_admins_let_it_in(asked: Pair) -> None:
    first = staff(asked.national, "mot@example.org", "admin")
    second = staff(asked.national, "hai@example.org", "admin")
    shown = words_of(first.post("/vi/exchanges/invite", node_id="ha-noi"))
    assert "Thư mời cho sàn ha-noi" in shown
    assert "72 giờ" in shown
    page = first.get("/vi/exchanges/can-tho")
    assert "Chờ đối chiếu" in words_of(page)
    approve = re.search(r'action="([^"]+/approve)"', page.text)
    assert approve is not None
    first.post(approve[1])
    assert status(asked.national) == "pending"
    second.post(approve[1])
    assert status(asked.national) == "active"


def test_a_wrong_name_is_told_with_what_a_name_looks_like(national: Runtime) -> None:
    admin = staff(national, "mot@example.org", "admin")
    answer = admin.post("/vi/exchanges/invite", node_id="Cần Thơ")
    assert answer.status_code == 422
    assert "chữ thường không dấu" in words_of(answer)


@pytest.mark.parametrize("path", ["/vi/exchanges", "/vi/exchanges/can-tho", "/vi/sync"])
def test_pages_of_the_staff_are_for_the_staff(pair: Pair, path: str) -> None:
    moderator = staff(pair.national, "duyet@example.org", "moderator")
    assert moderator.get(path).status_code == 403


def test_the_list_of_exchanges_names_what_needs_somebody(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    operator = staff(pair.national, "van.hanh@example.org", "operator")
    assert "Đang hoạt động" in words_of(operator.get("/vi/exchanges"))
    pair.clock.move(timedelta(minutes=16))
    operator.sign_in("van.hanh@example.org", PASSWORD)
    assert "Im lặng quá 15 phút" in words_of(operator.get("/vi/exchanges"))
    assert "Silent for more than 15 minutes" in words_of(operator.get("/en/exchanges"))


def test_the_local_operator_reads_one_sentence_and_can_pause(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    operator = staff(pair.local, "van.hanh@example.org", "operator")
    assert "Đúng hạn: 0 bản ghi chờ" in words_of(operator.get("/vi/sync"))
    operator.post("/vi/sync/pause")
    pair.publish("Máy sấy thăng hoa")
    assert "Đang tạm dừng: 1 bản ghi chờ" in words_of(operator.get("/vi/sync"))
    operator.post("/vi/sync/resume")
    pair.push()
    assert "On time: 0 records waiting" in words_of(operator.get("/en/sync"))


def test_people_read_on_their_listing_what_the_national_exchange_holds_against_it(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    with look(pair.local) as work:
        home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == uid))
    join(pair.local, "chu@example.org", "owner", str(home))
    body = {
        "about": uid, "rev": 1, "code": "required", "path": "/content/texts/vi/title", "params": {},
        "detail": "A value is needed.", "state": "open",
    }  # fmt: skip
    with begin(pair.local) as work:
        issues.arrived(work, "01ARZ3NDEKTSV4RRFFQ69G5FAV", body)
    owner = Visitor(application(pair.local))
    owner.sign_in("chu@example.org", PASSWORD)
    assert "có chỗ cần sửa" in words_of(owner.get("/vi/desk"))
    assert "Sàn quốc gia chưa hiện hồ sơ này" in words_of(owner.get(f"/vi/desk/listings/{uid}"))
    with begin(pair.local) as work:
        issues.arrived(work, "01ARZ3NDEKTSV4RRFFQ69G5FAV", body | {"state": "fixed"})
    assert "Sàn quốc gia chưa hiện" not in words_of(owner.get(f"/vi/desk/listings/{uid}"))


def test_both_operators_read_which_record_is_held_and_what_is_wrong_with_it(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    wrong = Fault("required", "/content/texts/vi/title", "A value is needed.")
    with begin(pair.national) as work:
        issues.open_for(work, uid, 1, [wrong], origin="can-tho")
    pair.settle_national()
    pair.clock.move(timedelta(seconds=61))
    pair.push()
    for runtime, path in ((pair.local, "/vi/sync"), (pair.national, "/vi/exchanges/can-tho")):
        operator = staff(runtime, "van.hanh@example.org", "operator")
        page = operator.get(path)
        assert page.status_code == 200, path
        assert "Tiêu đề /content/texts/vi/title" in words_of(page), path
        assert "Title /content/texts/vi/title" in words_of(operator.get(path.replace("/vi/", "/en/"))), path


def test_what_cannot_be_taken_back_says_so_before_its_button(pair: Pair) -> None:
    admin = staff(pair.national, "mot@example.org", "admin")
    page = admin.get("/vi/exchanges/can-tho").text
    boxes = re.findall(r"<details>(.*?)</details>", page, re.DOTALL)
    for step in ("/keys/", "/can-tho/revoke"):
        (box,) = [one for one in boxes if f"{step}" in one and "revoke" in one and "action=" in one]
        assert "Không lấy lại được" in box
    assert "/can-tho/suspend" not in "".join(boxes), "what can be taken back is one press away"


def test_a_listing_says_where_it_comes_from_and_when_gone_when_why_and_where(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    visitor = Visitor(application(pair.national))
    page = visitor.get(f"/vi/listings/{uid}")
    assert "Sàn can-tho" in words_of(page)
    assert f'href="{pair.local.settings.base_url}/vi/listings/{uid}"' in page.text
    assert "từ Sàn can-tho" in words_of(visitor.get("/vi/offers"))
    withdraw(pair.local, uid)
    pair.push()
    gone = visitor.get(f"/vi/listings/{uid}")
    assert gone.status_code == 410
    assert "24/11/2026 trên Sàn can-tho: bên đăng đã rút" in words_of(gone)


def test_a_pair_of_another_exchange_leads_to_its_listings_at_home_where_one_can_ask(pair: Pair) -> None:
    (offer,) = pair.publish("Trạm đo độ mặn tự động cho ao tôm")
    (demand,) = publish(
        pair.local, content("demand", "Cần trạm đo độ mặn cho ao tôm"), owner="Hợp tác xã Tôm"
    )
    pair.push()
    join(pair.national, "chu@example.org", "owner", enterprise(pair.national))
    member = Visitor(application(pair.national))
    member.sign_in("chu@example.org", PASSWORD)
    page = member.get(f"/vi/matches/{demand}/{offer}")
    assert page.status_code == 200
    assert "/introductions/" not in page.text, "it would end in a refusal"
    for uid in (demand, offer):
        assert f'class="button" href="{pair.local.settings.base_url}/vi/listings/{uid}"' in page.text
    assert "hãy nhờ giới thiệu ở đó" in words_of(page)


def test_nobody_at_the_national_exchange_can_edit_what_came_from_elsewhere(pair: Pair) -> None:
    uid = pair.publish("Trạm đo độ mặn")[0]
    pair.push()
    admin = staff(pair.national, "mot@example.org", "admin")
    assert admin.get(f"/vi/desk/listings/{uid}").status_code == 404
    assert admin.post(f"/vi/desk/listings/{uid}/withdraw", version="1").status_code == 403


def test_the_card_of_an_exchange_is_open_to_anyone(national: Runtime) -> None:
    with begin(national) as work:
        enrolment.invite(work, SYSTEM, "can-tho")
    answer = application(national).test_client().get("/.well-known/xsync")
    card = json.loads(answer.data)
    assert (card["node_id"], card["role"], card["protocol"]) == ("national", "national", ["xsync/1"])


def test_who_revokes_a_key_says_since_when_and_reads_what_came_under_it_since(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    pair.clock.move(timedelta(days=2))
    pair.publish("Máy sấy thăng hoa")
    pair.push()
    admin = staff(pair.national, "mot@example.org", "admin")
    kid = key_of(pair.local)
    path = f"/vi/exchanges/can-tho/keys/{kid}/revoke"
    wrong = admin.post(path, **{f"since.{kid}": "hôm qua", f"at.{kid}": "00:00"})
    assert wrong.status_code == 422
    assert "hôm qua" in wrong.text
    day = f"{pair.clock.now - timedelta(days=1):%d/%m/%Y}"
    assert admin.post(path, **{f"since.{kid}": day, f"at.{kid}": "8:30"}).status_code == 303
    page = admin.get("/vi/exchanges/can-tho")
    assert f"Có thể đã lộ từ 08:30, {day}" in words_of(page)
    assert "1 lô đã nhận từ lúc đó cần xem lại" in words_of(page)
    with look(pair.national) as work:
        batches = work.session.scalars(select(InBatch.batch_id).order_by(InBatch.received_at)).all()
        assert work.session.get_one(PeerKey, kid).revoked_at == pair.clock.now
    listed = page.text.split("cần xem lại")[1].split("</ul>")[0]
    assert batches[-1] in listed
    assert batches[0] not in listed


def test_after_its_key_was_revoked_both_sides_read_that_and_what_to_do(pair: Pair) -> None:
    pair.push()
    with begin(pair.national) as work:
        trust.revoke(work, SYSTEM, key_of(pair.local))
    shown = words_of(staff(pair.national, "mot@example.org", "admin").get("/vi/exchanges/can-tho"))
    assert "Không còn khóa dùng được" in shown
    assert "hãy mời lại sàn ấy như một sàn bị mất khóa" in shown
    assert "Khóa sắp hết hạn" not in shown
    pair.publish("Trạm đo độ mặn")
    pair.push()
    own = words_of(staff(pair.local, "can@example.org", "operator").get("/vi/sync"))
    assert "Sàn quốc gia không nhận khóa của sàn này" in own
    assert "giao sync enrol" in own


@pytest.mark.parametrize("language", ["vi", "en"])
def test_whatever_stops_the_sender_its_page_says_what_to_do(language: str) -> None:
    with (LANGUAGES / language / "exchanges.po").open("rb") as file:
        messages = read_po(file)
    for reason in (*STATUSES, "http_403", "fence_flapping"):
        told = messages.get(f"sync.advice_{Outlook('blocked', reason=reason).advice}")
        assert told is not None, reason
        assert told.string, reason
        assert Outlook("on_time", reason=reason).advice == ""
