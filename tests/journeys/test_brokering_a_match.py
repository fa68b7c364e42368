"""From a match to a proven outcome in a real browser: an enterprise, an institute, a broker, a funder and a visitor."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from marketplace.models.accounts import User
from marketplace.models.listings import Listing
from marketplace.services import brokers, listings, steps
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin
from tests.support import steps as people
from tests.support.browser import person
from tests.support.live import Live
from tests.support.market import content, settle
from tests.support.members import enterprise, join
from vocabulary.listing import Sealed

pytestmark = pytest.mark.browser

SECRET = "hệ số bù nhiệt bí truyền"
ENTERPRISE, INSTITUTE, BROKER, FUNDER = (f"{who}@example.org" for who in ("can", "cung", "noi", "quy"))


def furnish(live: Live) -> tuple[str, str]:
    """A demand, an offer with a sealed part, a broker in the register; the uids."""
    homes = {
        ENTERPRISE: enterprise(live.runtime, "Hợp tác xã Tôm"),
        INSTITUTE: enterprise(live.runtime, "Viện Đo"),
    }
    homes |= {
        BROKER: enterprise(live.runtime, "Sàn Môi giới"),
        FUNDER: enterprise(live.runtime, "Quỹ Đổi mới"),
    }
    for email, home in homes.items():
        join(
            live.runtime,
            email,
            "broker" if email == BROKER else "owner",
            home,
            name=email.split("@")[0].title(),
        )
    title = "trạm đo độ mặn tự động cho ao tôm, báo trước khi nước kênh vượt ngưỡng"
    with begin(live.runtime) as work:
        uids = []
        for kind, email in (("demand", ENTERPRISE), ("offer", INSTITUTE)):
            owner = Actor(roles={homes[email]: frozenset({"owner"})}, confirmed=True)
            said = content(kind, title, fields=("4.1",), province="96")  # type: ignore[arg-type]
            sealed = Sealed(SECRET) if kind == "offer" else None
            listing = listings.post(work, owner, homes[email], said, sealed=sealed)
            steps.take(work, SYSTEM, listing, "publish")
            uids.append(listing.uid)
        user = work.session.scalars(select(User).where(User.email == BROKER)).one()
        entry = brokers.entered(
            certificate="MG-7", issuer="Trường Quản lý", certified_until=date(2099, 1, 1), fields=["4.1"],
            languages=["vi"],
        )  # fmt: skip
        brokers.save(work, Actor(user.id, roles={homes[BROKER]: frozenset({"broker"})}), homes[BROKER], entry)
        assert work.session.scalars(select(Listing.uid)).all()
    settle(live.runtime)
    return uids[0], uids[1]


def press(page: Page, name: str, told: str) -> None:
    """Press a button and wait for what the next page says."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
    expect(page.get_by_role("status").first).to_contain_text(told)


def test_five_people_take_a_match_to_a_proven_outcome(live: Live, browser: Browser) -> None:
    demand, offer = furnish(live)
    with (
        person(browser) as asker, person(browser) as giver, person(browser) as broker, person(browser) as funder,
        person(browser) as visitor,
    ):  # fmt: skip
        for page, email in ((asker, ENTERPRISE), (giver, INSTITUTE), (broker, BROKER), (funder, FUNDER)):
            people.be_signed_in(page, live, email)

        asker.goto(f"{live.address}/vi/matches/{demand}/{offer}")
        asker.get_by_role("link", name="Nhờ giới thiệu").click()
        asker.get_by_label("Bạn muốn đạt được điều gì?").fill("Báo trước khi nước mặn tới cống.")
        asker.get_by_label("Đã dự trù ngân sách").check()
        press(asker, "Gửi lời nhờ giới thiệu", "Đã gửi lời nhờ giới thiệu")
        expect(asker.get_by_role("heading", level=1)).to_have_text("Phòng trao đổi")
        room = asker.url

        giver.goto(f"{live.address}/vi/deals")
        giver.get_by_role("heading", level=2).get_by_role("link").click()
        press(giver, "Đồng ý được giới thiệu", "Bạn đã đồng ý")

        broker.goto(f"{live.address}/vi/board")
        broker.get_by_role("heading", level=3).get_by_role("link").click()
        press(broker, "Giới thiệu hai bên", "Đã ghi bước này")
        broker.locator("summary", has_text="Mời bên tài trợ hoặc cố vấn").click()
        broker.get_by_label("E-mail của tài khoản").fill(FUNDER)
        broker.get_by_label("Với tư cách").select_option("Bên tài trợ")
        press(broker, "Mời bên tài trợ hoặc cố vấn", "Đã mời vào phòng")
        funder.goto(room)
        funder.get_by_label("Tin nhắn").fill("Quỹ có thể đồng tài trợ.")
        press(funder, "Gửi", "Đã gửi")
        expect(funder.get_by_text("Quỹ có thể đồng tài trợ.")).to_be_visible()

        asker.goto(room)
        asker.get_by_role("link", name="Cam kết bảo mật").click()
        asker.get_by_label("Họ và tên, như chữ ký").fill("Can")
        asker.get_by_label("Mục đích xem").fill("Thẩm định kỹ thuật")
        press(asker, "Tôi nhận cam kết này", "Đã ghi cam kết")
        asker.get_by_role("link", name="Xem phần bảo mật của chào bán").click()
        expect(asker.get_by_text(SECRET)).to_be_visible()

        press(broker, "Bắt đầu đàm phán", "Đã ghi bước này")
        asker.goto(room)
        asker.locator("summary", has_text="Đề xuất điều khoản").click()
        asker.get_by_label("Hình thức chuyển giao").select_option("Chuyển quyền sử dụng độc quyền")
        asker.get_by_label("Từ ngày").fill("1/1/2030")
        press(asker, "Gửi đề xuất", "Đã gửi đề xuất")
        giver.goto(room)
        press(giver, "Chấp nhận", "Đã ghi câu trả lời")
        broker.reload()
        press(broker, "Ghi nhận thỏa thuận", "Đã ghi bước này")

        broker.get_by_role("link", name="Khai kết quả").click()
        broker.get_by_label("Hình thức chuyển giao").select_option("Chuyển quyền sử dụng độc quyền")
        broker.get_by_label("Ngày ký").fill("2/12/2026")
        broker.get_by_label("Mã băm SHA-256 của hợp đồng").fill("ab" * 32)
        press(broker, "Khai kết quả", "Đã khai kết quả")
        for page in (asker, giver):
            page.goto(room)
            press(page, "Tôi chứng thực", "Đã ghi chứng thực")
        expect(giver.get_by_text("Bậc A").first).to_be_visible()
        broker.reload()
        press(broker, "Ghi nhận đã chuyển giao", "Đã ghi bước này")

        visitor.goto(f"{live.address}/vi/outcomes")
        expect(visitor.get_by_text("Chuyển giao đã chứng thực 1")).to_be_visible()
