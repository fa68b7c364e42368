"""Equal content has an equal hash on every exchange; anything outside the profile is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.canonical import LARGEST_INTEGER, LONGEST_ARRAY, NotCanonical, canonical, content_hash

KEYS = st.text("abcdefghij_0123456789", min_size=1, max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_says_the_same_thing_again(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(KEYS, VALUES, min_size=2, max_size=6))
def test_the_order_of_keys_does_not_matter(record: dict[str, object]) -> None:
    backwards = dict(reversed(record.items()))
    assert canonical(record) == canonical(backwards)


def test_golden_vector() -> None:
    # Computed by hand-written JCS and sha256sum, so that another exchange can check its own code against it.
    record = {"title": "Cảm biến độ mặn", "trl": 8, "fields": ["2.7", "4.1"]}
    assert canonical(record) == '{"fields":["2.7","4.1"],"title":"Cảm biến độ mặn","trl":8}'.encode()


def test_revision_and_time_are_no_part_of_the_hash_but_the_id_is() -> None:
    one = content_hash(uid="a:offer:1", kind="offer", schema="offer/1.0", op="upsert", body={"x": 1})
    assert one == content_hash(uid="a:offer:1", kind="offer", schema="offer/1.0", op="upsert", body={"x": 1})
    assert one != content_hash(uid="b:offer:1", kind="offer", schema="offer/1.0", op="upsert", body={"x": 1})
    assert one.startswith("sha-256:")
    assert len(one) == len("sha-256:") + 64


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": 1.5}, "/a"),
        ({"a": {"b": [1, float("nan")]}}, "/a/b/1"),
        ({"A": 1}, "/A"),
        ({"tên": 1}, "/tên"),
        ({"a": "\ud800"}, "/a"),
        ({"a": LARGEST_INTEGER + 1}, "/a"),
        ({"a": [0] * (LONGEST_ARRAY + 1)}, "/a"),
        ({"a": "x" * 70_000}, "/a"),
        ({"a": b"bytes"}, "/a"),
    ],
)
def test_what_is_outside_the_profile_is_refused_with_its_place(value: object, path: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical(value)
    assert refused.value.path == path


def test_depth_is_bounded() -> None:
    deep: object = "bottom"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotCanonical, match="deeper"):
        canonical(deep)
