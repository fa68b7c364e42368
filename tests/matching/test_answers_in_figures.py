"""How figures are read where an offer answers a requirement: as people write them, in whatever unit."""

from __future__ import annotations

import pytest

from matching.compiled import compiled
from matching.engine import explain, score
from matching.result import Evidence
from matching.statistics import DEFAULT
from tests.matching.listings import demand, offer
from vocabulary.listing import Requirement


def answered(row: Requirement, text: str, language: str = "vi") -> Evidence:
    asking = demand("Thiết bị", language=language, requirements=(row,))
    return explain(asking, offer("Thiết bị", text, language=language), DEFAULT).evidence[0]


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (("Công suất", ">=", "5000", "lít/giờ"), "Công suất 10 000 lít/giờ.", "met"),
        (("Công suất", ">=", "5000", "lít/giờ"), "Công suất 10\u00a0000 lít/giờ.", "met"),
        (("Công suất", ">=", "5000", "lít/giờ"), "Công suất 1 000 lít/giờ.", "conflict"),
        (("Nhiệt độ bảo quản", "<=", "-18", "°C"), "Nhiệt độ bảo quản âm 20 °C.", "met"),
        (("Nhiệt độ bảo quản", "<=", "-18", "°C"), "Nhiệt độ bảo quản –20 °C.", "met"),
        (("Nhiệt độ bảo quản", "<=", "-18", "°C"), "Nhiệt độ bảo quản - 20 °C.", "met"),
        (("Nhiệt độ bảo quản", "<=", "-18", "°C"), "Nhiệt độ bảo quản minus 20 °C.", "met"),
        (("Nhiệt độ bảo quản", "<=", "-18", "°C"), "Nhiệt độ bảo quản 20 °C.", "conflict"),
        (("Công suất điện", ">=", "5", "kW"), "Công suất điện – 20 kW.", "met"),
        (("Nhiệt độ bảo quản", "range", "-25..-18", "°C"), "Nhiệt độ bảo quản 4 °C.", "conflict"),
        (("Nhiệt độ bảo quản", "range", "-25..-18", "°C"), "Nhiệt độ bảo quản -20 °C.", "met"),
        (("Nhiệt độ bảo quản", "range", "-25..-18", "°C"), "Nhiệt độ bảo quản từ âm 24 đến âm 20 °C.", "met"),
        (("Mật độ", ">=", "100000000", "CFU/g"), "Mật độ 10^9 CFU/g.", "met"),
        (("Mật độ", ">=", "100000000", "CFU/g"), "Mật độ 10⁹ CFU/g.", "met"),
        (("Mật độ", ">=", "100000000", "CFU/g"), "Mật độ 1×10^9 CFU/g.", "met"),
        (("Mật độ", ">=", "100000000", "CFU/g"), "Mật độ 2.5×10⁸ CFU/g.", "met"),
        (("Mật độ", ">=", "10^8", "CFU/g"), "Mật độ 2–5 x 10^7 CFU/g.", "conflict"),
        (("Thời gian", "<=", "2", "giờ"), "Thời gian 2 giờ 30 phút.", "conflict"),
        (("Thời gian", "<=", "3", "giờ"), "Thời gian 2 giờ 30 phút.", "met"),
        (("Thời gian", "<=", "2", "giờ"), "Thời gian 2h30.", "conflict"),
        (("Thời gian", ">=", "150", "phút"), "Thời gian 2h30p.", "met"),
        (("Kinh nghiệm", ">=", "5", "năm"), "Kinh nghiệm từ tháng 5 năm 2019.", "partly"),
        (("kiểm soát nhiệt độ 25 ± 2 °C",), "Kiểm soát nhiệt độ 25 °C ± 0,5 °C.", "met"),
        (("kiểm soát nhiệt độ 25 ± 2 °C",), "Kiểm soát nhiệt độ 15 °C ± 0,5 °C.", "conflict"),
        (("sai số nhiệt độ", "<=", "1", "°C"), "Sai số: nhiệt độ 25 ± 0,5 °C.", "met"),
        (("sai số nhiệt độ", "<=", "1", "°C"), "Sai số: nhiệt độ 25 ± 3 °C.", "conflict"),
        (("pH nước ra", "range", "6..8.5"), "pH nước ra đạt QCVN 40:2011.", "partly"),
        (("pH nước ra", "range", "6..8.5"), "pH nước ra theo TCVN 6663-1:2011 đạt 7,2.", "met"),
        (("pH nước ra", "range", "6..8.5"), "pH nước ra năm 2019.", "partly"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(row: tuple[str, ...], text: str, state: str) -> None:
    assert answered(Requirement(*row), text).state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Density 1.025 g/ml.", "met"),
        ("The density of the gel is 1.025 g/ml.", "met"),
        ("Density 1,025 g/ml.", "conflict"),
    ],
)
def test_in_english_a_point_before_three_digits_is_a_decimal_one(text: str, state: str) -> None:
    assert answered(Requirement("Density", "<=", "1.1", "g/ml"), text, "en").state == state
    assert answered(Requirement("Density", "<=", "1.100", "g/ml"), text, "en").state == state


