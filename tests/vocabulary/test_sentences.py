"""Where a sentence ends, and where a full stop is something else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vocabulary.sentences import sentences


@pytest.mark.parametrize(
    "text",
    [
        "Sai số 0.5 ‰, giá 1,5 tỷ đồng.",
        "Đặt tại TP. Hồ Chí Minh từ năm 2024.",
        "Do PGS. TS. Nguyễn Văn A. Bình đề xuất.",
        "1. Thiết bị đo độ mặn",
        "a. Thiết bị đo độ mặn",
        "Cần ThS. Nguyễn Văn A ở TP. Cần Thơ",
        "Công ty A.B.C. Việt Nam",
        "U.S. Department of Energy",
        "Smith et al. Nature 2020",
        "từ " * 2000 + "cuối",
        "Nhiều nước, v.v. và các nước khác",
        "Tài liệu kèm theo (e.g. Fig. 3) rất rõ",
        "Xem tệp doc.pdf nhé",
    ],
)
def test_one_sentence_stays_whole(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Máy chạy tốt. Đã thử ba năm.", ["Máy chạy tốt.", "Đã thử ba năm."]),
        ("Đạt TRL 7. Ấn tượng!", ["Đạt TRL 7.", "Ấn tượng!"]),
        ("Why? Because… It works.", ["Why?", "Because…", "It works."]),
        ("«Tốt.» Ông nói vậy.", ["«Tốt.»", "Ông nói vậy."]),
        ("Dòng một\n\n- dòng hai\n", ["Dòng một", "- dòng hai"]),
        ("- Bền.\n• Rẻ; nhẹ\n2) Gọn", ["- Bền.", "• Rẻ; nhẹ", "2) Gọn"]),
        ("Dài 5 m. Rộng 3 m.", ["Dài 5 m.", "Rộng 3 m."]),
        ("Tôm, cá v.v. Các loại khác.", ["Tôm, cá v.v.", "Các loại khác."]),
        ("安い。速い！", ["安い。", "速い！"]),
        ("Giá năm 2026. 3 máy có sẵn.", ["Giá năm 2026.", "3 máy có sẵn."]),
        (f"Một.{' ' * 40}Hai.", ["Một.", "Hai."]),
        ("", []),
    ],
)
def test_sentences_and_lines_are_parted(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text(alphabet='aĐ.!? \n"»1。'))
@example("a." + " " * 40 + "Đ")
def test_nothing_but_blanks_is_lost(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
