"""Records from files and other exchanges, of which nothing is promised."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.listing import (
    Contact,
    Content,
    Localisation,
    Price,
    Requirement,
    Right,
    Text,
    as_record,
    from_record,
)
from vocabulary.records import read

FULL = Content(
    kind="demand",
    texts={"vi": Text("Đo độ mặn", description="Cho ao tôm"), "en": Text("Salinity")},
    requirements=(Requirement("Sai số", "<=", "0.5", "‰"),),
    trl_min=6,
    trl_max=9,
    fields=("2.7",),
    rights=(Right("patent", "granted"),),
    price=Price(1, 2),
    localisation=Localisation(mastery=3),
    needed_by="2027-01-31",
    anonymous=True,
    contact=Contact("Lan"),
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_what_we_write_is_read_as_it_was() -> None:
    record = json.loads(json.dumps(as_record(FULL)))
    assert read(record) == (FULL, []) == (from_record(record), [])


def test_texts_are_cleaned_on_the_way_in() -> None:
    typed = unicodedata.normalize("NFD", " Đo độ mặn\x00\ud800 ")
    content, _ = read({"kind": "offer", "texts": {"vi": {"title": typed}}, "fields": ["2.7 "]})
    assert content == Content("offer", texts={"vi": Text("Đo độ mặn")}, fields=("2.7",))


def test_unknown_names_and_nulls_say_nothing() -> None:
    newer = {
        "kind": "offer",
        "colour": {"deep": [[[[1]]]]},
        "price": None,
        "contact": {"fax": "1", "name": None},
    }
    assert read(newer) == (Content("offer"), [])


@pytest.mark.parametrize(
    ("changed", "path", "code"),
    [
        ({"kind": None}, "kind", "required"),
        ({"kind": 1}, "kind", "json.text"),
        ({"trl_min": "7"}, "trl_min", "json.number"),
        ({"trl_min": True}, "trl_min", "json.number"),
        ({"trl_min": 7.0}, "trl_min", "json.number"),
        ({"anonymous": "no"}, "anonymous", "json.flag"),
        ({"fields": "2.7"}, "fields", "json.list"),
        ({"fields": ["2.7", 2.7]}, "fields.1", "json.text"),
        ({"texts": "Đo"}, "texts", "json.object"),
        ({"texts": {"vi": "Đo"}}, "texts.vi", "json.object"),
        ({"texts": {"vi": {"title": ["Đo"]}}}, "texts.vi.title", "json.text"),
        ({"requirements": [{"name": "a"}, {"value": "1"}]}, "requirements.1.name", "required"),
        ({"rights": [{}]}, "rights.0.kind", "required"),
        ({"price": {"minimum": "1 tỷ"}}, "price.minimum", "json.number"),
    ],
)
def test_a_wrong_shape_names_its_field(changed: dict[str, Any], path: str, code: str) -> None:
    content, problems = read(as_record(FULL) | changed)
    assert content is None
    assert [(problem.path, problem.code) for problem in problems] == [(path, code)]


@pytest.mark.parametrize("record", [None, 1, "offer", [], [{"kind": "offer"}]])
def test_what_is_no_record_at_all(record: object) -> None:
    content, problems = read(record)
    assert content is None
    assert [(problem.path, problem.code) for problem in problems] == [("", "json.object")]


def test_every_wrong_field_is_said_at_once() -> None:
    _, problems = read({"trl_min": "7", "fields": 1})
    assert {problem.path for problem in problems} == {"kind", "trl_min", "fields"}


@given(st.dictionaries(st.sampled_from(list(Content.__dataclass_fields__)), values))
def test_any_record_is_content_or_problems(record: dict[str, Any]) -> None:
    content, problems = read(record)
    assert (content is None) == bool(problems)
    if content is not None:
        json.dumps(as_record(content), ensure_ascii=False).encode("utf-8")
