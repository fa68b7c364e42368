"""What the exchange knows about a person holds all they wrote and did in cases and around them, and nobody else's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, update

from marketplace import passwords
from marketplace.models.accounts import Membership, User
from marketplace.models.deals import Deal
from marketplace.services.policy import Actor
from marketplace.work import begin
from tests.brokerage.conftest import SECRET, Desk, Enter

PASSWORD = "một mật khẩu đủ dài"
TERMS = {
    "form": "exclusive_licence",
    "amount": "1,5 tỷ",
    "territory": "VN",
    "uses": "",
    "first": "01/01/2027",
}


@pytest.fixture
def worked(desk: Desk, room: str, enter: Enter) -> str:
    """A case in which both sides and the broker have done something of every sort."""
    enterprise, institute, broker = enter(desk.enterprise), enter(desk.institute), enter(desk.broker)
    path = f"/vi/deals/{room}"
    broker.post(f"{path}/step", step="introduce")
    broker.post(f"{path}/step", step="negotiate", note="Hai bên đã gặp nhau")
    for who, mine in ((enterprise, "của bên cần"), (institute, "của bên cung")):
        who.post(f"{path}/messages", text=f"Lời nhắn {mine}")
        who.post(f"{path}/tasks", title=f"Việc {mine}", side="offer", due_on="5/12/2026")
        who.post(f"{path}/terms", **TERMS, terms_note=f"Điều khoản {mine}")
        who.post("/vi/post/demand/autosave", title=f"Bản gõ dở {mine}")
        about = desk.offer if who is enterprise else desk.demand
        who.post(f"/vi/listings/{about}/report", reason="wrong", text=f"Báo cáo {mine}")
        who.post(
            f"/vi/matches/{desk.demand}/{desk.offer}/decision",
            verdict="rejected",
            reason="price",
            text=f"Lý do {mine}",
        )
    enterprise.post(f"{path}/terms/2", answer="accepted")
    enterprise.post(f"{path}/agreement", name="Trần Cầu", purpose="Thẩm định kỹ thuật", days="30")
    assert SECRET in enterprise.get(f"{path}/sealed/offer").text
    with begin(desk.runtime) as work:
        work.session.execute(update(Deal).values(stage="transferred"))
    enterprise.post(f"{path}/survey", fair="5", helpful="5", again="4", note="Khảo sát của bên cần")
    return room


def told(desk: Desk, enter: Enter, who: Actor) -> dict[str, Any]:
    with begin(desk.runtime) as work:
        mine = update(User).where(User.id == who.user_id)
        work.session.execute(mine.values(password_hash=passwords.hashed(PASSWORD)))
    answer = enter(who).post("/vi/account/data", current_password=PASSWORD)
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_all_that_somebody_wrote_is_told_and_nothing_of_the_other_side(
    desk: Desk, worked: str, enter: Enter
) -> None:
    mine = told(desk, enter, desk.enterprise)
    assert [one["text"] for one in mine["messages"]] == ["Lời nhắn của bên cần"]
    assert [one["title"] for one in mine["tasks"]] == ["Việc của bên cần"]
    assert [one["terms"]["note"] for one in mine["proposals"]] == ["Điều khoản của bên cần"]
    assert [(one["number"], one["state"]) for one in mine["proposals_answered"]] == [(2, "accepted")]
    assert [one["purpose"] for one in mine["agreements"]] == ["Thẩm định kỹ thuật"]
    assert [(one["uid"], one["what"]) for one in mine["looks"]] == [(desk.offer, "text")]
    assert [one["note"] for one in mine["surveys"]] == ["Khảo sát của bên cần"]
    assert ["title", "Bản gõ dở của bên cần"] in mine["drafts"][0]["fields"]
    assert [(one["uid"], one["report_text"]) for one in mine["reports_filed"]] == [
        (desk.offer, "Báo cáo của bên cần")
    ]
    assert any("Lý do của bên cần" in one["reasons"] for one in mine["match_decisions"])
    assert mine["introductions_asked"][0]["answers"]["aim"] == "Đo mặn cho 55 ao"
    assert [one["content"]["texts"]["vi"]["title"] for one in mine["revisions"]] == ["Cần đo độ mặn tự động"]
    written = json.dumps(mine, ensure_ascii=False)
    own_news = json.dumps(mine["notices"], ensure_ascii=False)
    assert "của bên cung" not in written.replace(own_news, "")
    assert SECRET not in written


def test_what_somebody_sealed_is_told_while_they_may_read_it(desk: Desk, enter: Enter) -> None:
    sealed = told(desk, enter, desk.institute)["confidential"]
    assert sealed == [
        {"uid": desk.offer, "number": 1, "text": SECRET, "reserve_price": None},
        {"uid": desk.offer, "file": "bản vẽ.pdf"},
    ]
    with begin(desk.runtime) as work:
        work.session.execute(delete(Membership).where(Membership.user_id == desk.institute.user_id))
    assert told(desk, enter, desk.institute)["confidential"] == []


def test_a_broker_is_told_the_entry_in_the_register_and_the_cases(
    desk: Desk, worked: str, enter: Enter
) -> None:
    mine = told(desk, enter, desk.broker)
    assert mine["broker_entry"][0]["certificate"] == "MG-0042"
    assert [one["deal_id"] for one in mine["cases_assigned"]] == [worked]
    assert "Hai bên đã gặp nhau" in [one["params"].get("note") for one in mine["case_steps"]]
