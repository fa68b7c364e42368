"""Invented data for the style guide: one of everything, long words and stacked marks included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Bag
from typing import Any

from matching.result import Evidence, Gate, Lift, Said, Score, Signal
from search.query import Passage
from vocabulary.listing import Price, Requirement
from vocabulary.problems import Problem

NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


class Words(dict[str, str]):
    """Any word one asks for, since the sample's own texts need no translation."""

    def __missing__(self, key: str) -> str:
        return f"Mục {key}"


def sample(ticked: Sequence[str] = ()) -> Any:
    return Bag(
        title="Tìm công nghệ chào bán",
        lede="Mọi bộ phận của giao diện trên một trang: Ẫ ữ ợ Ổn ₫.",
        query="cảnh báo độ mặn ao nuôi tôm",
        tabs=[
            ("Công nghệ chào bán", "#", 148, True),
            ("Nhu cầu công nghệ", "#", 37, False),
            ("Sáng kiến", "#", 62, False),
        ],
        total=1284 - 100 * len(ticked),
        facets=_facets(ticked),
        sorts=[("relevance", "Phù hợp nhất"), ("newest", "Mới nhất")],
        chips=[
            Bag(label=each, url="#") for each in ("Nuôi trồng thủy sản", "TRL 6–9", "Bằng sáng chế đã cấp")
        ],
        cards=_cards(),
        page_url=lambda n: f"?page={n}",
        words=_words(),
        score=_score(),
        say=lambda said: said.params["text"],
        requirements=_requirements(),
        problems=(Problem("title", "required"), Problem("requirements.1.value", "too_small")),
        steps=["Soạn", "Kiểm tra", "Gửi duyệt"],
        choices=[
            ("idea", "Ý tưởng", "TRL 1–2"),
            ("lab", "Đã thử trong phòng thí nghiệm", "TRL 5"),
            ("market", "Đã có trên thị trường", "TRL 9"),
        ],
        provinces=[("Đồng bằng sông Cửu Long", [("92", "Cần Thơ"), ("96", "Cà Mau")]), ("01", "Hà Nội")],
        figures=[
            ("4.218", "Công nghệ đang chào bán"),
            ("1.526", "Nhu cầu đang mở"),
            ("64", "Kết nối thành công quý IV"),
            ("318,4 tỷ ₫", "Giá trị chuyển giao"),
        ],
        tiles=[
            ("Nông nghiệp & thủy sản", "#", 212),
            ("Năng lượng & môi trường", "#", 264),
            ("Y – dược", "#", 175),
            ("Vật liệu mới", "#", None),
        ],
        timeline=_timeline(),
        changes=[
            ("Tên", "Hệ thống cảm biến đo độ mặn", "Hệ thống cảm biến IoT cảnh báo độ mặn"),
            ("Giá", "900 triệu ₫", "850 triệu ₫"),
        ],
        answers=[
            ("Tên nhu cầu", "Cần giải pháp cảnh báo sớm độ mặn cho 60 ha ao tôm thẻ", "#"),
            ("Ngân sách", "1 tỷ ₫", "#"),
            ("Tỉnh", "Cà Mau", ""),
        ],
        heads=["Hồ sơ", "Loại", "Trạng thái", "Gửi lúc", "Mã"],
    )


def _facets(ticked: Sequence[str]) -> list[Any]:
    fields = [
        ("Nuôi trồng thủy sản", 148),
        ("Quan trắc môi trường", 96),
        ("IoT & cảm biến", 83),
        ("Công nghệ sinh học", 41),
        ("Chế biến thực phẩm", 27),
        ("Cơ khí", 12),
        ("Vật liệu", 9),
        ("Y – dược", 4),
        ("Năng lượng", 0),
        ("Khác", 1),
    ]
    forms = [("Cấp phép", 121), ("Chuyển giao trọn gói", 64), ("Hợp tác phát triển", 58)]
    return [
        Bag(
            name="field",
            label="Lĩnh vực",
            options=[(str(n), text, count, n == 0) for n, (text, count) in enumerate(fields)],
        ),
        Bag(
            name="transfer_form",
            label="Hình thức chuyển giao",
            options=[(str(n), text, count, str(n) in ticked) for n, (text, count) in enumerate(forms)],
        ),
    ]


