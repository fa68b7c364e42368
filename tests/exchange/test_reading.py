"""What is not JSON of ours, not gzip, or too large is refused before it costs anything."""

from __future__ import annotations

import gzip
import json
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.envelope import (
    LIMITS,
    Receipt,
    Result,
    names,
    read_batch,
    room_for,
    too_heavy,
    weight,
    write_batch,
)
from exchange.items import Flaw, Item, Unreadable, hash_flaw
from exchange.problems import STATUSES, TITLES, Refused
from exchange.reading import MOST_BYTES, MOST_MEMBERS, Members, read_json, unpack
from tests.exchange.making import batch, bomb, item, text_of


def code(act: object, *given: object, **named: object) -> str:
    with pytest.raises(Refused) as refused:
        act(*given, **named)  # type: ignore[operator]
    return refused.value.problem.code


def test_every_code_has_a_status_and_a_title() -> None:
    assert STATUSES.keys() == TITLES.keys()


def test_a_problem_says_what_rfc_9457_asks_for() -> None:
    with pytest.raises(Refused) as refused:
        raise Refused("seq_gap", "applied up to 7", acked_seq=7)
    said = refused.value.problem.as_record(trace="t1", server_time=5)
    assert (said["type"], said["status"], said["acked_seq"]) == ("urn:xsync:problem:seq_gap", 409, 7)
    assert {"title", "detail", "trace", "server_time", "code"} <= said.keys()


# -- packing ----------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=2_000), st.integers(1, 4))
def test_what_was_packed_is_unpacked_in_however_many_members(raw: bytes, parts: int) -> None:
    size = max(1, len(raw) // parts)
    pieces = [raw[place : place + size] for place in range(0, len(raw), size)] or [b""]
    assert unpack(b"".join(map(gzip.compress, pieces)), encoding="gzip") == raw
    assert unpack(raw, encoding="identity") == raw


def test_c4_i16_a_gzip_bomb_is_refused_after_its_first_four_megabytes() -> None:
    body = bomb(1 << 27)  # A hundred and thirty megabytes; more would only take longer to make.
    assert len(body) < 1 << 18
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(unpack, body, encoding="gzip") == "too_large"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 64 << 10  # kilobytes


def test_c4_a_bomb_in_several_members_counts_together() -> None:
    assert code(unpack, bomb(3 << 20) + bomb(3 << 20), encoding="gzip") == "too_large"


def test_c4_thousands_of_empty_members_are_refused() -> None:
    assert code(unpack, gzip.compress(b"") * (MOST_MEMBERS + 1), encoding="gzip") == "malformed"


def test_c4_gzip_in_gzip_is_unpacked_once_and_is_no_json() -> None:
    assert code(read_json, unpack(gzip.compress(gzip.compress(b"{}")), encoding="gzip")) == "malformed"


@pytest.mark.parametrize("encoding", ["zstd", "br", "deflate", "gzip, gzip", "x-gzip"])
def test_c4_an_encoding_that_is_not_spoken_is_refused(encoding: str) -> None:
    assert code(unpack, b"", encoding=encoding) == "unsupported_media"


@pytest.mark.parametrize("cut", [1, 10, 12, -1, -9])
def test_f12_a_body_that_was_cut_is_refused(cut: int) -> None:
    assert code(unpack, gzip.compress(b"x" * 500)[:cut], encoding="gzip") == "malformed"


def test_c3_a_body_over_the_limit_is_refused_unread() -> None:
    assert code(unpack, bytes(MOST_BYTES + 1), encoding="") == "too_large"


# -- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b"[NaN]", b"[Infinity]", b"[-Infinity]", b'["\\ud800"]',
        b'["\\udfff\\ud800"]', b'{"\\udc00":1}', b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), b"\xff", b"", b"{}x",
        b'"\xed\xa0\x80"', b"{'a':1}", b"[01]", b"[1,]",
    ],
)  # fmt: skip
def test_c6_what_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    assert code(read_json, raw) == "malformed"


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'["\\ud83d\\ude00"]') == ["😀"]


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" + b"9" * 5_000 + b"]",
        b"[-" + b"9" * 5_000 + b"]",
        b"[1." + b"0" * 5_000 + b"]",
        b"{" + b",".join(b'"k%d":1' % number for number in range(400_000))[:4_000_000],
        b"[" + b"[]," * 1_000_000 + b"1]",
        b'["' + b'\\"' * 1_900_000,
        b'"' * 4_000_000,
        b"[" + b'"",' * 1_300_000,
        b'["' + b'\\",' * 1_300_000,
        b'",' * 2_000_000,
    ],
    ids=[
        "depth",
        "objects",
        "digits",
        "negative",
        "fraction",
        "keys",
        "arrays",
        "escapes",
        "quotes",
        "texts",
        "commas",
        "open",
    ],
)
def test_c5_hostile_json_is_refused_without_a_crash(raw: bytes) -> None:
    """What it costs of the processor is measured by `make bench-sync`."""
    assert code(read_json, raw) in {"malformed", "too_large"}


