"""The rules of a listing: what may be saved, and what may be published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.checks import CONTACT_LIMIT, LINE_LIMIT, price_problems, problems, text_limit
from vocabulary.listing import (
    DESCRIPTION_LIMIT,
    KINDS,
    ROWS_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Contact,
    Content,
    Localisation,
    Price,
    Requirement,
    Right,
    Text,
)

GOOD = Content(
    kind="demand",
    texts={"vi": Text("Đo độ mặn", "Tóm tắt", "Cần thiết bị đo độ mặn cho ao tôm"), "cjm": Text("Ia")},
    requirements=(
        Requirement("Sai số", "<=", "0,5", "‰"),
        Requirement("Nhiệt độ", "range", "-5..40", "°C"),
        Requirement("Vỏ chống nước"),
        Requirement("Chuẩn", "=", "IP67"),
    ),
    trl_min=6,
    trl_max=9,
    fields=("2.7", "4"),
    ipc=("G01N 27/06", "A01K"),
    industries=("03",),
    strategic=("5",),
    rights=(Right("patent", "granted", "1-0031234", "EP"),),
    transfer_forms=("sole_licence",),
    price=Price(0, 500_000_000),
    province="96",
    territory=("VN", "LA"),
    standards=("TCVN 13656:2023",),
    localisation=Localisation(0, 100, 5),
    needed_by="2027-01-31",
    contact=Contact("Lan", "lan@example.vn", "0900000000"),
)


def found(content: Content, *, publishing: bool = False) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems(content, publishing=publishing)]


def test_a_good_listing_has_no_problem() -> None:
    assert found(GOOD, publishing=True) == []


def long(name: str, length: int) -> dict[str, Any]:
    return {"texts": {"vi": replace(GOOD.text, **{name: "ă" * length})}}


def row(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"requirements": (Requirement(*cells, **more),)}


@pytest.mark.parametrize(
    ("changed", "path", "code"),
    [
        ({"kind": "gift"}, "kind", "kind.unknown"),
        ({"language": "xx"}, "language", "language.unknown"),
        ({"texts": {"vi": GOOD.text, "VN": Text("a")}}, "texts.VN", "language.unknown"),
        (long("title", TITLE_LIMIT + 1), "texts.vi.title", "text.too_long"),
        (long("summary", SUMMARY_LIMIT + 1), "texts.vi.summary", "text.too_long"),
        (long("description", DESCRIPTION_LIMIT + 1), "texts.vi.description", "text.too_long"),
        (long("evidence", DESCRIPTION_LIMIT + 1), "texts.vi.evidence", "text.too_long"),
        (
            row("a") | {"requirements": (Requirement("a"),) * (ROWS_LIMIT + 1)},
            "requirements",
            "rows.too_many",
        ),
        (row(" "), "requirements.0.name", "required"),
        (row("a" * (LINE_LIMIT + 1)), "requirements.0.name", "text.too_long"),
        (row("a", "~", "1"), "requirements.0.operator", "operator.unknown"),
        (row("a", "="), "requirements.0.value", "required"),
        (row("a", ">=", "nhiều"), "requirements.0.value", "number.unreadable"),
        (row("a", ">=", "٣"), "requirements.0.value", "number.unreadable"),
        (row("a", "range", "5"), "requirements.0.value", "number.range"),
        (row("a", "range", "10..9,5"), "requirements.0.value", "number.reversed"),
        ({"trl_min": 0}, "trl_min", "trl.range"),
        ({"trl_max": 12}, "trl_max", "trl.range"),
        ({"trl_min": 9, "trl_max": 6}, "trl_max", "trl.reversed"),
        ({"fields": ("2.7", "9.9")}, "fields.1", "code.unknown"),
        ({"fields": ("2",) * (ROWS_LIMIT + 1)}, "fields", "rows.too_many"),
        ({"industries": ("ZZ",)}, "industries.0", "code.unknown"),
        ({"strategic": ("12",)}, "strategic.0", "code.unknown"),
        ({"transfer_forms": ("gift",)}, "transfer_forms.0", "code.unknown"),
        ({"ipc": ("A01X",)}, "ipc.0", "code.unknown"),
        ({"ipc": ("tôm",)}, "ipc.0", "ipc.unreadable"),
        ({"ipc": ("a01k61/59",)}, "ipc.0", "ipc.form"),
        ({"rights": (Right("idea"),)}, "rights.0.kind", "code.unknown"),
        ({"rights": (Right("patent", "hoped"),)}, "rights.0.status", "code.unknown"),
        ({"rights": (Right("patent", territory="ZZ"),)}, "rights.0.territory", "country.unknown"),
        ({"rights": (Right("patent", number="1" * 301),)}, "rights.0.number", "text.too_long"),
        ({"price": Price(1, currency="MXN")}, "price.currency", "currency.unknown"),
        ({"price": Price(1, kind="gift")}, "price.kind", "code.unknown"),
        ({"price": Price(-1)}, "price.minimum", "money.too_large"),
        ({"price": Price(None, 10**16)}, "price.maximum", "money.too_large"),
        ({"price": Price(2, 1)}, "price.maximum", "money.reversed"),
        ({"province": "Atlantis"}, "province", "region.unknown"),
        ({"territory": ("VN", "EU")}, "territory.1", "country.unknown"),
        ({"standards": ("x" * (LINE_LIMIT + 1),)}, "standards.0", "text.too_long"),
        ({"localisation": Localisation(101)}, "localisation.domestic_value", "number.between"),
        ({"localisation": Localisation(key_components=-1)}, "localisation.key_components", "number.between"),
        ({"localisation": Localisation(mastery=6)}, "localisation.mastery", "number.between"),
        ({"contact": Contact("a" * (CONTACT_LIMIT + 1))}, "contact.name", "text.too_long"),
        ({"broker": "a" * (CONTACT_LIMIT + 1)}, "broker", "text.too_long"),
        ({"needed_by": "31/01/2027"}, "needed_by", "date.unreadable"),
        ({"needed_by": "20270131"}, "needed_by", "date.unreadable"),
        ({"needed_by": "2027-02-31"}, "needed_by", "date.unreadable"),
    ],
)
def test_each_rule_names_its_field(changed: dict[str, Any], path: str, code: str) -> None:
    assert found(GOOD.revised(**changed)) == [(path, code)]


@pytest.mark.parametrize("name", ["title", "summary", "description", "problem"])
def test_a_text_may_be_as_long_as_its_limit(name: str) -> None:
    assert found(GOOD.revised(**long(name, text_limit(name))), publishing=True) == []


def test_a_list_may_have_as_many_rows_as_its_limit() -> None:
    assert found(GOOD.revised(standards=("TCVN",) * ROWS_LIMIT)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_may_leave_anything_empty(kind: Any) -> None:
    assert found(Content(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_to_be_published_it_needs_a_title_and_a_description(kind: Any) -> None:
    missing = [("texts.vi.title", "required"), ("texts.vi.description", "required")]
    assert found(Content(kind), publishing=True) == missing
    assert found(Content(kind, texts={"vi": Text(" ", description="\n")}), publishing=True) == missing


def test_a_text_that_is_too_long_says_how_long_it_is() -> None:
    (problem,) = problems(GOOD.revised(**long("title", 301)), publishing=False)
    assert problem.params == {"limit": "300", "length": "301"}


def test_a_reserve_price_follows_the_same_rules_elsewhere() -> None:
    assert [problem.path for problem in price_problems("sealed.price", Price(2, 1, "XXX"))] == [
        "sealed.price.currency",
        "sealed.price.maximum",
    ]


@given(st.lists(st.sampled_from(["title", "summary", "description", "effect"]), unique=True))
def test_every_problem_is_found_not_only_the_first(names: list[str]) -> None:
    text = replace(GOOD.text, **dict.fromkeys(names, "x" * 5_000))
    paths = [path for path, _ in found(GOOD.revised(texts={"vi": text}, province="Atlantis"))]
    assert sorted(paths) == sorted([*(f"texts.vi.{name}" for name in names), "province"])
