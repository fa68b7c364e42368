"""Patent classes as people copy them from registers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.patents import IPC, distance, normalise, place
from vocabulary.problems import Unreadable

subclasses = st.sampled_from([one.code for one in IPC if len(one.code) == 4])
groups = st.integers(1, 9999)
subgroups = st.text(alphabet="0123456789", min_size=2, max_size=6)


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("A01K 61/59", "A01K 61/59"),
        ("a01k61/59", "A01K 61/59"),
        (" A 01 K  61 / 59 ", "A01K 61/59"),
        ("A01K 61/59 (2017.01)", "A01K 61/59"),
        ("A01K 0061/00", "A01K 61/00"),
        ("A01K 61", "A01K 61/00"),
        ("A01K", "A01K"),
        ("a01", "A01"),
        ("h", "H"),
    ],
)
def test_one_symbol_has_one_form(typed: str, symbol: str) -> None:
    assert normalise(typed) == symbol


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "ipc.unreadable"),
        ("K01A", "ipc.unreadable"),
        ("A01K 61/5", "ipc.unreadable"),
        ("A01K 61/59 và A01K 63/00", "ipc.unreadable"),
        ("nuôi tôm", "ipc.unreadable"),
        ("A01X 61/59", "code.unknown"),
        ("A02", "code.unknown"),
    ],
)
def test_what_is_no_symbol_or_no_subclass_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        normalise(typed)
    assert refusal.value.code == code
    assert refusal.value.params["value"] == typed


@given(subclasses, groups, subgroups)
def test_the_one_form_stays_as_it_is(subclass: str, group: int, subgroup: str) -> None:
    symbol = f"{subclass} {group}/{subgroup}"
    assert normalise(symbol) == symbol
    assert normalise(symbol.lower().replace(" ", "")) == symbol


def test_a_symbol_stands_below_its_group_subclass_class_and_section() -> None:
    assert place("A01K 61/59") == ("A", "A01", "A01K", "A01K 61", "A01K 61/59")
    assert place("A01K 61/00") == ("A", "A01", "A01K", "A01K 61")
    assert place("A01") == ("A", "A01")


def test_symbols_are_the_nearer_the_longer_they_agree() -> None:
    near = [
        distance("A01K 61/59", other)
        for other in ("A01K 61/59", "A01K 61/80", "A01K 63/00", "A01B", "A61K", "C02F")
    ]
    assert near == sorted(set(near))
    assert (near[0], near[-1]) == (0, 1)


@given(subclasses, subclasses)
def test_distance_is_the_same_there_and_back(first: str, second: str) -> None:
    assert distance(first, second) == distance(second, first)
    assert (distance(first, second) == 0) == (first == second)
