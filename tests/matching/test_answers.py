"""How an offer answers one requirement, and the quote that shows it."""

from __future__ import annotations

import pytest

from matching.engine import explain
from matching.limits import figures
from matching.pair import pair
from matching.result import Evidence
from matching.statistics import DEFAULT
from tests.matching.listings import demand, is_hoped, offer
from vocabulary.listing import Requirement

SALT = Requirement("sai số độ mặn", "<=", "0,5", "‰")


def answered(row: Requirement, text: str, *own: Requirement) -> Evidence:
    asking = demand("Cảm biến", requirements=(row,))
    offering = offer("Cảm biến đo", text, requirements=own)
    assert is_hoped(pair(asking, offering, DEFAULT))
    return explain(asking, offering, DEFAULT).evidence[0]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Sai số độ mặn 0,3 ‰.", "met"),
        ("Sai số độ mặn ±0,05 %.", "met"),
        ("Sai số độ mặn 0,55 ‰.", "partly"),
        ("Sai số độ mặn 2 ‰.", "conflict"),
        ("Sai số độ mặn rất nhỏ.", "partly"),
        ("Đo được 2 ‰ trong phòng.", "unknown"),
        ("Máy bền, rẻ.", "unknown"),
    ],
)
def test_a_limit_against_a_sentence(text: str, state: str) -> None:
    assert answered(SALT, text).state == state


def test_the_quote_is_verbatim_and_marks_what_speaks() -> None:
    found = answered(SALT, "Vỏ nhựa. Thiết bị có SAI SỐ độ mặn chỉ 0,3 ‰ sau hiệu chuẩn.")
    assert found.quote == "Thiết bị có SAI SỐ độ mặn chỉ 0,3 ‰ sau hiệu chuẩn."
    assert [found.quote[start:end] for start, end in found.marks] == ["SAI SỐ độ mặn", "0,3 ‰"]


def test_an_own_row_of_the_offer_comes_before_its_sentences() -> None:
    found = answered(SALT, "Sai số độ mặn 2 ‰.", Requirement("sai số độ mặn", "=", "0,2", "‰"))
    assert (found.state, found.quote) == ("met", "sai số độ mặn = 0,2 ‰")


@pytest.mark.parametrize(
    ("operator", "value", "offered", "state"),
    [
        ("<=", "4", "1–3 giờ", "met"), ("<=", "4", "3–9 giờ", "partly"), ("<=", "4", "7–9 giờ", "conflict"),
        (">=", "4", "1–5 giờ", "met"), (">=", "4", "6 giờ", "met"),
        (">=", "4", "4 giờ", "met"), (">", "4", "4 giờ", "partly"),
        (">=", "4", "3,5 giờ", "partly"), (">=", "4", "1 giờ", "conflict"), ("<=", "4", "4 giờ", "met"),
        ("<", "4", "4 giờ", "partly"), ("<=", "4", "240 phút", "met"), ("=", "4", "4 giờ", "met"),
        ("=", "4", "4,5 giờ", "partly"), ("=", "4", "9 giờ", "conflict"), ("range", "4..8", "5–7 giờ", "met"),
        ("range", "4..8", "2–10 giờ", "met"), ("range", "4..8", "7–10 giờ", "partly"),
        ("range", "4..8", "20 giờ", "conflict"),
    ],
)  # fmt: skip
def test_every_operator(operator: str, value: str, offered: str, state: str) -> None:
    row = Requirement("thời gian chạy", operator, value, "giờ")
    assert answered(row, f"Thời gian chạy {offered}.").state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Có tích hợp phần mềm quản lý trại.", "met"),
        ("Có phần mềm riêng.", "unknown"),
        ("Tích hợp phần cứng.", "partly"),
    ],
)
def test_words_only(text: str, state: str) -> None:
    assert answered(Requirement("tích hợp phần mềm quản lý"), text).state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Cất cánh tối đa 98 kg, bình chứa 50 kg, pin 12 kg.", "met"),
        ("Cất cánh tối đa 98 kg, bình chứa 20 kg, pin 62 kg.", "conflict"),
    ],
)
def test_of_several_figures_the_one_after_the_words_counts(text: str, state: str) -> None:
    found = answered(Requirement("tải bình chứa", ">=", "40", "kg"), text)
    assert found.state == state
    assert next(found.quote[start:end] for start, end in found.marks).startswith("bình chứa")


def test_marks_leave_single_words_out_beside_a_phrase() -> None:
    found = answered(Requirement("cảnh báo trước", ">=", "4", "giờ"), "Mô hình dự báo, cảnh báo trước 6 giờ.")
    assert [found.quote[start:end] for start, end in found.marks] == ["cảnh báo trước 6 giờ"]


