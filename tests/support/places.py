"""An exchange with something on every page, and where those pages are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from marketplace.models.accounts import Membership
from marketplace.models.listings import Listing
from marketplace.models.review import ReviewItem
from marketplace.runtime import Runtime
from marketplace.services import erasure_requests, listings, quotes, reports
from marketplace.services.policy import SYSTEM, VISITOR, Actor
from marketplace.services.reports import Report
from marketplace.work import begin, look
from tests.support.cases import open_case
from tests.support.market import content, publish, settle
from tests.support.members import enterprise, join, moderator, send_for_review
from vocabulary.listing import Content, Price, Requirement, Right

MEMBER, MODERATOR = "lan@example.org", "duyet@example.org"
HOME = "Hợp tác xã Tôm Năm Căn"
SALINITY = "Trạm đo độ mặn tự động cho ao tôm, báo trước khi nước kênh vượt ngưỡng"


@dataclass(frozen=True)
class Places:
    """Paths below the language, by who opens them; `blank` are forms that are also sent empty, `refused` give no page."""

    visitor: tuple[str, ...]
    member: tuple[str, ...]
    moderator: tuple[str, ...]
    broker: tuple[str, ...]
    blank: tuple[str, ...]
    refused: Mapping[str, int]


def furnish(runtime: Runtime) -> Places:
    """Fill the exchange; the people are `MEMBER` and `MODERATOR`."""
    home = enterprise(runtime, HOME)
    join(runtime, MEMBER, "owner", home)
    moderator(runtime, MODERATOR)
    job = _operate(runtime)
    (offer, gone) = publish(runtime, _offer(), content("offer", "Máy sấy lúa tầng sôi"))
    (demand,) = publish(runtime, _demand(), owner=HOME)
    waiting = send_for_review(runtime, home, content("demand", "Cần máy sấy cá bằng bơm nhiệt"))
    _withdraw(runtime, gone)
    with begin(runtime) as work:
        quotes.enter(
            work, SYSTEM, {"currency": "USD", "rate": "25400", "day": "2026-11-20", "source": "Ngân hàng A"}
        )
        reports.report(work, VISITOR, offer, Report("wrong", "Số liệu không khớp với bài báo.", ""))
        erasure = erasure_requests.ask(
            work, SYSTEM, waiting, "Điều 16 Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"
        )
    settle(runtime)
    entry, deal = open_case(runtime, demand, offer, MEMBER)
    return _places(runtime, home, (offer, demand, waiting, gone), (entry, deal), (job, erasure))


def _offer() -> Content:
    return content(
        "offer", SALINITY, "Sai số độ mặn không quá 0,4 ‰. Cảnh báo tới điện thoại trước 7 giờ. Đã chạy ở 41 ao tôm.",
        province="92", trl_min=8, trl_max=8, fields=("4.1", "2.2"), price=Price(620_000_000, 780_000_000),
        rights=(Right("patent", "granted", "1-0034127", "VN"),), transfer_forms=("equipment", "technical_assistance"),
    )  # fmt: skip


def _demand() -> Content:
    return content(
        "demand", "Cần trạm đo độ mặn tự động cho 55 ao tôm", "Báo trước khi nước kênh mặn vượt ngưỡng.",
        province="96", trl_min=7, trl_max=9, fields=("4.1",), price=Price(None, 900_000_000), needed_by="2027-05-31",
        requirements=(
            Requirement("Sai số độ mặn", "<=", "0.5", "‰", True),
            Requirement("Xuất số liệu sang sổ ao điện tử", "text", "tệp CSV", "", False),
        ),
    )  # fmt: skip


def _withdraw(runtime: Runtime, uid: str) -> None:
    with begin(runtime) as work:
        home = work.session.scalars(select(Listing.organisation_id).where(Listing.uid == uid)).one()
        owner = Actor(name="Trần Minh", roles={home: frozenset({"owner"})}, confirmed=True)
        listings.withdraw(work, owner, uid)


def _operate(runtime: Runtime) -> str:
    """The moderator is an operator too, and there is a job to look at; its id."""
    with begin(runtime) as work:
        moderating = work.session.scalars(select(Membership).where(Membership.role == "moderator")).one()
        own, user_id = moderating.organisation_id, moderating.user_id
        work.session.add(Membership(user_id=user_id, organisation_id=own, role="operator", since=work.now))
        return work.ask("tidy_desks", at=work.now + timedelta(days=1))


def _places(
    runtime: Runtime,
    home: str,
    uids: tuple[str, str, str, str],
    case: tuple[str, str],
    staff: tuple[str, str],
) -> Places:
    (entry, deal), (job, erasure) = case, staff
    offer, demand, waiting, gone = uids
    with look(runtime) as work:
        items = work.session.scalars(select(ReviewItem.id).order_by(ReviewItem.opened_at)).all()
    return Places(
        visitor=(
            "", "offers?q=ao+tôm&province=92", "offers?q=qqqqzzzz", "initiatives", f"listings/{offer}",
            f"listings/{demand}", f"listings/{demand}/matches", f"matches/{demand}/{offer}", f"listings/{offer}/report",
            "help", "terms", "accessibility", "register", "register/sent", "sign-in", "forgot", "post/demand",
            "nothing/here", f"listings/{gone}", "brokers", f"brokers/{entry}", "outcomes",
        ),
        member=(
            "account", "account/second-factor", "account/second-factor/start", "account/second-factor/off",
            "organisations", f"organisations/{home}", "organisations/new", "post/offer", "desk", "desk/notices", "matches",
            f"desk/listings/{waiting}", f"desk/listings/{demand}", f"desk/listings/{demand}/edit",
            f"desk/listings/{waiting}/check", f"desk/listings/{demand}/versions", f"desk/listings/{demand}/preview",
            "deals", f"deals/{deal}", f"deals/{deal}/agreement", f"deals/{deal}/outcome",
        ),
        moderator=(
            "moderation", "jobs", "jobs?show=dead", "brokers/waiting", f"jobs/{job}", "weights", "rates",
            "erasures", "erasures?show=decided", "erasures/new", f"erasures/{erasure}",
            *(f"moderation/{item}" for item in items),
        ),
        broker=(
            "board", "board/table", "board/pairs", "board/pairs?show=all", "brokers/own/person", f"deals/{deal}",
            f"deals/{deal}/outcome",
        ),
        blank=("register", "sign-in", "post/demand"),
        refused={"nothing/here": 404, f"listings/{gone}": 410},
    )  # fmt: skip
