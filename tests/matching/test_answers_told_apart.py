"""Answers that look like the right one: another standard, another limit, another thing, one that is not had yet."""

from __future__ import annotations

import pytest

from matching.building import profile
from matching.engine import explain
from matching.result import Evidence
from matching.statistics import DEFAULT, collect
from tests.matching.listings import demand, offer
from vocabulary.listing import Content, Requirement, Text

PURITY = Requirement("Độ tinh khiết", ">=", "99", "%")
SAVED = Requirement("Tỷ lệ hao hụt", "<=", "5", "%")


def answered(row: Requirement | str, text: str, *own: Requirement, language: str = "vi") -> Evidence:
    row = Requirement(row) if isinstance(row, str) else row
    asking = demand("Cần thiết bị", language=language, requirements=(row,))
    return explain(asking, offer("Máy móc", text, language=language, requirements=own), DEFAULT).evidence[0]


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("chứng nhận ISO 22000", "Nhà máy có chứng nhận ISO 9001:2015.", "partly"),
        ("chứng nhận ISO 22000", "Nhà máy có chứng nhận ISO 22000:2018.", "met"),
        ("chứng nhận GMP hoặc HACCP", "Nhà máy có chứng nhận HACCP.", "met"),
        ("Đạt QCVN 40:2011/BTNMT cột A", "Nước đạt QCVN 14:2008/BTNMT cột A.", "partly"),
        ("Đạt QCVN 40:2011/BTNMT cột A", "Nước sau xử lý đạt cột A của QCVN 40:2011/BTNMT.", "met"),
        ("vỏ inox 316", "Vỏ inox 304 sáng bóng.", "partly"),
        ("động cơ đạt Euro 5", "Động cơ đạt Euro 2.", "partly"),
        ("bảo hành 24 tháng", "Bảo hành 6 tháng.", "partly"),
        ("bảo hành 24 tháng", "Bảo hành 24 tháng.", "met"),
        ("độ tinh khiết đạt 99 %", "Độ tinh khiết đạt 85 %.", "partly"),
        ("độ tinh khiết đạt 99 %", "Độ tinh khiết đạt 99 %.", "met"),
    ],
)
def test_what_a_requirement_names_must_be_named(row: str, text: str, state: str) -> None:
    assert answered(row, text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("tested to IEC 62619", "Cells tested to IEC 61215.", "partly"),
        ("tested to IEC 62619", "Cells are tested to IEC 62619.", "met"),
        ("off-grid inverter", "Inverter supplied as an on-grid one.", "partly"),
        ("off-grid inverter", "An off-grid inverter.", "met"),
    ],
)
def test_what_a_requirement_names_in_english_must_be_named(row: str, text: str, state: str) -> None:
    assert answered(row, text, language="en").state == state


@pytest.mark.parametrize(
    ("name", "value", "text", "state"),
    [
        ("Cấp bảo vệ", "IP68", "Cấp bảo vệ IP54.", "partly"),
        ("Cấp bảo vệ", "IP68", "Cấp bảo vệ IP68.", "met"),
        ("Giao tiếp", "RS485", "Giao tiếp Bluetooth.", "partly"),
        ("Chứng nhận", "HACCP", "Chứng nhận: VietGAP.", "partly"),
        ("Chứng nhận", "HACCP", "Chứng nhận: VietGAP, HACCP.", "met"),
    ],
)
def test_equal_to_a_word_asks_for_the_word(name: str, value: str, text: str, state: str) -> None:
    assert answered(Requirement(name, "=", value), text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("năng suất không dưới 500 kg/giờ", "Năng suất 300 kg/giờ.", "conflict"),
        ("năng suất không dưới 500 kg/giờ", "Năng suất 600 kg/giờ.", "met"),
        ("năng suất lớn hơn 500 kg/giờ", "Năng suất 600 kg/giờ.", "met"),
        ("năng suất từ 500 kg/giờ trở lên", "Năng suất 600 kg/giờ.", "met"),
        ("độ ẩm 13 % trở xuống", "Độ ẩm 20 %.", "conflict"),
        ("thời gian trong vòng 30 phút", "Thời gian 90 phút.", "conflict"),
        ("độ tinh khiết > 95 %", "Độ tinh khiết 70 %.", "conflict"),
        ("hoạt động dưới nước sâu 50 m", "Hoạt động dưới nước sâu 50 m.", "met"),
        ("hoạt động dưới nước sâu 50 m", "Hoạt động dưới nước sâu 100 m.", "partly"),
        ("thời gian sạc tối đa 30 phút", "Thời gian sạc 90 phút.", "conflict"),
    ],
)
def test_limits_are_read_the_right_way_round(row: str, text: str, state: str) -> None:
    assert answered(row, text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("purity not less than 99 %", "Purity 70 %.", "conflict"),
        ("purity not less than 99 %", "Purity 99.5 %.", "met"),
        ("no more than 5 % moisture content", "Moisture content 12 %.", "conflict"),
        ("no more than 5 % moisture content", "Moisture content 3 %.", "met"),
        ("moisture content not exceeding 5 %", "Moisture content 3 %.", "met"),
        ("charging time 30 min", "Charging time 90 min.", "partly"),
        ("charging time 30 min", "Charging time 30 min.", "met"),
        ("charging time within 30 min", "Charging time 20 min.", "met"),
        ("withstands temperatures up to 60 °C", "Withstands temperatures up to 40 °C.", "partly"),
        ("withstands temperatures up to 60 °C", "Withstands temperatures up to 60 °C.", "met"),
        ("throughput of 500 kg/h or more", "Throughput 200 kg/h.", "conflict"),
    ],
)
def test_limits_in_english_are_read_the_right_way_round(row: str, text: str, state: str) -> None:
    assert answered(row, text, language="en").state == state


