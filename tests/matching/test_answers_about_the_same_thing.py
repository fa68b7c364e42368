"""Answers that share words or a unit with a requirement and speak of another thing; and standards as answers."""

from __future__ import annotations

import pytest

from matching.building import profile
from matching.compiled import compiled
from matching.engine import explain, score
from matching.opened import opened
from matching.profile import Profile
from matching.result import Evidence
from matching.statistics import DEFAULT, Statistics, collect
from tests.matching.listings import demand, offer
from vocabulary.listing import Content, Requirement, Text

WATER = collect(
    [offer("Chất lượng nước ra, tổng công suất xử lý", "Độ cao, chạy tốt.", uid=f"o{number}") for number in range(9)]
    + [offer("Amoni, nitơ, COD, asen", "Máy chạy.", uid=f"p{number}") for number in range(2)]
)  # fmt: skip
"""Where «nước ra» is said by most, and amoni by few."""


def answered(
    row: Requirement | str, said: str | Profile, language: str = "vi", statistics: Statistics = DEFAULT
) -> Evidence:
    row = Requirement(row) if isinstance(row, str) else row
    asking = demand("Cần thiết bị", language=language, requirements=(row,))
    offering = offer("Máy móc", said, language=language) if isinstance(said, str) else said
    return explain(asking, offering, statistics).evidence[0]


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (("Tỷ lệ thu hồi nước", ">=", "50", "%"), "Tỷ lệ thu hồi vốn 80 %.", "partly"),
        (("Tỷ lệ thu hồi nước", ">=", "50", "%"), "Tỷ lệ thu hồi vốn 20 %.", "unknown"),
        (("Tỷ lệ thu hồi nước", ">=", "50", "%"), "Tỷ lệ thu hồi 58 %.", "met"),
        (("Tỷ lệ thu hồi nước", ">=", "50", "%"), "Tỷ lệ thu hồi trung bình 58 %.", "met"),
        (("Tỷ lệ thu hồi nước", ">=", "50", "%"), "Tỷ lệ thu hồi lại nước đạt 58 %.", "met"),
        (("Hàm lượng tinh bột", ">=", "40", "%"), "Hàm lượng đạm thô của bột ấu trùng 58 %.", "partly"),
        (("Hàm lượng tinh bột", ">=", "40", "%"), "Hàm lượng tinh bột 48 %.", "met"),
        (("Sai số đo độ mặn", "<=", "0,5", "‰"), "Sai số dự báo độ mặn 1,6 ‰.", "unknown"),
        (("Sai số đo độ mặn", "<=", "0,5", "‰"), "Sai số đo độ mặn 1,6 ‰.", "conflict"),
        (("Thời gian báo sớm", ">=", "10", "ngày"), "Thời gian báo trước lũ quét 48 phút.", "unknown"),
        (("Thời gian báo sớm", ">=", "10", "ngày"), "Thời gian báo sớm 48 phút.", "conflict"),
        (("Nhiệt độ sấy", "<=", "55", "°C"), "Nhiệt độ khí sấy 43 °C.", "met"),
    ],
)
def test_a_figure_behind_another_name_is_of_another_thing(
    row: tuple[str, ...], text: str, state: str
) -> None:
    assert answered(Requirement(*row), text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (("Water recovery rate", ">=", "50", "%"), "Water recovery cost share 80 %.", "partly"),
        (("Water recovery rate", ">=", "50", "%"), "Water recovery rate reached 58 %.", "met"),
        (("Water recovery rate", ">=", "50", "%"), "Water recovery reached 58 %.", "met"),
        (("Cycle time of the press", "<=", "90", "minutes"), "Cycle time is 75 minutes.", "met"),
    ],
)
def test_a_figure_behind_another_name_in_english(row: tuple[str, ...], text: str, state: str) -> None:
    assert answered(Requirement(*row), text, "en").state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (("Thời gian đổi phôi", "<=", "12", "giây"), "Quả được phơi trên giàn 18 ngày.", "unknown"),
        (("Thời gian ủ", "<=", "35", "ngày"), "Thổi màng, phân hủy sau 150 ngày ủ.", "unknown"),
        (("Thời gian đổi phôi", "<=", "12", "giây"), "Thoi gian doi phoi 20 giay.", "conflict"),
        (("Thời gian đổi phôi", "<=", "12", "giây"), "Thời gian đổi phôi 20 giây.", "conflict"),
    ],
)
def test_other_marks_are_another_word_beside_a_figure(row: tuple[str, ...], text: str, state: str) -> None:
    assert answered(Requirement(*row), text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state", "marked"),
    [
        (
            ("Amoni nước ra", "<=", "1", "mg/l"),
            "Asen nước ra 4 mg/l, sắt 0,06 mg/l, amoni 0,4 mg/l.",
            "met",
            "amoni 0,4 mg/l",
        ),
        (
            ("Amoni nước ra", "<=", "1", "mg/l"),
            "Tổng nitơ nước ra 0,6 mg/l, amoni 18 mg/l.",
            "conflict",
            "amoni 18 mg/l",
        ),
        (
            ("Tổng nitơ nước ra", "<=", "80", "mg/l"),
            "COD nước ra 61 mg/l; tổng nitơ 14 mg/l.",
            "met",
            "tổng nitơ 14 mg/l",
        ),
    ],
)
def test_the_figure_of_the_telling_word_decides(
    row: tuple[str, ...], text: str, state: str, marked: str
) -> None:
    found = answered(Requirement(*row), text, statistics=WATER)
    assert found.state == state
    assert marked in [found.quote[start:end] for start, end in found.marks]


