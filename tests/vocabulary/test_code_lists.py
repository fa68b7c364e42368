"""The lists themselves: complete, well formed, in both languages."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter

import pytest

from vocabulary import terms
from vocabulary.codelist import DATA, CodeList
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.patents import IPC
from vocabulary.regions import PROVINCES
from vocabulary.stages import STAGE_NAMES, STAGES
from vocabulary.strategic import STRATEGIC

LISTS = (
    FORD, VSIC, IPC, STRATEGIC, PROVINCES, STAGE_NAMES,
    terms.TRANSFER_FORMS, terms.RIGHT_KINDS, terms.RIGHT_STATUSES,
)  # fmt: skip
every_list = pytest.mark.parametrize("known", LISTS, ids=lambda known: known.name)


def depths(known: CodeList) -> list[int]:
    """How many codes stand on each level of the tree, from the roots down."""
    counted = Counter(len(known.ancestors(one.code)) for one in known)
    return [counted[depth] for depth in range(len(counted))]


def test_every_file_is_one_of_these_lists() -> None:
    # The words of the trade in two languages are tables, not lists of codes: vocabulary/term_list.py.
    assert {path.stem for path in DATA.glob("*.csv")} == {known.name for known in LISTS} | {
        "terms",
        "glossary",
    }


@every_list
def test_no_code_stands_twice(known: CodeList) -> None:
    with (DATA / f"{known.name}.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert [code for code, times in Counter(codes).items() if times > 1] == []
    assert all(codes)


@every_list
def test_every_parent_stands_above_its_children(known: CodeList) -> None:
    seen: set[str] = set()
    for one in known:
        assert not one.parent or one.parent in seen, one
        seen.add(one.code)


@every_list
def test_every_name_is_composed_and_tidy(known: CodeList) -> None:
    text = (DATA / f"{known.name}.csv").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    names = [name for one in known for name in (one.vi, one.en)]
    assert [name for name in names if name != " ".join(name.split())] == []


@every_list
def test_every_code_has_a_name_in_both_languages(known: CodeList) -> None:
    # WIPO publishes no Vietnamese titles; only the eight sections were given some here.
    needed = [one for one in known if known is not IPC or not one.parent]
    assert [one for one in needed if not (one.vi and one.en)] == []
    assert [one for one in known if not one.en] == []


# IPC has a class «Subject matter not otherwise provided for in this section» in each section.
@pytest.mark.parametrize(
    "known", [known for known in LISTS if known is not IPC], ids=lambda known: known.name
)
def test_a_name_means_one_code_or_a_line_of_descent(known: CodeList) -> None:
    for one in known:
        for name in (one.vi, one.en):
            found = known.read(name)
            assert one.code in (found, *known.ancestors(found)), name


def test_ford_has_6_fields_and_42_below() -> None:
    assert depths(FORD) == [6, 42]


def test_vsic_has_22_sections_and_87_divisions() -> None:
    assert depths(VSIC) == [22, 87]
    assert "".join(one.code for one in VSIC.children("")) == "ABCDEFGHIJKLMNOPQRSTUV"


def test_ipc_has_8_sections_132_classes_and_651_subclasses() -> None:
    assert depths(IPC) == [8, 132, 651]
    assert all(one.code.startswith(one.parent) for one in IPC)


def test_the_strategic_technologies_are_eleven() -> None:
    assert [one.code for one in STRATEGIC] == [str(number) for number in range(1, 12)]


def test_every_stage_has_a_name() -> None:
    assert [one.code for one in STAGE_NAMES] == list(STAGES)


def test_every_transfer_form_and_nothing_else_belongs_to_a_family() -> None:
    assert set(terms.FAMILIES) == {one.code for one in terms.TRANSFER_FORMS}
    assert set(terms.NEEDS_RIGHT) <= set(terms.FAMILIES)
    assert set(terms.LIVE_STATUSES) <= {one.code for one in terms.RIGHT_STATUSES}


def test_forms_of_one_family_are_close() -> None:
    assert terms.closeness("sole_licence", "sole_licence") == 1
    assert terms.closeness("sole_licence", "exclusive_licence") == 0.6
    assert terms.closeness("sole_licence", "spin_off") == terms.closeness("x", "y") == 0
