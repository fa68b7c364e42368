"""A listing as it is typed in a form or stands in a file: read, refused with a reason, and typed again."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.schemas import form
from marketplace.schemas.listing import read
from vocabulary import checks
from vocabulary.fields import FORD
from vocabulary.listing import (
    OPERATORS,
    PRICE_KINDS,
    Contact,
    Content,
    Localisation,
    Price,
    Requirement,
    Right,
    Sealed,
    Text,
)
from vocabulary.regions import PROVINCES
from vocabulary.terms import RIGHT_KINDS, RIGHT_STATUSES, TRANSFER_FORMS

FILLED = {"title": "Máy sấy", "description": "Sấy lạnh."}


def refused(kind: str = "offer", **raw: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in read(FILLED | raw, kind=kind).wrong]


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ({"price_min": "1,5 tỷ"}, 1_500_000_000, None),
        ({"price_min": "1.500.000.000", "price_max": "2tr5"}, None, None),
        ({"price": "500 triệu - 1 tỷ"}, 500_000_000, 1_000_000_000),
        ({"price": "850 triệu"}, 850_000_000, 850_000_000),
        ({"price_max": "$2M"}, None, 200_000_000),
    ],
)
def test_money_is_read_as_people_write_it(typed: dict[str, str], low: int | None, high: int | None) -> None:
    reading = read(FILLED | typed, kind="offer")
    price = reading.content.price
    if low is None and high is None:
        assert [problem.code for problem in reading.wrong] == ["money.reversed"]
    else:
        assert price is not None
        assert (price.minimum, price.maximum) == (low, high)


def test_by_agreement_is_a_price_that_is_negotiable() -> None:
    assert read(FILLED | {"price_min": "thỏa thuận"}, kind="offer").content.price == Price(kind="negotiable")
    assert read(FILLED, kind="offer").content.price is None


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"trl_min": "12"}, ("trl_min", "trl.range")),
        ({"trl": "TRL 12"}, ("trl", "trl.range")),
        ({"needed_by": "31/02/2026"}, ("needed_by", "date.impossible")),
        ({"province": "Atlantis"}, ("province", "region.unknown")),
        ({"price_min": "nhiều"}, ("price_min", "money.unreadable")),
        ({"price_min": "1 tỷ", "price_max": "$5"}, ("price_max", "currency.mixed")),
        ({"title": "x" * 301}, ("title", "text.too_long")),
        ({"title_en": "x" * 301}, ("title_en", "text.too_long")),
        ({"fields": ["99"]}, ("fields", "code.unknown")),
        ({"ipc": "nonsense"}, ("ipc", "ipc.unreadable")),
        ({"mastery": "6"}, ("mastery", "number.between")),
        ({"mastery": "-1"}, ("mastery", "number.unreadable")),
        ({"domestic_value": "101"}, ("domestic_value", "number.between")),
        ({"anonymous": "perhaps"}, ("anonymous", "flag.unreadable")),
        ({"price_kind": "cheap"}, ("price_kind", "code.unknown")),
        ({"rights": "nothing"}, ("rights.0", "code.unknown")),
        ({"rights": [{"kind": "", "number": "1-2"}]}, ("rights.0.kind", "code.unknown")),
        ({"requirements": [{"name": "a", "operator": "<=", "value": "ít"}]},
         ("requirements.0.value", "number.unreadable")),
        ({"requirements": [{"name": "", "value": "5"}]}, ("requirements.0.name", "required")),
        ({"sealed_text": "x" * 20_001}, ("sealed_text", "text.too_long")),
        ({"language": "klingon"}, ("language", "language.unknown")),
    ],
)  # fmt: skip
def test_each_refusal_names_its_field_and_its_reason(raw: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problem in refused(**raw)


def test_one_bad_field_does_not_hide_the_others() -> None:
    reading = read(FILLED | {"trl": "12", "province": "Cần Thơ", "needed_by": "1/1/2027"}, kind="demand")
    assert [problem.path for problem in reading.wrong] == ["trl"]
    assert (reading.content.province, reading.content.needed_by) == ("92", "2027-01-01")


def test_an_old_province_is_mapped_and_said() -> None:
    reading = read(FILLED | {"province": "Bạc Liêu"}, kind="offer")
    assert reading.content.province == "96"
    assert [(one.code, one.warning) for one in reading.problems] == [("region.mapped", True)]
    assert reading.wrong == ()


def test_decomposed_letters_and_controls_are_mended() -> None:
    typed = {"title": unicodedata.normalize("NFD", " Cảm biến độ mặn\x00 "), "description": "a\r\nb"}
    content = read(typed, kind="offer").content
    assert content.text == Text(title="Cảm biến độ mặn", description="a\nb")


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("Sai số độ mặn <= 0,5 ‰", Requirement("Sai số độ mặn", "<=", "0,5", "‰")),
        ("Sai số ≤ 0,5 ‰ (nên có)", Requirement("Sai số", "<=", "0,5", "‰", must=False)),
        ("Nhiệt độ: 10-20 °C", Requirement("Nhiệt độ", "range", "10..20", "°C")),
        ("Công suất > 5 kW (must)", Requirement("Công suất", ">", "5", "kW")),
        ("Vật liệu: thép không gỉ", Requirement("Vật liệu", "text", "thép không gỉ")),
        ("Chạy bằng pin mặt trời", Requirement("Chạy bằng pin mặt trời")),
    ],
)
def test_a_requirement_is_read_from_one_line(line: str, row: Requirement) -> None:
    assert read(FILLED | {"requirements": line}, kind="demand").content.requirements == (row,)


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("patent granted 1-0031234 VN", Right("patent", "granted", "1-0031234", "VN")),
        ("patent, filed, US, 17/123456", Right("patent", "filed", "17/123456", "US")),
        ("Nhãn hiệu", Right("trademark")),
        ("trade_secret", Right("trade_secret")),
    ],
)
def test_a_right_is_read_from_one_line(line: str, right: Right) -> None:
    assert read(FILLED | {"rights": line}, kind="offer").content.rights == (right,)


def test_an_offer_has_one_level_the_certain_one() -> None:
    assert read(FILLED | {"trl": "6-8"}, kind="offer").content.trl_max == 6
    assert read(FILLED | {"trl": "6-8"}, kind="demand").content.trl_max == 8
    demand = read(FILLED | {"trl_min": "6"}, kind="demand").content
    assert (demand.trl_min, demand.trl_max) == (6, None)


def test_rows_nobody_filled_in_are_left_out() -> None:
    pairs = [
        ("requirements.0.name", " "), ("requirements.0.operator", "<="), ("requirements.0.must", "1"),
        ("requirements.3.name", "Sai số"), ("requirements.3.operator", "text"),
        ("fields", ""), ("fields", "4.1"), ("fields", "2.7"), ("open_for_interest", "0"), ("open_for_interest", "1"),
    ]  # fmt: skip
    raw = form.raw(pairs)
    assert raw["requirements"] == [{"name": "Sai số", "operator": "text"}]
    assert raw["fields"] == ["4.1", "2.7"]
    assert raw["open_for_interest"] == "1"


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40).map(
    lambda text: unicodedata.normalize("NFC", text).strip()
)
NAMES = TEXTS.filter(bool)
AMOUNTS = st.none() | st.integers(0, 10**12)


def codes(of: Any, size: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([one.code for one in of]), max_size=size, unique=True).map(tuple)


CONTENTS = st.builds(
    Content,
    kind=st.just("demand"),
    language=st.just("vi"),
    texts=st.builds(Text, title=NAMES, description=NAMES, problem=TEXTS, effect=TEXTS).map(
        lambda text: {"vi": text}
    ),
    requirements=st.lists(
        st.builds(
            Requirement, name=NAMES, operator=st.just("text"), value=TEXTS, unit=TEXTS, must=st.booleans()
        )
        | st.builds(Requirement, name=NAMES, operator=st.sampled_from(OPERATORS[:5]), value=st.just("0,5")),
        max_size=3,
    ).map(tuple),
    trl_min=st.none() | st.integers(1, 5),
    trl_max=st.none() | st.integers(5, 9),
    fields=codes(FORD),
    transfer_forms=codes(TRANSFER_FORMS),
    rights=st.lists(
        st.builds(
            Right,
            kind=st.sampled_from([one.code for one in RIGHT_KINDS]),
            status=st.sampled_from([one.code for one in RIGHT_STATUSES]),
            number=st.sampled_from(["", "1-0031234"]),
        ),
        max_size=2,
    ).map(tuple),
    price=st.none() | st.builds(Price, minimum=AMOUNTS, kind=st.sampled_from(PRICE_KINDS)),
    province=st.sampled_from(["", *(one.code for one in PROVINCES)]),
    territory=st.lists(st.sampled_from(["VN", "LA", "KH"]), max_size=2, unique=True).map(tuple),
    localisation=st.builds(
        Localisation, domestic_value=st.none() | st.integers(0, 100), mastery=st.none() | st.integers(0, 5)
    ),
    needed_by=st.just("") | st.dates().map(lambda day: day.isoformat() if day.year >= 1000 else ""),
    anonymous=st.booleans(),
    open_for_interest=st.booleans(),
    contact=st.builds(Contact, name=TEXTS, email=TEXTS, phone=TEXTS),
)


@given(content=CONTENTS, text=TEXTS)
def test_a_listing_typed_again_is_the_same_listing(content: Content, text: str) -> None:
    if checks.problems(content, publishing=True):
        return
    sealed = Sealed(text, Price(2_000_000, None, "VND", "floor"))
    reading = read(form.typed(content, sealed), kind="demand", publishing=True)
    assert reading.problems == ()
    assert (reading.content, reading.sealed) == (content, sealed)