def test_beside_a_figure_too_the_telling_word_may_not_be_missing() -> None:
    row = Requirement("Chạy được ở độ sâu", ">=", "1200", "m")
    statistics = collect(
        [offer("Được ở độ sâu", uid=f"o{number}") for number in range(5)] + [offer("Chạy", uid="p")]
    )
    assert answered(row, "Đo được ở độ sâu 1,5 m.", statistics=statistics).state == "unknown"
    assert answered(row, "Chạy được ở độ sâu 1,5 m.", statistics=statistics).state == "conflict"


@pytest.mark.parametrize(
    ("name", "value", "text", "state"),
    [
        (
            "Không chứa kháng sinh và chủng biến đổi gen",
            "có cam kết bằng văn bản",
            "Sản phẩm không chứa kháng sinh hay chủng biến đổi gen.",
            "partly",
        ),
        (
            "Không chứa kháng sinh và chủng biến đổi gen",
            "có cam kết bằng văn bản",
            "Có văn bản cam kết không chứa kháng sinh và chủng biến đổi gen.",
            "met",
        ),
        (
            "Cảnh báo tới điện thoại của người trực đêm",
            "nối phần mềm sản xuất",
            "Gửi cảnh báo tới điện thoại của người trực đêm.",
            "partly",
        ),
        (
            "Gửi dữ liệu về phần mềm quản lý",
            "OPC UA hoặc tương đương",
            "Gửi dữ liệu về phần mềm quản lý qua OPC UA.",
            "met",
        ),
    ],
)
def test_what_a_row_adds_to_its_name_must_be_said_too(name: str, value: str, text: str, state: str) -> None:
    assert answered(Requirement(name, "text", value), text).state == state


def certified(*standards: str, language: str = "vi") -> Profile:
    content = Content("offer", language, {language: Text(title="Máy móc")}, standards=standards)
    return profile(content, uid="o", rev=1, owner="")


@pytest.mark.parametrize(
    ("row", "standard", "language", "state"),
    [
        ("chứng nhận ISO 22000", "ISO 22000:2018", "vi", "met"),
        ("Tiêu chuẩn ISO 22000:2018", "TCVN ISO 22000:2018", "vi", "met"),
        ("chứng nhận ISO 22000", "ISO 9001:2015", "vi", "partly"),
        ("chứng nhận GMP", "GMP", "vi", "met"),
        ("chứng nhận GMP", "GMP (đang xin)", "vi", "partly"),
        ("chứng nhận GMP", "GMP – đang chờ cấp", "vi", "partly"),
        ("chứng nhận GMP", "GMP (chưa có)", "vi", "conflict"),
        ("GMP certificate", "GMP (pending)", "en", "partly"),
        ("ISO 13485 certificate", "ISO 13485:2016", "en", "met"),
        ("certified to IEC 62619", "IEC 62619", "en", "met"),
        ("certified to IEC 62619", "IEC 61215", "en", "partly"),
        ("chủng nấm", "GMP", "vi", "unknown"),
        ("chứng nhận hữu cơ", "GMP", "vi", "unknown"),
    ],
)
def test_a_stated_standard_answers_and_is_quoted(row: str, standard: str, language: str, state: str) -> None:
    found = answered(row, certified(standard, language=language), language)
    assert found.state == state
    assert found.quote == ("" if state == "unknown" else standard)


def test_a_standard_answers_from_what_is_kept_of_a_listing_too() -> None:
    made = certified("ISO 22000:2018")
    kept = opened(compiled(made, DEFAULT), DEFAULT, uid="o", rev=1, owner="", embedding=b"").profile
    assert answered("chứng nhận ISO 22000", kept).quote == "ISO 22000:2018"


def test_a_standard_says_nothing_of_what_a_listing_is_about() -> None:
    """Half of all factories are certified by ISO 9001, whatever they make."""
    asking = profile(
        Content("demand", "vi", {"vi": Text(title="Máy sấy")}, standards=("QCVN 40:2025/BTNMT",)),
        uid="d",
        rev=1,
        owner="",
    )
    with_it, without = certified("QCVN 40:2025/BTNMT"), certified()
    assert score(asking, with_it, DEFAULT).total == score(asking, without, DEFAULT).total