def test_prose_full_of_commas_is_no_crowd_of_values() -> None:
    text = "a, b [c] " * 60_000
    assert read_json(json.dumps([text]).encode()) == [text]


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(
    st.characters(exclude_categories=["Cs"])), lambda one: st.lists(one, max_size=3) | st.dictionaries(
    st.text(max_size=3), one, max_size=3), max_leaves=10))  # fmt: skip
def test_good_json_says_the_same_as_to_the_standard_library(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60))
def test_no_bytes_do_anything_but_read_or_be_refused(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except Refused:
        return
    assert value == json.loads(raw)


def test_members_name_what_is_wrong_with_them() -> None:
    members = Members({"a": 1, "b": True, "c": "x", "d": [1]}, "/there")
    for ask in (members.text, members.flag, members.array, members.inside, members.texts):
        with pytest.raises(Refused) as refused:
            ask("a")
        assert refused.value.problem.more["path"] == "/there/a"
    assert code(members.whole, "b") == "malformed"
    assert code(members.texts, "d") == "malformed"
    assert code(Members, []) == "malformed"


# -- batches ----------------------------------------------------------------------------------------------------------


def test_a_batch_is_read_as_it_was_written_and_written_the_same_each_time() -> None:
    made = batch(item(1, seq=3), item(2, seq=5, op="delete", moved_to="hue:offer:" + "0" * 26), prev=2, to=9)
    read = read_batch(text_of(made))
    assert (read.items, read.prev_seq, read.to_seq, read.batch_id) == (made.items, 2, 9, made.batch_id)
    assert write_batch(made) == write_batch(made)
    assert write_batch(made).digest == read.digest
    named = [(one.uid, one.rev, one.op, one.hash) for one in names(write_batch(made).packed)]
    assert named == [(one.uid, one.rev, one.op, one.hash) for one in made.items]


def changed(**more: object) -> bytes:
    return json.dumps({**json.loads(text_of(batch(item(1, seq=3), prev=2))), **more}).encode()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"protocol": "xsync/2"}, "protocol_unsupported"), ({"count": 2}, "malformed"), ({"node": "B!"}, "malformed"),
        ({"batch_id": "1"}, "malformed"), ({"prev_seq": -1}, "malformed"), ({"prev_seq": 3}, "malformed"),
        ({"to_seq": 2}, "malformed"), ({"to_seq": 2**53}, "malformed"), ({"items": {}}, "malformed"),
        ({"epoch": ""}, "malformed"), ({"to_seq": 2.5}, "malformed"), ({"items": [], "count": 0, "to_seq": 1}, "malformed"),
    ],
)  # fmt: skip
def test_a_batch_with_a_wrong_envelope_is_refused_as_a_whole(more: dict[str, object], expected: str) -> None:
    assert code(read_batch, changed(**more)) == expected


def test_c18_places_that_go_back_refuse_the_batch() -> None:
    made = batch(item(1, seq=4), item(2, seq=3), prev=2, to=9)
    assert code(read_batch, text_of(made)) == "malformed"


def test_a_record_that_cannot_be_read_is_one_line_of_the_batch() -> None:
    items = [item(1, seq=3).as_record(), {"id": 7, "rev": 2}, "x"]
    read = read_batch(changed(items=items, count=3, to_seq=9))
    assert [type(one) for one in read.items] == [Item, Unreadable, Unreadable]


