"""Equal content has an equal hash on every exchange; anything outside the profile is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.canonical import (
    LARGEST_INTEGER,
    LONGEST_ARRAY,
    LONGEST_STRING,
    NotCanonical,
    _check,
    canonical,
    content_hash,
    first_value,
    hashed,
)

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


@given(VALUES)
def test_a_body_is_written_in_its_hash_as_it_is_written_alone(body: object) -> None:
    for op in ("upsert", "delete"):
        digest, written = hashed(uid="a:offer:1", kind="offer", schema="offer/1.0", op=op, body=body)
        assert digest == content_hash(uid="a:offer:1", kind="offer", schema="offer/1.0", op=op, body=body)
        assert written.encode() == canonical(body)


@given(st.dictionaries(KEYS, VALUES, min_size=2, max_size=6))
def test_the_value_of_the_first_name_is_cut_out_of_the_whole(record: dict[str, object]) -> None:
    assert first_value(canonical(record).decode(), record).encode() == canonical(record[min(record)])


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


@given(
    st.recursive(
        VALUES | st.floats() | st.text() | st.integers() | st.binary(max_size=2) | st.tuples(st.integers()),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | KEYS, inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_the_quick_look_lets_nothing_pass_that_the_slow_one_refuses(value: object) -> None:
    refused = refusal(_check, value, "", 1)
    assert refusal(canonical, value) == refused
    if refused is None:
        assert json.loads(canonical(value)) == json.loads(json.dumps(value))


def refusal(act: Callable[..., object], *given: object) -> tuple[str, str] | None:
    try:
        act(*given)
    except NotCanonical as outside:
        return outside.path, outside.reason
    return None


@pytest.mark.parametrize("size", [LONGEST_STRING, LONGEST_STRING + 1])
def test_the_length_of_a_text_is_that_of_its_bytes(size: int) -> None:
    text = "đ" * (size // 2) + "a" * (size % 2)
    if size > LONGEST_STRING:
        with pytest.raises(NotCanonical, match="a string of more"):
            canonical({"t": text})
    else:
        assert text.encode() in canonical({"t": text})


@pytest.mark.parametrize(("depth", "fits"), [(12, True), (13, False)])
def test_twelve_levels_fit_and_thirteen_do_not(depth: int, fits: bool) -> None:
    value: object = 1
    for _ in range(depth - 1):
        value = {"a": value}
    if fits:
        canonical(value)
    else:
        with pytest.raises(NotCanonical, match="deeper"):
            canonical(value)


# Computed by hand-written JCS and sha256sum: what another exchange can try its own code with.
VECTORS = [
    ({"b": [True, None], "a": {"z": "", "y": -1}}, '{"a":{"y":-1,"z":""},"b":[true,null]}'),
    ({"t": '\u20ac$\u000f\nA\'B"\\\\"/'}, '{"t":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'),
    (
        {"a1": 9007199254740991, "a_": -9007199254740991, "a": 0},
        '{"a":0,"a1":9007199254740991,"a_":-9007199254740991}',
    ),
    ({"nfc": "ế", "nfd": "e\u0302\u0301", "face": "😀"}, '{"face":"😀","nfc":"ế","nfd":"e\u0302\u0301"}'),
]


@pytest.mark.parametrize(("value", "text"), VECTORS)
def test_golden_vectors(value: object, text: str) -> None:
    assert canonical(value) == text.encode()


def test_golden_hashes() -> None:
    said = content_hash(
        uid="cantho:offer:01HZZZZZZZZZZZZZZZZZZZZZZZ", kind="offer", schema="offer/1.0", op="upsert",
        body={"title": "Cảm biến độ mặn", "trl": 8},
    )  # fmt: skip
    assert said == "sha-256:b64fc782837a1e838e7a50f4fb157d9efb8124e219889dd7ca704801bf6371e8"
    for op in ("delete", "erase"):
        gone = content_hash(
            uid="cantho:offer:01HZZZZZZZZZZZZZZZZZZZZZZZ",
            kind="offer",
            schema="offer/1.0",
            op=op,
            body="withdrawn",
        )
        assert (
            gone
            == {
                "delete": "sha-256:ea1669c57cb8e239734ec7002abab4eca5590a588b946127391a8b9c81226233",
                "erase": "sha-256:0412bb26891e34d39fed37482e05193da17451d82a4b69c0ca56754ff582aafd",
            }[op]
        )


def test_c7_composed_and_decomposed_letters_are_different_content() -> None:
    named = {"uid": "a:offer:1", "kind": "offer", "schema": "offer/1.0", "op": "upsert"}
    assert content_hash(**named, body={"t": "ế"}) != content_hash(**named, body={"t": "e\u0302\u0301"})