@pytest.mark.parametrize(
    "text",
    [
        "Đang làm thủ tục xin chứng nhận GMP.", "Chứng nhận GMP đã hết hạn.", "Chứng nhận GMP bị thu hồi.",
        "Còn thiếu chứng nhận GMP.", "Sẽ có chứng nhận GMP vào năm 2027.", "Dự kiến đạt chứng nhận GMP.",
        "Dang xin chung nhan GMP.",
    ],
)  # fmt: skip
def test_what_is_not_had_yet_or_no_longer_is_half_an_answer(text: str) -> None:
    assert answered("chứng nhận GMP", text).state == "partly"


@pytest.mark.parametrize(
    "text",
    [
        "GMP certificate pending.", "The GMP certificate has expired.", "GMP certificate was withdrawn.",
        "A GMP certificate is expected next year.", "We plan to obtain a GMP certificate.",
    ],
)  # fmt: skip
def test_what_is_not_had_yet_or_no_longer_is_half_an_answer_in_english(text: str) -> None:
    assert answered("GMP certificate", text, language="en").state == "partly"


@pytest.mark.parametrize(
    "text",
    [
        "Đã có chứng nhận GMP, đang xin chứng nhận halal.", "Chứng nhận GMP do Bộ Y tế cấp, sẽ mở rộng nhà máy.",
        "Có chứng nhận GMP; dự kiến xuất khẩu.",
    ],
)  # fmt: skip
def test_what_is_expected_of_something_else_takes_nothing_away(text: str) -> None:
    assert answered("chứng nhận GMP", text).state == "met"


def test_without_marks_a_denial_is_one_as_well() -> None:
    assert answered("chứng nhận GMP", "chua co chung nhan GMP.").state == "conflict"
    assert answered("chứng nhận GMP", "La san pham de dung, khong co chung nhan GMP.").state == "conflict"
    found = answered("CE certificate", "The machine made in Đồng Nai has no CE certificate.", language="en")
    assert found.state == "conflict"


@pytest.mark.parametrize("part", ["partner", "comparison", "problem"])
def test_what_is_said_of_others_is_no_answer(part: str) -> None:
    said = {part: "Công nghệ cũ có hiệu suất khử amoni 85 %, cơ sở có chứng nhận GMP."}
    text = Text(title="Xử lý nước", description="Máy bền.", **said)
    rows = (Requirement("Hiệu suất khử amoni", ">=", "80", "%"), Requirement("chứng nhận GMP"))
    asking = demand("Xử lý nước", requirements=rows)
    offering = profile(Content("offer", "vi", {"vi": text}), uid="o", rev=1, owner="")
    told = explain(asking, offering, DEFAULT).evidence
    assert [one.state for one in told] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (PURITY, "Độ tinh khiết chưa đạt 99 %.", "partly"),
        (PURITY, "Độ tinh khiết gần 99 %.", "partly"),
        (PURITY, "Độ tinh khiết dưới 99 %.", "partly"),
        (PURITY, "Mục tiêu độ tinh khiết 99,5 %.", "partly"),
        (PURITY, "Độ tinh khiết trên 99 %.", "met"),
        (PURITY, "Độ tinh khiết không dưới 99 %.", "met"),
        (Requirement("Độ ẩm", "<", "13", "%"), "Độ ẩm dưới 13 %.", "met"),
        (Requirement("Độ ẩm", "<=", "13", "%"), "Độ ẩm trên 10 %.", "partly"),
        (Requirement("Độ ẩm", "<=", "13", "%"), "Độ ẩm không quá 12 %.", "met"),
    ],
)
def test_a_figure_is_read_with_its_own_limit(row: Requirement, text: str, state: str) -> None:
    assert answered(row, text).state == state


