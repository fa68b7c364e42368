"""A listing goes back and forth between its owner and a moderator; what is public changes only when it is approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.market import content, settle
from tests.support.members import enterprise, join, moderator, send_for_review
from tests.support.steps import PROBLEM, TITLE

pytestmark = pytest.mark.browser

OK, GONE = 200, 410
OWNER, MODERATOR = "lan@example.org", "duyet@example.org"
BETTER = "Cần trạm đo độ mặn và pH tự động cho 55 ao tôm"


@dataclass(frozen=True)
class Case:
    """A demand that waits for a moderator, with an owner and a moderator who have their browsers open."""

    live: Live
    owner: Page
    other: Page
    own: str
    public: str


@pytest.fixture
def scripts() -> bool:
    return True


@pytest.fixture
def case(live: Live, browser: Browser, scripts: bool) -> Iterator[Case]:
    home = enterprise(live.runtime)
    join(live.runtime, OWNER, "owner", home)
    moderator(live.runtime, MODERATOR)
    uid = send_for_review(
        live.runtime, home, content("demand", TITLE, PROBLEM, province="96", fields=("4.1",))
    )
    own, public = (f"{live.address}/vi/{place}/{uid}" for place in ("desk/listings", "listings"))
    with person(browser, scripts=scripts) as owner, person(browser, scripts=scripts) as other:
        steps.be_signed_in(owner, live, OWNER)
        steps.be_signed_in(other, live, MODERATOR)
        yield Case(live, owner, other, own, public)


def approved(case: Case, title: str) -> None:
    steps.decide(case.other, case.live, title, "Duyệt và đăng")
    expect(case.other.get_by_role("status").first).to_contain_text("Đã duyệt")
    settle(case.live.runtime)


def retitled(case: Case) -> None:
    """The owner gives the listing its better title and sends it."""
    case.owner.goto(case.own)
    case.owner.get_by_role("link", name="Sửa hồ sơ").click()
    case.owner.locator("#f-title").fill(BETTER)
    steps.go_on_and_send(case.owner)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_returned_with_a_reason_mended_and_approved(case: Case) -> None:
    case.other.goto(f"{case.live.address}/vi/moderation")
    case.other.get_by_role("link", name=TITLE).click()
    _return(case.other, "Hãy nói rõ đo thêm chỉ tiêu nào.")
    case.owner.goto(f"{case.live.address}/vi/desk")
    expect(case.owner.get_by_role("main")).to_contain_text("Cần sửa")
    expect(case.owner.get_by_role("main")).to_contain_text("Hãy nói rõ đo thêm chỉ tiêu nào.")
    retitled(case)
    approved(case, BETTER)
    case.owner.goto(f"{case.live.address}/vi/demands")
    case.owner.get_by_role("link", name=BETTER).click()
    expect(case.owner.get_by_role("heading", level=1)).to_have_text(BETTER)


def _return(page: Page, words: str) -> None:
    """Sent back without a reason first, which is refused, and then with one."""
    refusal = page.locator("details").filter(has_text="Cần sửa điều gì?")
    refusal.get_by_text("Trả lại để sửa").first.click()
    refusal.get_by_role("button", name="Trả lại để sửa").click()
    expect(page.get_by_role("alert")).to_be_visible()
    refusal.get_by_role("checkbox", name="Khó hiểu").check()
    refusal.get_by_label("Bằng lời của bạn").fill(words)
    refusal.get_by_role("button", name="Trả lại để sửa").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã trả lại kèm lý do.")


def test_a_revision_is_not_public_before_it_is_approved(case: Case) -> None:
    approved(case, TITLE)
    retitled(case)
    settle(case.live.runtime)
    for address in (case.public, f"{case.live.address}/vi/demands?q=ao+tôm"):
        case.other.goto(address)
        expect(case.other.get_by_role("main")).to_contain_text(TITLE)
        expect(case.other.get_by_role("main")).not_to_contain_text(BETTER)
    case.other.goto(f"{case.live.address}/vi/moderation")
    case.other.get_by_role("link", name=BETTER).click()
    expect(case.other.locator("ins").first).to_contain_text("pH")
    approved(case, BETTER)
    case.other.goto(case.public)
    expect(case.other.get_by_role("heading", level=1)).to_have_text(BETTER)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_withdrawn_at_once_and_back_by_second_thoughts(case: Case) -> None:
    approved(case, TITLE)
    case.owner.goto(case.own)
    case.owner.get_by_role("button", name="Rút hồ sơ").click()
    expect(case.owner.get_by_role("status").first).to_contain_text("10 phút")
    assert _status(case.other, case.public) == GONE
    case.owner.get_by_role("button", name="Hoàn tác việc rút").click()
    expect(case.owner.get_by_role("status").first).to_contain_text("Đã hoàn tác")
    assert _status(case.other, case.public) == OK


def test_a_report_reaches_the_queue_and_a_suspended_listing_is_gone(case: Case) -> None:
    approved(case, TITLE)
    case.owner.goto(case.public)
    case.owner.get_by_role("link", name="Báo cáo hồ sơ này").click()
    case.owner.get_by_role("radio", name="Thông tin sai").check()
    case.owner.get_by_role("button", name="Gửi báo cáo").click()
    expect(case.owner.get_by_role("status").first).to_contain_text("Cảm ơn bạn")
    case.other.goto(f"{case.live.address}/vi/moderation")
    expect(case.other.get_by_role("row").filter(has_text=TITLE)).to_contain_text("Thông tin sai")
    case.other.get_by_role("link", name=TITLE).click()
    measure = case.other.locator("details").filter(has_text="Vì sao đình chỉ?")
    measure.get_by_text("Đình chỉ").first.click()
    measure.get_by_role("checkbox", name="Đang được xác minh").check()
    measure.get_by_role("button", name="Đình chỉ").click()
    expect(case.other.get_by_role("status").first).to_contain_text("Đã đình chỉ")
    assert _status(case.owner, case.public) == GONE


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status