def test_in_vietnamese_it_groups_thousands() -> None:
    assert answered(Requirement("khối lượng", ">=", "1.500", "kg"), "Khối lượng 1.600 kg.").state == "met"
    assert answered(Requirement("khối lượng", ">=", "1.500", "kg"), "Khối lượng 16 kg.").state == "conflict"


@pytest.mark.parametrize(
    ("row", "text", "state"),
    [
        (("Bảo hành", ">=", "2", "năm"), "Bảo hành 24 tháng.", "met"),
        (("Giao hàng", "<=", "12", "tháng"), "Giao hàng 1 năm.", "met"),
        (("Bảo hành", ">=", "6", "tháng"), "Bảo hành 180 ngày.", "met"),
        (("Giao hàng", "<=", "180", "ngày"), "Giao hàng 6 tháng.", "met"),
        (("Bảo hành", ">=", "1", "năm"), "Bảo hành 365 ngày.", "met"),
        (("Bảo hành", ">=", "2", "năm"), "Bảo hành 18 tháng.", "conflict"),
        (("Công suất", ">=", "5", "MW"), "Công suất 5 mW.", "conflict"),
        (("Áp suất", ">=", "5", "MPa"), "Áp suất 5 mPa.", "conflict"),
        (("Công suất", ">=", "5", "kW"), "Công suất 5 mw.", "met"),
        (("Sản lượng", ">=", "14", "triệu con/tháng"), "Sản lượng 20 triệu con/năm.", "conflict"),
        (("Sản lượng", ">=", "14", "triệu con/tháng"), "Sản lượng 180 triệu con/năm.", "met"),
        (("Sản lượng", ">=", "14", "triệu con"), "Sản lượng trị giá 20 triệu đồng.", "partly"),
        (("Chi phí", "<=", "2", "triệu đồng/ha"), "Chi phí 1,5 triệu đồng.", "partly"),
        (("Chi phí", "<=", "2", "triệu đồng/ha"), "Chi phí 1,5 triệu/ha.", "met"),
        (("Chi phí", "<=", "2", "triệu đồng"), "Chi phí 1,5 triệu chưa gồm thuế.", "met"),
        (("Chi phí", "<=", "2", "triệu đồng"), "Chi phí 1,5 triệu USD.", "partly"),
        (("Chi phí", "<=", "600000", "đồng"), "Chi phí 500.000 đ.", "met"),
        (("Lãi suất", "<=", "1", "%/tháng"), "Lãi suất 9 %/năm.", "met"),
        (("Lãi suất", "<=", "1", "%/năm"), "Lãi suất 1 %/tháng.", "conflict"),
        (("Năng suất", ">=", "500", "kg/giờ"), "Năng suất 12 tấn/ngày.", "met"),
        (("Lưu lượng", "=", "10", "m³/h"), "Lưu lượng 240 m3/ngày đêm.", "met"),
        (("Lưu lượng", "<=", "10", "m³/h"), "Lưu lượng 240 m³/ngày.", "met"),
        (("Nhiệt độ sấy", "<=", "70", "°C"), "Nhiệt độ sấy 65oC.", "met"),
        (("Nhiệt độ sấy", "<=", "70", "°C"), "Nhiệt độ sấy 65ºC.", "met"),
        (("Nhiệt độ sấy", "<=", "70", "°C"), "Nhiệt độ sấy 95 ℃.", "conflict"),
        (("Năng suất", ">=", "150", "kg"), "Năng suất 2 tạ.", "met"),
        (("Công suất máy", ">=", "7", "kW"), "Công suất máy 10 mã lực.", "met"),
        (("Năng suất", ">=", "500", "kg/giờ"), "Năng suất 600 kg/hr.", "met"),
        (("Năng suất", ">=", "500", "kg/giờ"), "Năng suất 600 kg per hour.", "met"),
        (("Năng suất", ">=", "500", "kg/giờ"), "Năng suất 400 kg mỗi phút.", "met"),
        (("Khối lượng", "<=", "12", "kg"), "Khối lượng 10 kg mỗi lần.", "met"),
        (("Công suất", ">=", "1", "MWp"), "Công suất 500 kWp.", "conflict"),
        (("Công suất", ">=", "1", "MW"), "Công suất 1,2 GW.", "met"),
        (("Dung lượng pin", ">=", "5", "Ah"), "Dung lượng pin 5200 mAh.", "met"),
        (("Tốc độ", ">=", "1200", "vòng/phút"), "Tốc độ 1500 rpm.", "met"),
        (("Đường kính", "<=", "10", "cm"), "Đường kính 3 inch.", "met"),
        (("Áp suất", ">=", "5", "bar"), "Áp suất 100 psi.", "met"),
        (("Hàm lượng chì", "<=", "5", "mg/kg"), "Hàm lượng chì 3 ppm.", "met"),
        (("Hàm lượng muối", ">=", "3", "g/kg"), "Hàm lượng muối 4 g per kg.", "met"),
        (("Thời gian chạy", ">=", "5", "giờ"), "Thời gian chạy 6 giờ mỗi ngày.", "met"),
        (("Hàm lượng chì", "<=", "5", "ppm"), "Hàm lượng chì 8 mg/kg.", "conflict"),
        (("Khối lượng", "<=", "100", "g"), "Khối lượng nhỏ, mạng 5G.", "partly"),
        (("Thời gian", "<=", "4", "giờ"), "Thời gian ngắn, 3 giỏ.", "partly"),
    ],
)  # fmt: skip
def test_units_as_people_write_them(row: tuple[str, ...], text: str, state: str) -> None:
    assert answered(Requirement(*row), text).state == state


