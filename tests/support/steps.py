"""What people do on the pages, by the words they read there: the same with a script, without one, in Vietnamese."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from marketplace.web.login import cookie_name
from tests.support.live import Live
from tests.support.mailer import link_in
from tests.support.members import PASSWORD, session_of

PROBLEM = (
    "Hợp tác xã nuôi 55 ao tôm cần trạm đo độ mặn tự động tại cống lấy nước, báo qua điện thoại trước khi nước "
    "kênh vượt ngưỡng để kịp đóng cống."
)
TITLE = "Cần trạm đo độ mặn tự động cho 55 ao tôm"


def register(page: Page, live: Live, *, name: str, email: str) -> None:
    """Open an account and confirm its address by the link of the letter."""
    page.goto(f"{live.address}/vi/register")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("checkbox", name="Tôi đồng ý").check()
    page.get_by_role("button", name="Đăng ký").click()
    page.goto(live.address + link_in(live.letter_to(email), "confirm"))
    page.get_by_role("button", name="Xác nhận địa chỉ").click()


def sign_in(page: Page, live: Live, email: str) -> None:
    """Sign in on the page that asks for it, or go to that page first."""
    if "/sign-in" not in page.url:
        page.goto(f"{live.address}/vi/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()


def be_signed_in(page: Page, live: Live, email: str) -> None:
    """Hold a session already: for journeys that are not about signing in."""
    name = cookie_name(live.runtime.settings, "session")
    page.context.add_cookies([{"name": name, "value": session_of(live.runtime, email), "url": live.address}])


def found_organisation(page: Page, live: Live, name: str) -> None:
    page.goto(f"{live.address}/vi/organisations/new")
    page.get_by_label("Tên tổ chức").fill(name)
    page.get_by_role("radio", name="Doanh nghiệp").check()
    page.get_by_label("Tỉnh, thành phố").select_option("Cà Mau")
    page.get_by_role("button", name="Thêm tổ chức").click()


def answer_the_six_questions(page: Page) -> None:
    """Fill in the form of a demand that stands open."""
    page.get_by_label("Vấn đề, bằng lời của bạn").fill(PROBLEM)
    page.get_by_label("Tiêu đề (không bắt buộc)").fill(TITLE)
    page.get_by_label("Yêu cầu", exact=True).fill("Sai số độ mặn")
    page.get_by_label("So sánh").select_option("<=")
    page.get_by_label("Giá trị", exact=True).fill("0,5")
    page.get_by_label("Đơn vị").fill("‰")
    page.locator("#f-fields").select_option("4.1")
    page.get_by_role("radio", name="Đã trình diễn thực tế").check()
    page.get_by_label("Đến (không bắt buộc)").fill("1,5 tỷ")
    page.get_by_label("Cần trước ngày").fill("31/12/2027")
    page.get_by_label("Tỉnh, thành phố").select_option("Cà Mau")


def go_on_and_send(page: Page) -> None:
    """From the filled form over the check page to the moderators."""
    page.get_by_role("button", name="Tiếp tục: xem lại").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi gửi")
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã gửi duyệt")


def decide(page: Page, live: Live, title: str, button: str) -> None:
    """A moderator opens the item of this title from the queue and presses one button."""
    page.goto(f"{live.address}/vi/moderation")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name=button).click()
