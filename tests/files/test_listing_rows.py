"""One row as a listing: what it says is kept, what is wrong has its column, what is changed is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.files.rows import ListingRow, listing_row, unknown_names
from marketplace.languages import catalogue
from vocabulary.listing import Content, Price, Requirement, Right, Text, as_record


def read(**values: Any) -> ListingRow:
    return listing_row({"id": "a1", "kind": "offer", **values}, kind=None)


def told(row: ListingRow) -> list[tuple[str, str, bool]]:
    return [(problem.path, problem.code, problem.warning) for problem in row.problems]


def content(row: ListingRow) -> Content:
    assert row.content is not None
    return row.content


# -- the lines of judged sets ------------------------------------------------------------------------------


def test_a_line_of_a_judged_set_is_read() -> None:
    row = read(title="Máy sấy", text="Sấy lúa bằng trấu.", lang="vi", meta={"source": {"page": [1, 2]}})
    assert (row.source_id, told(row)) == ("a1", [])
    assert content(row) == Content(
        "offer", "vi", {"vi": Text(title="Máy sấy", description="Sấy lúa bằng trấu.")}
    )


def test_without_a_title_the_first_twelve_words_are_taken() -> None:
    row = read(title="", text=" ".join(f"w{n}" for n in range(40)), lang="en")
    assert content(row).title == " ".join(f"w{n}" for n in range(12))
    assert told(row) == [("title", "title.made", True)]


def test_a_made_title_has_at_most_120_characters() -> None:
    row = read(title="", text="x" * 70 + " " + "y" * 70, lang="en")
    assert content(row).title == ("x" * 70 + " " + "y" * 70)[:120]


def test_texts_beyond_their_limits_are_cut_and_said() -> None:
    row = read(title="t" * 400, text="d" * 5_000, lang="en")
    assert (len(content(row).title), len(content(row).text.description)) == (300, 4_000)
    assert told(row) == [("title", "text.cut", True), ("text", "text.cut", True)]
    assert row.problems[1].params == {"length": "5000", "limit": "4000"}


def test_the_language_is_told_by_the_text_where_the_row_does_not_say() -> None:
    assert content(read(text="Thiết bị sấy nông sản bằng năng lượng mặt trời")).language == "vi"
    assert content(read(text="A device for the drying of rice with the sun")).language == "en"
    assert content(read(text="?")).language == "vi"


def test_decomposed_letters_and_control_characters_are_mended() -> None:
    assert content(read(title="Ma\u0301y\u0007 sa\u0302\u0301y\ud800", text="x")).title == "Máy sấy"


# -- columns of a table --------------------------------------------------------------------------------------


def test_a_full_row_of_a_table_is_read() -> None:
    row = read(
        title="Máy sấy", title_en="Dryer", description="Mô tả", trl="TRL 7", fields="2.11; 4.1",
        transfer_forms="", price_min="1,5 tỷ", price_max="2 tỷ", province="Cần Thơ", needed_by="31/01/2027",
        requirements="Công suất >= 5 tấn/ngày (nên có)", rights="patent granted 1-0031234 VN", anonymous="có",
    )  # fmt: skip
    listing = content(row)
    assert told(row) == []
    assert listing.texts["en"].title == "Dryer"
    assert (listing.trl_min, listing.fields, listing.province) == (7, ("2.11", "4.1"), "92")
    assert listing.price == Price(1_500_000_000, 2_000_000_000)
    assert listing.requirements == (Requirement("Công suất", ">=", "5", "tấn/ngày", must=False),)
    assert listing.rights == (Right("patent", "granted", "1-0031234", "VN"),)
    assert (listing.needed_by, listing.anonymous) == ("2027-01-31", True)


@pytest.mark.parametrize(
    ("money", "price"),
    [
        ("1,5 tỷ", Price(1_500_000_000, 1_500_000_000)),
        ("1.500.000.000", Price(1_500_000_000, 1_500_000_000)),
        ("$2M", Price(200_000_000, 200_000_000, "USD")),
        ("500 triệu - 1 tỷ", Price(500_000_000, 1_000_000_000)),
        ("thỏa thuận", Price(None, None, kind="negotiable")),
    ],
)
def test_money_is_read_as_people_write_it(money: str, price: Price) -> None:
    assert content(read(title="x", price=money)).price == price


@pytest.mark.parametrize(
    ("number", "price"),
    [
        (2.125, None),
        (2.12, Price(212, 212, "EUR")),
        (1_500_000, Price(150_000_000, 150_000_000, "EUR")),
        (1_234.5, Price(123_450, 123_450, "EUR")),
    ],
)
def test_a_number_of_json_is_never_taken_for_thousands(number: float, price: Price | None) -> None:
    row = read(title="x", price=number, currency="EUR")
    assert content(row).price == price
    assert told(row) == ([] if price else [("price", "money.fraction", False)])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("needed_by", "31/02/2026", "date.impossible"),
        ("needed_by", "next week", "date.unreadable"),
        ("price_min", "một ít", "money.unreadable"),
        ("price_min", "5 XYZ", "currency.unknown"),
        ("price_min", "9" * 30, "money.too_large"),
        ("trl", "12", "trl.range"),
        ("trl", "cao", "trl.unreadable"),
        ("province", "Atlantis", "region.unknown"),
        ("fields", "9.99", "code.unknown"),
        ("anonymous", "maybe", "flag.unreadable"),
        ("contact_name", "x" * 201, "text.too_long"),
        ("language", "klingon!", "language.unknown"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(column: str, value: str, code: str) -> None:
    row = read(title="Máy", description="x", **{column: value})
    assert told(row) == [(column, code, False)]


def test_every_problem_of_a_row_is_told_at_once() -> None:
    row = read(title="Máy", trl="12", needed_by="31/02/2026", province="Atlantis")
    assert {path for path, _, _ in told(row)} == {"trl", "needed_by", "province"}


def test_an_old_province_is_mapped_and_said() -> None:
    row = read(title="Máy", province="Hậu Giang")
    assert content(row).province == "92"
    assert told(row) == [("province", "region.mapped", True)]
    assert row.problems[0].params == {"old": "Hậu Giang", "new": "Cần Thơ"}


def test_texts_of_a_table_are_cut_too_in_every_language() -> None:
    row = read(title="Máy", summary="s" * 501, description="x", title_en="t" * 301)
    assert told(row) == [("summary", "text.cut", True), ("title_en", "text.cut", True)]
    assert len(content(row).texts["en"].title) == 300


def test_beside_other_columns_text_and_lang_still_mean_description_and_language() -> None:
    row = read(title="Dryer", text="For rice.", lang="en", province="Cần Thơ")
    assert (content(row).language, content(row).text.description) == ("en", "For rice.")
    assert content(row).province == "92"


def test_a_column_with_a_slip_of_the_finger_is_unknown() -> None:
    assert unknown_names({"id": 1, "title": "x", "provnce": "y", "sealed_text": "z"}) == {
        "provnce",
        "sealed_text",
    }


# -- who and what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [None, "", "  ", "\u0007", [], {}])
def test_a_row_needs_an_id(own: object) -> None:
    assert told(read(id=own, title="x")) == [("id", "required", False)]


def test_an_id_has_its_limit_and_may_be_a_number() -> None:
    assert told(read(id="x" * 201, title="x")) == [("id", "text.too_long", False)]
    assert read(id=0, title="x", text="y").source_id == "0"


def test_the_kind_is_the_rows_own_else_the_one_that_was_wished() -> None:
    assert content(listing_row({"id": "1", "title": "x"}, kind="demand")).kind == "demand"
    assert content(listing_row({"id": "1", "title": "x", "kind": "Offer"}, kind="demand")).kind == "offer"
    assert told(listing_row({"id": "1", "title": "x"}, kind=None)) == [("kind", "kind.unknown", False)]
    assert told(listing_row({"id": "1", "kind": "doc"}, kind="offer")) == [("kind", "kind.unknown", False)]


def test_the_hash_is_that_of_all_the_row_says() -> None:
    one = {"id": "1", "title": "x", "meta": {"a": 1, "b": 2}}
    same = {"meta": {"b": 2, "a": 1}, "title": "x", "id": "1"}
    assert listing_row(one, kind="offer").source_hash == listing_row(same, kind="offer").source_hash
    for other in ({**one, "meta": {}}, {**one, "title": "y"}):
        assert listing_row(one, kind="offer").source_hash != listing_row(other, kind="offer").source_hash
    assert listing_row(one, kind="offer").source_hash != listing_row(one, kind="demand").source_hash


# -- whole records -------------------------------------------------------------------------------------------


def test_an_exported_record_is_read_back() -> None:
    whole = Content(
        "offer", "vi", {"vi": Text(title="Máy", description="Mô tả")}, trl_min=6, trl_max=6,
        requirements=(Requirement("Công suất", ">=", "5", "kW"),), price=Price(1, 2),
    )  # fmt: skip
    row = read(content=as_record(whole), rev=3, organisation={"name": "Viện"}, mark="", ground="")
    assert (content(row), told(row)) == (whole, [])


@pytest.mark.parametrize(
    "record",
    ["x", None, [], {"texts": []}, {"texts": {"vi": "x"}}, {"trl_min": "7"}, {"trl_min": True}, {"fields": "2.11"},
     {"requirements": [{}]}, {"rights": [1]}, {"price": {"minimum": 1.5}}, {"anonymous": "yes"}],
)  # fmt: skip
def test_a_record_of_another_shape_is_refused(record: Any) -> None:
    row = read(content=record)
    assert row.content is None
    assert all(not problem.warning for problem in row.problems)
    assert row.problems


def test_texts_of_a_record_are_cut_and_said() -> None:
    row = read(content={"texts": {"vi": {"description": "d" * 4_001}}})
    assert content(row).title
    assert told(row) == [("texts.vi.title", "title.made", True), ("texts.vi.description", "text.cut", True)]


# -- whatever comes ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["id", "kind", "title", "text", "lang", "meta", "content", "requirements", "rights", "fields", "trl", "price",
     "price_min", "currency", "province", "needed_by", "anonymous", "title_en", "standards", "language", "ipc"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=4 * settings().max_examples)
@given(st.dictionaries(NAMES, ANYTHING))
def test_no_row_at_all_brings_the_import_down(values: dict[str, Any]) -> None:
    row = listing_row({"id": "1", "kind": "offer", **values}, kind=None)
    assert row.content is not None or row.problems
    english, vietnamese = catalogue("en", strict=True), catalogue("vi", strict=True)
    for problem in row.problems:
        assert english.gettext(f"problem.{problem.code}", **problem.params)
        assert vietnamese.gettext(f"problem.{problem.code}", **problem.params)
    if row.content is not None:
        json.dumps(as_record(row.content))