@pytest.mark.parametrize(("asked", "text"), [("CO2", "CO₂"), ("CO₂", "CO2")])
def test_a_formula_is_the_same_with_small_digits_and_without(asked: str, text: str) -> None:
    found = answered(Requirement(f"thu hồi {asked}"), f"Thu hồi {text} từ khí thải.")
    assert found.state == "met"
    assert [found.quote[start:end] for start, end in found.marks] == [f"Thu hồi {text}"]


@pytest.mark.parametrize(
    ("row", "text", "marked"),
    [
        (("Năng suất", ">=", "200", "kg/h"), "Năng suất 300 kg/giờ.", "Năng suất 300 kg/giờ"),
        (("Năng suất", ">=", "200", "kg/h"), "Năng suất 10.000 kg mỗi giờ.", "Năng suất 10.000 kg mỗi giờ"),
        (("Sản lượng", ">=", "1", "triệu con/năm"), "Sản lượng 2 triệu con/năm.", "Sản lượng 2 triệu con/năm"),
        (("Nhiệt độ", "<=", "-18", "°C"), "Nhiệt độ âm 20 °C.", "Nhiệt độ âm 20 °C"),
    ],
)  # fmt: skip
def test_a_figure_is_marked_with_its_whole_unit(row: tuple[str, ...], text: str, marked: str) -> None:
    found = answered(Requirement(*row), text)
    assert [found.quote[start:end] for start, end in found.marks] == [marked]


def test_figures_of_texts_are_shown_with_their_whole_unit() -> None:
    asking = demand("Máy sấy", "Năng suất 600 kg/h, điện 2 kWh/tấn.")
    scored = score(asking, offer("Máy sấy", "Năng suất 0,6 tấn/h, điện 5 kWh/tấn."), DEFAULT)
    signal = next(one for one in scored.signals if one.name == "figures")
    assert signal.demand.params["words"] == "600 kg/h; 2 kWh/tấn"
    assert signal.offer.params["words"] == "0,6 tấn/h; 5 kWh/tấn"


def test_a_number_of_thousands_of_digits_is_no_figure() -> None:
    assert compiled(offer("Máy", f"Nặng {'9' * 5_000} kg."), DEFAULT)