def _cards() -> list[Any]:
    title = "Hệ thống cảm biến IoT cảnh báo độ mặn và điều tiết nước cho ao nuôi tôm thẻ chân trắng"
    body = (
        "Cụm cảm biến độ mặn, pH và oxy hòa tan đo liên tục, truyền LoRaWAN, dự báo sớm 6 giờ "
        "bằng mô hình học máy; "
        "đã vận hành thử 14 tháng tại 38 ao nuôi tôm ở Bạc Liêu và Sóc Trăng."
    )
    marks = tuple((body.index(words), body.index(words) + len(words)) for words in ("độ mặn", "ao nuôi tôm"))
    at = title.index("độ mặn")
    common = {
        "url": "#", "language": "vi", "status": "published", "exchange": "Sàn Cần Thơ", "foreign": True,
        "also": ("Sàn Huế",),
    }  # fmt: skip
    return [
        Bag(
            kind="offer",
            uid="can-tho:offer:01JC",
            title=title,
            summary="",
            updated_at=NOW - timedelta(minutes=3),
            passages={"title": Passage(title, ((at, at + 6),)), "body": Passage(body, marks)},
            organisation="Viện Nghiên cứu Nuôi trồng Thủy sản II",
            province="Cần Thơ",
            trl_min=8,
            trl_max=8,
            rights=["Bằng độc quyền sáng chế 1-0034127"],
            transfer_forms=["Cấp phép", "Hợp tác sản xuất"],
            price=Price(850_000_000, 850_000_000),
            needed_by="",
            **common,
        ),
        Bag(
            kind="demand",
            uid="ca-mau:demand:01JD",
            title="Cần giải pháp cảnh báo sớm độ mặn cho 60 ha ao tôm thẻ",
            summary="Hợp tác xã cần đo và báo trước ít nhất 4 giờ khi độ mặn vượt 25 ‰.",
            updated_at=NOW - timedelta(days=14),
            passages={},
            organisation="",
            province="Cà Mau",
            trl_min=7,
            trl_max=9,
            rights=[],
            transfer_forms=[],
            price=Price(None, 1_000_000_000),
            needed_by="2027-05-01",
            **(common | {"status": "expired"}),
        ),
    ]


def _words() -> Words:
    return Words(
        match="Vì sao hai hồ sơ này khớp nhau",
        sentence="Khớp mạnh về yêu cầu kỹ thuật, lĩnh vực và TRL. "
        "Điểm trừ chính: thời gian triển khai và một yêu cầu chưa có bằng chứng.",
        parts="Từng yếu tố đóng góp bao nhiêu điểm",
        evidence="Yêu cầu và bằng chứng",
        open="Mở hồ sơ kết nối",
        ask="Hỏi thêm thông tin",
        decline="Không phù hợp…",
        gates="Điều kiện bắt buộc",
        lifts="Điều gì có thể thay đổi điểm số",
        caveat="Điểm do máy tính gợi ý, không phải thẩm định công nghệ. "
        "Mô hình không biết uy tín, năng lực lắp đặt hay giá cuối cùng.",
        form="Biểu mẫu",
        help="Nói bằng lời của bạn, chưa cần thuật ngữ.",
        problem="Vấn đề cần giải quyết",
        title="Tên nhu cầu",
        terms="Tôi đồng ý với điều khoản sử dụng",
        need="Tôi cần công nghệ",
        have="Tôi có công nghệ",
        nothing="Chưa có gợi ý",
        history="Quá trình",
        changes="Thay đổi so với bản đang đăng",
        check="Kiểm tra trước khi gửi",
        queue="Hàng chờ duyệt",
        rest="Các bộ phận khác",
    )


def _requirements() -> list[Requirement]:
    return [
        Requirement("Sai số đo độ mặn", "<=", "0,5", "‰"),
        Requirement("Báo trước khi vượt ngưỡng", ">=", "4", "giờ"),
        Requirement("Tích hợp phần mềm quản lý trại", "text", "FarmNet", "", must=False),
        Requirement(
            "Chạy tại trại",
            "text",
            "không đưa số liệu của trại lên máy chủ ở nơi khác, cả khi mất mạng dài ngày",
            "",
        ),
    ]


def _score() -> Score:
    def said(text: str) -> Said:
        return Said("sample", {"text": text})

    quote = "Cảm biến đo liên tục chu kỳ 5 phút, sai số ±0,3 ‰ theo phiếu kiểm định."
    span = (quote.index("sai số"), quote.index("‰") + 1)
    signals = (
        Signal("requirements", 32_214, 35_000, "partly", said("6 yêu cầu"), said("5 có bằng chứng")),
        Signal("field", 14_300, 15_000, "met", said("A01K 61/59"), said("A01K 61/59, G01N")),
        Signal("readiness", 15_000, 15_000, "met", said("TRL ≥ 7"), said("TRL 8")),
        Signal(
            "price", 11_700, 15_000, "partly", said("ngân sách 1 tỷ ₫"), said("850 triệu ₫, chưa gồm lắp đặt")
        ),
        Signal("place", 0, 20_000, "unknown", said("Cà Mau"), said("không nói")),
    )
    return Score(
        demand="d",
        offer="o",
        total=sum(signal.points for signal in signals),
        signals=signals,
        gates=(
            Gate("live", True, said("hết hạn sau 60 ngày")),
            Gate("licence", False, said("đã cấp độc quyền tại VN")),
        ),
        evidence=(
            Evidence(0, "met", quote, (span,)),
            Evidence(1, "partly", "Mô hình dự báo sớm 6 giờ.", ((15, 24),)),
            Evidence(2, "unknown"),
            Evidence(3, "unknown"),
        ),
        lifts=(
            Lift("offer", "requirements", said("xác nhận tích hợp FarmNet"), 4_200, True),
            Lift("demand", "price", said("chi phí lắp đặt vượt 150 triệu ₫"), -5_000, False),
        ),
    )


def _timeline() -> list[Any]:
    return [
        Bag(at=NOW, text="Được duyệt và đăng", by="Trần Văn Kiểm", tone="ok"),
        Bag(at=NOW - timedelta(hours=5), text="Gửi duyệt", by="", tone=""),
        Bag(at=NOW - timedelta(days=2), text="Tạo bản nháp", by="Nguyễn Thị Ổn", tone=""),
    ]