@pytest.mark.parametrize(
    ("asked", "own", "state"),
    [
        (">", Requirement("Độ tinh khiết", ">", "99", "%"), "met"),
        (">=", Requirement("Độ tinh khiết", "<=", "99,5", "%"), "partly"),
        (">=", Requirement("Độ tinh khiết", ">=", "99", "%"), "met"),
    ],
)
def test_an_own_row_is_read_with_its_own_limit(asked: str, own: Requirement, state: str) -> None:
    assert answered(Requirement("Độ tinh khiết", asked, "99", "%"), "", own).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (Requirement("Tỷ lệ sống", ">=", "85", "%"), "Tăng tỷ lệ sống từ 65 % lên 90 %.", "met"),
        (SAVED, "Giảm tỷ lệ hao hụt từ 12 % xuống 4 %.", "met"),
        (SAVED, "Tỷ lệ hao hụt giảm từ 12 % còn 8 %.", "conflict"),
        (SAVED, "Giảm tỷ lệ hao hụt 4 %.", "partly"),
        (Requirement("Mức giảm hao hụt", ">=", "20", "%"), "Giảm hao hụt 25 %.", "met"),
        (Requirement("Nhiệt độ", "<=", "4", "°C"), "Nhiệt độ từ 2°C đến 8°C.", "partly"),
        (Requirement("Nhiệt độ làm việc", ">=", "60", "°C"), "Nhiệt độ làm việc từ -20 °C đến 70 °C.", "met"),
        (Requirement("Công suất", ">=", "10", "kW"), "Các loại công suất 3 kW, 5 kW, 12 kW.", "met"),
        (Requirement("Công suất", ">=", "20", "kW"), "Các loại công suất 3 kW, 5 kW, 12 kW.", "conflict"),
    ],
)
def test_of_several_figures_the_one_that_is_meant_decides(row: Requirement, text: str, state: str) -> None:
    assert answered(row, text).state == state


def test_respectively_says_which_is_whose_to_people_only() -> None:
    row = Requirement("Specificity", ">=", "97", "%")
    text = "Sensitivity and specificity were 99 % and 90 %, respectively."
    assert answered(row, text, language="en").state == "partly"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Requirement("Tỷ lệ đứt gãy nhánh", "<=", "10", "%"), "Tỷ lệ củ sót lại 3,1 %."),
        (Requirement("Tỷ lệ đứt gãy nhánh", "<=", "10", "%"), "Tỷ lệ củ sót lại 30 %."),
    ],
)
def test_a_figure_of_another_thing_neither_meets_nor_contradicts(row: Requirement, text: str) -> None:
    assert answered(row, text).state in ("partly", "unknown")


def test_a_requirement_that_something_is_not_needed() -> None:
    assert answered("không cần điện lưới", "Cần điện lưới 220 V.").state == "partly"
    assert answered("không cần điện lưới", "Máy không cần điện lưới.").state == "met"
    english = answered("no need for grid power", "Needs grid power.", language="en")
    assert english.state == "partly"
    assert (
        answered("no need for grid power", "There is no need for grid power.", language="en").state == "met"
    )


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("sấy dứa tươi", "Sấy dừa tươi.", "partly"),
        ("sấy dứa tươi", "Sấy dứa tươi.", "met"),
        ("sấy dứa tươi", "Say dua tuoi.", "met"),
        ("chế biến cá", "Chế biến cà.", "partly"),
        ("khử mùi hoá chất", "Khử mùi hóa chất.", "met"),
        ("SẤY DỨA TƯƠI", "Sấy dứa tươi.", "met"),
    ],
)
def test_other_marks_are_another_word(row: str, text: str, state: str) -> None:
    assert answered(row, text).state == state


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        ("chẩn đoán ung thư phổi", "Chẩn đoán ung thư vú.", "partly"),
        ("chẩn đoán ung thư phổi", "Chẩn đoán sớm ung thư phổi.", "met"),
        ("vắc xin cho lợn", "Vắc xin cho gà.", "partly"),
    ],
)
def test_of_a_short_requirement_the_telling_word_may_not_be_missing(row: str, text: str, state: str) -> None:
    common = [offer("Chẩn đoán ung thư, vắc xin cho vật nuôi", uid=f"o{number}") for number in range(2)]
    statistics = collect([*common, offer("Phổi, lợn", uid="p")])
    asking = demand("Cần thiết bị", requirements=(Requirement(row),))
    assert explain(asking, offer("Máy móc", text), statistics).evidence[0].state == state
