"""Looking codes up: by code, by name, by what they have in common."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.codelist import path_distance
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.problems import Unreadable
from vocabulary.terms import RIGHT_KINDS, TRANSFER_FORMS

fields = st.sampled_from([one.code for one in FORD])


def test_a_name_is_given_in_the_readers_language() -> None:
    assert FORD.label("2.7", "vi") == "Kỹ thuật môi trường"
    assert FORD.label("2.7", "en") == FORD.label("2.7", "ar") == "Environmental engineering"
    assert FORD.label("9.9", "vi") == ""


def test_a_tree_is_walked_both_ways() -> None:
    assert FORD.ancestors("4.1") == ("4",)
    assert FORD.ancestors("4") == FORD.ancestors("9.9") == ()
    assert [one.code for one in FORD.children("")] == ["1", "2", "3", "4", "5", "6"]
    assert [one.code for one in FORD.children("2")] == [f"2.{place}" for place in range(1, 12)]
    assert FORD.children("2.10") == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2.7", "2.7"),
        (" 2.10 ", "2.10"),
        ("Kỹ thuật môi trường", "2.7"),
        ("ky thuat  moi truong", "2.7"),
        ("ENVIRONMENTAL ENGINEERING", "2.7"),
        ("Kỹ thuật điện - điện tử - kỹ thuật thông tin", "2.2"),
    ],
)
def test_a_field_is_read_by_code_or_by_name(typed: str, code: str) -> None:
    assert FORD.read(typed) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("01", "01"),
        ("1", "01"),
        ("C", "C"),
        ("c", "C"),
        ("Giáo dục và đào tạo", "85"),
        ("Real estate activities", "68"),
    ],
)
def test_an_industry_is_read_without_its_zero_and_by_its_lowest_name(typed: str, code: str) -> None:
    assert VSIC.read(typed) == code


def test_short_lists_are_read_by_their_names_too() -> None:
    assert TRANSFER_FORMS.read("Góp vốn bằng công nghệ") == "capital_contribution"
    assert TRANSFER_FORMS.read("exclusive licence") == "exclusive_licence"
    assert RIGHT_KINDS.read("giai phap huu ich") == "utility_solution"


@pytest.mark.parametrize("typed", ["", "!?", "2.12", "0", "Luyện đan", "٢"])
def test_what_no_list_has_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        FORD.read(f" {typed} ")
    assert refusal.value.code == "code.unknown"
    assert refusal.value.params == {"value": typed, "list": "fields"}


def test_a_known_code_is_handed_back_and_another_refused() -> None:
    assert FORD.known("2.7") == "2.7"
    with pytest.raises(Unreadable, match=r"code\.unknown"):
        FORD.known("2.70")


@given(st.text())
def test_any_text_is_a_code_of_the_list_or_refused(text: str) -> None:
    with suppress(Unreadable):
        assert FORD.read(text) in FORD


def test_the_nearer_the_common_ancestor_the_smaller_the_distance() -> None:
    assert FORD.distance("2.7", "2.7") == 0
    assert FORD.distance("2.7", "2") == pytest.approx(1 / 3)
    assert FORD.distance("2.7", "2.3") == 0.5
    assert FORD.distance("2.7", "3.1") == FORD.distance("2.7", "9.9") == 1


@given(fields, fields)
def test_distance_is_the_same_there_and_back_and_nought_only_at_home(first: str, second: str) -> None:
    assert FORD.distance(first, second) == FORD.distance(second, first)
    assert (FORD.distance(first, second) == 0) == (first == second)
    assert 0 <= FORD.distance(first, second) <= 1


def test_two_empty_paths_are_the_same_place() -> None:
    assert path_distance((), ()) == 0
    assert path_distance((), ("2",)) == 1


def test_what_agrees_below_a_parting_is_not_shared() -> None:
    assert path_distance(("A", "01", "K"), ("B", "01", "K")) == 1


def test_suggestions_share_words_with_the_text_in_either_language() -> None:
    assert FORD.find("thiết bị y học")[0].code in {"2.6", "3.1", "3.2"}
    assert [one.code for one in FORD.find("veterinary science", limit=1)] == ["4.3"]
    assert len(VSIC.find("sản xuất")) == 3
    assert FORD.find("zzz") == FORD.find("") == []
