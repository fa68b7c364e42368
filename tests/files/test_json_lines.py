"""JSON Lines: one bad line is one complaint, and the next line is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.files.json_lines import DEEPEST, json_lines
from tests.files.conftest import Reading
from tests.files.streams import stream

GOOD = '{"id": "a", "title": "Máy sấy"}'


def nested(levels: int) -> str:
    return f'{{"id": "b", "meta": {"[" * levels}1{"]" * levels}}}'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"id": "b", "trl": NaN}', "json.constant"),
        ('{"id": "b", "trl": -Infinity}', "json.constant"),
        ('{"id": "b", "id": "c"}', "json.doubled"),
        ('{"id": "b", "meta": {"x": 1, "x": 2}}', "json.doubled"),
        ('{"id": "b"', "json.unfinished"),
        ("{'id': 'b'}", "json.malformed"),
        ('{"id": "b"} trailing', "json.malformed"),
        ('{"id": %s}' % ("9" * 5_000), "json.too_many_digits"),
        ('["b"]', "json.not_object"),
        ('"b"', "json.not_object"),
        ("null", "json.not_object"),
        (nested(100_000), "json.too_deep"),
        (nested(DEEPEST), "json.too_deep"),
        ('{"id": "%s"}' % ("b" * 1_000_000), "row.too_long"),
    ],
)
def test_a_bad_line_is_told_and_passed_over(read: Reading, line: str, code: str) -> None:
    rows = read("offers.jsonl", f"{GOOD}\n{line}\n{GOOD}\n")
    assert [row.problem and row.problem.code for row in rows] == [None, code, None]
    assert [row.number for row in rows] == [1, 2, 3]


def test_where_reading_stopped_is_told(read: Reading) -> None:
    (row,) = read("offers.jsonl", '{"id": "b", "title": \'Máy\'}')
    assert row.problem
    assert row.problem.params == {"column": "22", "value": "'Máy'}"}


def test_empty_lines_count_and_say_nothing(read: Reading) -> None:
    rows = read("offers.ndjson", f"\ufeff{GOOD}\r\n\n   \n{GOOD}")
    assert [(row.number, row.problem) for row in rows] == [(1, None), (4, None)]


def test_a_file_without_anything_has_no_rows(read: Reading) -> None:
    assert read("offers.jsonl", "") == []


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), max_size=5))
def test_what_json_can_say_is_read_as_it_was_written(objects: list[dict[str, object]]) -> None:
    content = "".join(f"{json.dumps(one)}\n" for one in objects)
    assert [row.values for row in json_lines(stream(content.encode()))] == objects


@given(st.binary(max_size=300))
def test_no_bytes_at_all_bring_the_reader_down(content: bytes) -> None:
    text = content.replace(b"\x00", b"").decode(errors="replace").encode()
    for row in json_lines(stream(b'{"id": "a"}\n' + text)):
        assert (row.values is None) == (row.problem is not None)