def test_more_records_than_were_announced_refuse_the_batch_so_that_its_sender_halves_it() -> None:
    def of(count: int) -> bytes:
        return text_of(batch(*(item(number, seq=number) for number in range(1, count + 1))))

    assert len(read_batch(of(LIMITS.max_items)).items) == 500
    with pytest.raises(Refused) as refused:
        read_batch(of(LIMITS.max_items + 1))
    problem = refused.value.problem
    assert (problem.code, problem.status, problem.more) == ("too_large", 413, {"max_items": 500})
    assert code(read_batch, changed(items=["x"] * 150_000, count=150_000, to_seq=9)) == "too_large"


def test_c3_a_record_larger_than_was_announced_is_rejected_alone() -> None:
    heavy = {**item(1, seq=3).as_record(), "body": {"text": ["x" * 60_000] * 5}}
    read = read_batch(changed(items=[heavy, item(2, seq=4).as_record()], count=2, to_seq=9))
    flaws = [hash_flaw(one) for one in read.items if isinstance(one, Item)]
    assert [flaw and flaw.code for flaw in flaws] == ["profile", None]


def test_a_float_spoils_its_record_only() -> None:
    wrong = {**item(1, seq=3).as_record(), "body": {"price": 1.5}}
    read = read_batch(changed(items=[wrong], count=1, to_seq=9))
    assert isinstance(read.items[0], Item)


def test_a_receipt_is_read_as_it_was_written() -> None:
    made = batch(item(1, seq=1), item(2, seq=2))
    results = [Result(0, made.items[0].uid, 1, "applied"), Result(1, made.items[1].uid, 1, "stale", "i1")]
    receipt = Receipt.of(made, results, received_at="2026-11-28T00:00:00Z")
    assert Receipt.read(receipt.written()) == receipt
    assert Receipt.read(receipt.again().written()).replayed
    assert (receipt.count("applied"), receipt.count("stale"), len(receipt.results)) == (1, 1, 1)


def test_a_receipt_of_a_batch_in_which_all_is_wrong_stays_small_and_can_be_read() -> None:
    made = batch(*(item(number, seq=number) for number in range(1, LIMITS.max_items + 1)))
    flaws = tuple(Flaw("ế" * 70_000, "profile", "ế" * 70_000) for _ in range(20))
    results = [Result(place, one.uid, 1, "held", "i", flaws) for place, one in enumerate(made.items)]
    receipt = Receipt.of(made, results, received_at="2026-11-28T00:00:00Z")
    told = [len(result.flaws) for result in receipt.results]
    assert (told[0], told[-1], len(told)) == (20, 1, 500)
    assert len(receipt.written()) < 2 * MOST_BYTES
    assert Receipt.read(receipt.written()) == receipt


def test_c3_a_record_too_heavy_for_the_receiver_stands_alone_for_the_sender_to_meet() -> None:
    limits = type(LIMITS)(max_item_bytes=100_000)
    heavy = item(2, seq=2, body={"t": ["x" * 60_000] * 2})
    assert too_heavy(heavy, limits)
    assert not too_heavy(heavy, LIMITS)
    assert room_for([item(1, seq=1), heavy, item(3, seq=3)], limits, most=9) == (item(1, seq=1),)
    assert room_for([heavy, item(3, seq=3)], limits, most=9) == (heavy,)


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=30), st.integers(1, 40))
def test_a_batch_never_outgrows_the_limits(sizes: list[int], most: int) -> None:
    limits = type(LIMITS)(max_items=20, max_bytes=200_000)
    items = [item(place, seq=place, body={"t": "x" * size}) for place, size in enumerate(sizes, 1)]
    chosen = room_for(items, limits, most=most)
    assert 1 <= len(chosen) <= min(20, most)
    assert len(text_of(batch(*chosen))) <= limits.max_bytes
    assert list(chosen) == items[: len(chosen)]
    if len(chosen) < min(20, most, len(items)):
        assert sum(map(weight, items[: len(chosen) + 1])) + 1_024 > limits.max_bytes


@pytest.mark.parametrize("said", [{"name": "a\0b"}, {"names": ["a", "\0"]}])
def test_a_nul_is_no_part_of_a_text_for_not_every_database_holds_it(said: dict[str, object]) -> None:
    with pytest.raises(Refused, match="NUL"):
        Members(said).texts("names") if "names" in said else Members(said).optional("name")
