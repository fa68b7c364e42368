"""One technology listed by two exchanges is found, linked on hard keys only, and can be parted exactly."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.clusters import (
    SILENCE,
    Answer,
    Member,
    MergeEvent,
    Minted,
    Op,
    Ruling,
    clusters,
    national_ids,
    ruling,
    view,
)
from exchange.duplicates import Fingerprint, blocks, dois, likeness, normal_form, owner_form, right_form
from tests.exchange.making import uid

TITLE = "Cảm biến đo độ mặn nước ruộng lúa"
ONE = Fingerprint(
    uid(1), normal_form(TITLE), "0301234567", frozenset({right_form("patent", "VN", "1-2023-04567")})
)
OTHER = replace(ONE, uid=uid(2, node="hue"), title=normal_form("Cảm biến đo độ mặn cho ruộng lúa"))


@pytest.mark.parametrize(
    "same",
    [
        unicodedata.normalize("NFD", TITLE),
        TITLE.upper(),
        "Cam bien do do man nuoc ruong lua",
        "Cảm biến – đo “độ mặn” nước ruộng lúa!",
        "Cảm\u200b biến đo \u202eđộ mặn\u202c nước ruộng lúa",
        "Cảm biến đo độ mặn nước ruоng lúа".replace("о", "о"),
    ],
)
def test_c7_c9_what_reads_the_same_has_one_normal_form(same: str) -> None:
    assert normal_form(same) == normal_form(TITLE)
    assert blocks(replace(ONE, title=normal_form(same))) == blocks(ONE)


def test_a_word_of_another_script_stays_what_it_is() -> None:
    assert normal_form("датчик солености") == "датчик солености"


@pytest.mark.parametrize(
    "name", ["Công ty TNHH Sao Mai", "SAO MAI Co., Ltd.", "Công ty Cổ phần Sao Mai", "Sao Mai JSC", "sao mai"]
)
def test_an_owner_is_the_same_whatever_its_legal_form(name: str) -> None:
    assert owner_form(name) == "sao mai"


def test_the_same_right_of_the_same_owner_is_a_hard_key() -> None:
    found = likeness(ONE, OTHER)
    assert found.hard
    assert {reason.name for reason in found.reasons} == {"right", "owner", "title"}
    assert blocks(ONE) & blocks(OTHER)


def test_one_identifier_alone_links_nothing_but_is_worth_a_look() -> None:
    found = likeness(ONE, replace(OTHER, owner="0309999999", title=normal_form("Máy sấy thăng hoa")))
    assert (found.hard, found.candidate) == (False, True)


def test_a_number_too_short_to_tell_anything_is_no_right() -> None:
    assert right_form("patent", "VN", "12") == ""
    assert right_form("patent", "VN", "Số 1-0023-456") == right_form("patent", "vn", "so 1.0023.456")


def test_records_of_one_home_or_of_two_kinds_are_never_one() -> None:
    assert likeness(ONE, replace(ONE, uid=uid(3))).score == 0
    assert not likeness(ONE, replace(OTHER, uid=uid(2, node="hue", kind="demand"))).candidate


def test_different_technologies_of_one_owner_are_no_candidates() -> None:
    found = likeness(
        replace(ONE, rights=frozenset()), replace(OTHER, rights=frozenset(), title="may say lanh")
    )
    assert not found.candidate


def test_near_texts_add_to_a_score_and_far_ones_do_not() -> None:
    bare = replace(OTHER, rights=frozenset())
    assert (
        likeness(ONE, bare, cosine=0.95).score
        > likeness(ONE, bare, cosine=0.5).score
        == likeness(ONE, bare).score
    )


def test_a_doi_is_found_in_a_sentence() -> None:
    assert dois("Xem https://doi.org/10.1234/ABC.5, và (10.5555/x).") == {"10.1234/abc.5", "10.5555/x"}


# -- the log ----------------------------------------------------------------------------------------------------------

NAMES = tuple(
    uid(number, node=node) for number, node in enumerate(("cantho", "hue", "danang", "hanoi", "hcm"))
)
EVENTS = st.lists(
    st.tuples(st.sampled_from(tuple(Op)), st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(
        lambda one: one[1] != one[2]
    ),
    max_size=14,
).map(lambda found: [MergeEvent(n, *one) for n, one in enumerate(found)])
MINTED = {name: Minted(f"VN-{place}", place) for place, name in enumerate(NAMES)}


@given(EVENTS, st.integers())
def test_c24_clusters_do_not_depend_on_the_order_of_reading(log: list[MergeEvent], seed: int) -> None:
    mixed = list(log)
    random.Random(seed).shuffle(mixed)
    assert clusters(mixed) == clusters(log)
    assert clusters([*log, *mixed]) == clusters(log)


@given(EVENTS)
def test_c24_parted_records_are_never_in_one_cluster(log: list[MergeEvent]) -> None:
    decided = {event.pair: event.op for event in sorted(log, key=lambda event: event.n)}
    parted = {pair for pair, op in decided.items() if op is Op.PART}
    assert not any({a, b} <= group for group in clusters(log) for a, b in parted)


def test_c24_a_chain_is_cut_where_somebody_says_no() -> None:
    a, b, c = NAMES[:3]
    log = [MergeEvent(1, Op.LINK, a, b), MergeEvent(2, Op.LINK, b, c)]
    assert clusters(log) == {frozenset({a, b, c})}
    assert clusters([*log, MergeEvent(3, Op.PART, c, b)]) == {frozenset({a, b})}
    assert clusters([*log, MergeEvent(3, Op.PART, a, c)]) == {frozenset({a, b})}


@given(EVENTS, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_i11_c23_a_link_that_is_taken_back_leaves_everything_as_it_was(
    log: list[MergeEvent], a: str, b: str
) -> None:
    if a == b or any(event.pair == (min(a, b), max(a, b)) for event in log):
        return
    linked = [*log, MergeEvent(100, Op.LINK, a, b)]
    undone = [*linked, MergeEvent(101, Op.UNLINK, b, a, reverses=100)]
    assert clusters(undone) == clusters(log)
    assert national_ids(clusters(undone), MINTED) == national_ids(clusters(log), MINTED)


def test_c23_both_national_ids_lead_to_the_older_record() -> None:
    known = national_ids(clusters([MergeEvent(1, Op.LINK, NAMES[2], NAMES[1])]), MINTED)
    assert known[NAMES[1]] == known[NAMES[2]] == ("VN-1", ("VN-1", "VN-2"))
    assert known[NAMES[0]] == ("VN-0", ("VN-0",))


def test_c23_a_group_shows_each_field_with_the_home_it_is_from() -> None:
    members = [
        Member(NAMES[0], 2, {"title": "Cũ", "price": None, "trl_min": 7}),
        Member(NAMES[1], 5, {"title": "Mới", "price": {"minimum": 1}, "trl_min": None}),
    ]
    shown = view(members)
    assert (shown["title"].value, shown["title"].uid) == ("Mới", NAMES[1])
    assert (shown["trl_min"].value, shown["trl_min"].uid) == (7, NAMES[0])
    assert view(reversed(members)) == shown


def test_a_no_stays_until_a_hard_key_changes() -> None:
    log = [MergeEvent(1, Op.PART, NAMES[0], NAMES[1])]
    again = [
        *log,
        MergeEvent(2, Op.UNLINK, NAMES[0], NAMES[1], reverses=1),
        MergeEvent(3, Op.LINK, *NAMES[:2]),
    ]
    assert clusters(again) == {frozenset(NAMES[:2])}


@pytest.mark.parametrize(
    ("answers", "later", "expected"),
    [
        ({}, 0, Ruling.WAIT),
        ({"cantho": Answer.ACCEPT}, 0, Ruling.WAIT),
        ({"cantho": Answer.ACCEPT}, SILENCE, Ruling.REVIEW),
        ({"cantho": Answer.ACCEPT, "hue": Answer.ACCEPT}, 0, Ruling.LINK),
        ({"cantho": Answer.ACCEPT, "hue": Answer.REJECT}, 0, Ruling.PART),
        ({"hue": Answer.CONTEST}, 0, Ruling.REVIEW),
    ],
)
def test_what_the_homes_answer_decides(answers: dict[str, Answer], later: float, expected: Ruling) -> None:
    assert ruling(answers, ("cantho", "hue"), asked_at=0, now=later) is expected
