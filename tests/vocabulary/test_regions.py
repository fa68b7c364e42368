"""Provinces as people write them: old and new, with marks and without."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.problems import Unreadable
from vocabulary.regions import PROVINCES, Reading, distance_km, former_names, read

MERGED = {
    "Cao Bằng": "", "Điện Biên": "", "Hà Tĩnh": "", "Lai Châu": "", "Lạng Sơn": "", "Nghệ An": "", "Quảng Ninh": "",
    "Thanh Hóa": "", "Sơn La": "", "Hà Nội": "", "Huế": "Thừa Thiên Huế",
    "Tuyên Quang": "Hà Giang", "Lào Cai": "Yên Bái", "Thái Nguyên": "Bắc Kạn", "Phú Thọ": "Vĩnh Phúc, Hòa Bình",
    "Bắc Ninh": "Bắc Giang", "Hưng Yên": "Thái Bình", "Hải Phòng": "Hải Dương", "Ninh Bình": "Hà Nam, Nam Định",
    "Quảng Trị": "Quảng Bình", "Đà Nẵng": "Quảng Nam", "Quảng Ngãi": "Kon Tum", "Gia Lai": "Bình Định",
    "Khánh Hòa": "Ninh Thuận", "Lâm Đồng": "Đắk Nông, Bình Thuận", "Đắk Lắk": "Phú Yên",
    "TP. Hồ Chí Minh": "Bà Rịa - Vũng Tàu, Bình Dương", "Đồng Nai": "Bình Phước", "Tây Ninh": "Long An",
    "Cần Thơ": "Sóc Trăng, Hậu Giang", "Vĩnh Long": "Bến Tre, Trà Vinh", "Đồng Tháp": "Tiền Giang",
    "Cà Mau": "Bạc Liêu", "An Giang": "Kiên Giang",
}  # fmt: skip
"""Resolution 202/2025/QH15, article 1, in its own order: the eleven left as they were, then the 23 that took others in."""
OLD = [(old, new) for new, gone in MERGED.items() for old in filter(None, gone.split(", "))]

codes = st.sampled_from([one.code for one in PROVINCES])


def test_there_are_34_provinces_and_cities() -> None:
    assert len(MERGED) == 34
    assert {one.vi for one in PROVINCES} == set(MERGED)


@pytest.mark.parametrize("name", MERGED)
def test_a_present_name_is_read_without_a_remark(name: str) -> None:
    reading = read(name)
    assert (PROVINCES.label(reading.code, "vi"), reading.mapped_from) == (name, "")


@pytest.mark.parametrize(("old", "new"), OLD)
def test_an_old_name_is_read_as_what_it_became_and_said(old: str, new: str) -> None:
    for typed in (old, old.upper(), f"Tỉnh {old}", unicodedata.normalize("NFD", old)):
        reading = read(typed)
        assert (PROVINCES.label(reading.code, "vi"), reading.mapped_from) == (new, old)


def test_old_and_present_names_together_are_the_63_and_the_renamed_one() -> None:
    # 63 were there in 2024; one of them, Thừa Thiên Huế, is still there under another name.
    assert len(OLD) == 63 - 34 + 1
    assert former_names() == {old: read(new).code for old, new in OLD}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("01", "Hà Nội"),
        ("1", "Hà Nội"),
        ("hanoi", "Hà Nội"),
        ("Ha Noi City", "Hà Nội"),
        ("TP.HCM", "TP. Hồ Chí Minh"),
        ("TPHCM", "TP. Hồ Chí Minh"),
        ("Thành phố Hồ Chí Minh", "TP. Hồ Chí Minh"),
        ("Ho Chi Minh City", "TP. Hồ Chí Minh"),
        ("Sài Gòn", "TP. Hồ Chí Minh"),
        ("tỉnh Đắc Lắc", "Đắk Lắk"),
        ("Đăk Lăk", "Đắk Lắk"),
        ("Daklak", "Đắk Lắk"),
        ("Can Tho", "Cần Thơ"),
        ("Thanh Hoá", "Thanh Hóa"),
        ("Thành phố Huế", "Huế"),
        ("Da Nang city", "Đà Nẵng"),
        ("T. Nghệ An", "Nghệ An"),
    ],
)
def test_a_province_is_read_as_people_write_it(typed: str, name: str) -> None:
    assert read(typed) == Reading(PROVINCES.read(name))


@pytest.mark.parametrize(
    ("typed", "old"),
    [("Vũng Tàu", "Bà Rịa - Vũng Tàu"), ("BRVT", "Bà Rịa - Vũng Tàu"), ("Kontum", "Kon Tum")],
)
def test_a_short_form_of_an_old_name_is_said_too(typed: str, old: str) -> None:
    assert read(typed).mapped_from == old


@pytest.mark.parametrize("typed", ["", "Paris", "ĐN", "99", "Hà", "tỉnh", "Hà Nội, Huế"])
def test_what_is_no_province_or_could_be_two_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(typed)
    assert (refusal.value.code, refusal.value.params) == ("region.unknown", {"value": typed})


@given(st.text())
def test_any_text_is_a_province_or_refused(text: str) -> None:
    with suppress(Unreadable):
        assert read(text).code in PROVINCES


def test_distances_are_those_of_the_map() -> None:
    hanoi, saigon, haiphong = (read(name).code for name in ("Hà Nội", "TP. Hồ Chí Minh", "Hải Phòng"))
    assert distance_km(hanoi, saigon) == pytest.approx(1140, abs=10)
    assert distance_km(hanoi, haiphong) == pytest.approx(90, abs=5)


def test_every_centre_lies_in_vietnam() -> None:
    for one in PROVINCES:
        assert 8.5 < float(one.more["latitude"]) < 23.4
        assert 102.1 < float(one.more["longitude"]) < 109.5


@given(codes, codes, codes)
def test_no_detour_is_shorter(first: str, second: str, third: str) -> None:
    assert distance_km(first, first) == 0
    assert distance_km(first, second) == pytest.approx(distance_km(second, first))
    assert distance_km(first, third) <= distance_km(first, second) + distance_km(second, third) + 1e-6


def test_no_two_centres_are_the_same() -> None:
    places = sorted((one.more["latitude"], one.more["longitude"]) for one in PROVINCES)
    assert all(first != second for first, second in pairwise(places))


def test_a_place_that_is_not_there_has_no_distance() -> None:
    with pytest.raises(Unreadable, match=r"region\.unknown"):
        distance_km("01", "02")