def test_a_limit_hidden_in_words_is_read() -> None:
    wanted = figures(Requirement("cảnh báo trước ít nhất 4 giờ"))
    assert wanted is not None
    assert (wanted.operator, wanted.low, wanted.dimension) == (">=", 14_400, "time")
    assert figures(Requirement("chạy được 4 giờ hoặc 5 giờ")) is None
    assert figures(Requirement("tự động 4 giờ")) is None


def test_a_must_counts_double() -> None:
    def rate(*, must_met: bool) -> int:
        asking = demand(
            "Máy",
            requirements=(
                Requirement("độ dài", ">=", "5", "m"),
                Requirement("độ nặng", "<=", "5", "kg", must=False),
            ),
        )
        answer = "Độ dài 6 m. Độ nặng 50 kg." if must_met else "Độ dài 1 m. Độ nặng 4 kg."
        signal = next(
            s for s in explain(asking, offer("Máy", answer), DEFAULT).signals if s.name == "requirements"
        )
        return round(3 * signal.points / signal.of)

    assert (rate(must_met=True), rate(must_met=False)) == (2, 1)


def test_a_silent_offer_leaves_the_signal_unknown() -> None:
    silent = pair(demand("Máy", requirements=(SALT,)), offer("Máy bơm"), DEFAULT)
    assert [finding.judgement for finding in silent.findings] == ["unknown"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Chưa tích hợp phần mềm quản lý.", "conflict"),
        ("Thiết bị bền, không có phần mềm quản lý tích hợp.", "conflict"),
        ("Tích hợp phần mềm quản lý: chưa có.", "conflict"),
        ("Khong co phan mem quan ly tich hop.", "conflict"),
        ("Khong chi tich hop phan mem quan ly ma con bao dong.", "met"),
        ("Phần mềm quản lý chưa được tích hợp.", "conflict"),
        ("Chưa tích hợp phần mềm quản lý. Từ năm 2027 tích hợp phần mềm quản lý.", "met"),
        ("Không chỉ tích hợp phần mềm quản lý mà còn báo động.", "met"),
        ("Không ồn và tích hợp phần mềm quản lý.", "met"),
        ("Tích hợp phần mềm quản lý, không cần mạng.", "met"),
        ("Vỏ thép không gỉ, tích hợp phần mềm quản lý.", "met"),
        ("Đóng gói chân không, tích hợp phần mềm quản lý.", "met"),
        ("Dùng trong không gian hẹp, có tích hợp phần mềm quản lý.", "met"),
        ("Tích hợp phần cứng.", "partly"),
        ("Chưa tích hợp phần cứng.", "unknown"),
    ],
)
def test_what_is_denied_is_no_answer(text: str, state: str) -> None:
    assert answered(Requirement("tích hợp phần mềm quản lý"), text).state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("It does not include a CE certificate.", "conflict"),
        ("It doesn't have a CE certificate.", "conflict"),
        ("A CE certificate is not yet available.", "conflict"),
        ("Shipped without CE certificate.", "conflict"),
        ("The CE certificate is not issued.", "conflict"),
        ("The device with a CE certificate is not noisy.", "met"),
        ("No wires, and a CE certificate.", "met"),
        ("It has not only a CE certificate but a UL one.", "met"),
        ("A CE certificate is included, no tools are needed.", "met"),
    ],
)
def test_what_is_denied_in_english_is_no_answer(text: str, state: str) -> None:
    asking = demand("Sensor", language="en", requirements=(Requirement("CE certificate issued"),))
    assert explain(asking, offer("Sensor", text, language="en"), DEFAULT).evidence[0].state == state


def test_a_requirement_that_denies_is_answered_by_a_denial() -> None:
    row = Requirement("không dùng hoá chất tẩy")
    assert answered(row, "Không dùng hoá chất tẩy.").state == "met"
    assert answered(row, "Dùng hoá chất tẩy nhẹ.").state == "partly"
    assert answered(Requirement("truyền dữ liệu không dây"), "Truyền không dây dữ liệu.").state == "met"


@pytest.mark.parametrize(
    ("asked", "value", "state"),
    [
        ("chứng nhận GMP", "chưa có", "conflict"),
        ("chứng nhận GMP", "có", "met"),
        ("không dùng clo", "", "met"),
    ],
)
def test_an_own_row_that_denies_is_no_answer_either(asked: str, value: str, state: str) -> None:
    assert answered(Requirement(asked), "", Requirement(asked, value=value)).state == state
