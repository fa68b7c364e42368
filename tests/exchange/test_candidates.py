"""What becomes of a pair: rules act on hard keys only, people's words stand, and everything can be asked again once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.candidates import HOMES, REVIEWER, RULE, Standing, State, Step, answered, hard_keys, judged
from exchange.clusters import MergeEvent, Op, Ruling, national_id
from exchange.duplicates import Fingerprint, Likeness, blocks, cosine, likeness, normal_form, sketch
from tests.exchange.making import uid

A, B = uid(1), uid(2, node="hue")
HARD, ALIKE, NOTHING = (
    Likeness(0.9, (), hard=True),
    Likeness(0.6, (), hard=False),
    Likeness(0.1, (), hard=False),
)
LIKENESSES = st.sampled_from((HARD, ALIKE, NOTHING))
STANDINGS = st.builds(
    Standing,
    st.sampled_from(tuple(State)),
    st.sampled_from(("", RULE, HOMES, REVIEWER)),
    st.sampled_from(("k", "l")),
)
TEXT = " ".join(f"chữ{n} nghĩa{n * 7 % 13} câu{n * 5 % 11}" for n in range(40))


def line(op: Op, actor: str = HOMES) -> MergeEvent:
    return MergeEvent(1, op, A, B, actor=actor)


@given(LIKENESSES, st.none() | STANDINGS)
def test_only_a_hard_key_links_without_asking(found: Likeness, known: Standing | None) -> None:
    step = judged(found, "k", known, None)
    if step is not None and step.op is Op.LINK:
        assert found.hard
        assert step.by == RULE


@given(LIKENESSES, STANDINGS, st.sampled_from((HOMES, "reviewer-1")))
def test_what_people_linked_no_rule_takes_apart(found: Likeness, known: Standing, actor: str) -> None:
    step = judged(found, "k", known, line(Op.LINK, actor))
    assert step is not None
    assert step.op is None
    assert step.state in (State.LINKED, State.REVIEW)


@given(LIKENESSES, STANDINGS)
def test_a_no_is_taken_back_only_when_a_hard_key_has_changed(found: Likeness, known: Standing) -> None:
    step = judged(found, "k", known, line(Op.PART))
    assert step is not None
    reopened = step.op is Op.UNLINK
    assert reopened == (known.keys != "k" and found.candidate)
    assert step.state is (State.OPEN if reopened else State.PARTED)


def test_a_rule_takes_its_own_link_back_when_its_reason_is_gone() -> None:
    known = Standing(State.LINKED, RULE, "k")
    assert judged(ALIKE, "l", known, line(Op.LINK, RULE)) == Step(State.OPEN, op=Op.UNLINK, asks=True)
    assert judged(NOTHING, "l", known, line(Op.LINK, RULE)) == Step(State.GONE, op=Op.UNLINK, asks=True)
    assert judged(HARD, "l", known, line(Op.LINK, RULE)) == Step(State.LINKED, RULE)


def test_a_rule_does_not_link_again_what_a_reviewer_has_taken_back() -> None:
    assert judged(HARD, "k", Standing(State.REVIEW, "", "k"), None) == Step(State.REVIEW, "")


def test_two_that_are_nothing_to_each_other_leave_no_trace() -> None:
    assert judged(NOTHING, "k", None, None) is None


@given(st.sampled_from(tuple(Ruling)), STANDINGS)
def test_homes_never_overrule_a_reviewer_nor_outvote_a_no(said: Ruling, known: Standing) -> None:
    step = answered(said, known)
    if known.by == REVIEWER or known.state is State.PARTED:
        assert step.op is None or (known.state is State.PARTED and step.op is Op.PART)
    assert known.state is not State.GONE or step.state is State.GONE


@pytest.mark.parametrize(
    ("said", "known", "expected"),
    [
        (Ruling.LINK, Standing(State.OPEN), Step(State.LINKED, HOMES, Op.LINK)),
        (Ruling.PART, Standing(State.OPEN), Step(State.PARTED, HOMES, Op.PART)),
        (Ruling.PART, Standing(State.LINKED, RULE), Step(State.PARTED, HOMES, Op.PART)),
        (Ruling.PART, Standing(State.LINKED, REVIEWER), Step(State.REVIEW, REVIEWER)),
        (Ruling.LINK, Standing(State.PARTED, HOMES), Step(State.REVIEW, HOMES)),
        (Ruling.REVIEW, Standing(State.OPEN), Step(State.REVIEW)),
        (Ruling.WAIT, Standing(State.OPEN), Step(State.OPEN)),
    ],
)
def test_what_an_answer_leads_to(said: Ruling, known: Standing, expected: Step) -> None:
    assert answered(said, known) == expected


def test_hard_keys_are_the_rights_and_owners_of_both_whichever_is_named_first() -> None:
    one, other = Fingerprint(A, "a", "sao mai", frozenset({"vn:patent:1234"})), Fingerprint(B, "b", "sao mai")
    assert hard_keys(one, other) == hard_keys(other, one)
    assert hard_keys(one, replace(other, title="c")) == hard_keys(one, other)
    assert hard_keys(one, replace(other, owner="khac")) != hard_keys(one, other)


def test_a_near_copy_is_met_by_its_text_under_another_title_and_owner() -> None:
    copy = TEXT.replace("chữ3 ", "").replace("chữ20", "chữ hai mươi")
    one = Fingerprint(
        A, normal_form("Cảm biến đo độ mặn nước ruộng lúa"), "vien lua", sketch=sketch(normal_form(TEXT))
    )
    other = Fingerprint(
        B, normal_form("Cảm biến đo độ mặn cho ruộng lúa"), "sao mai", sketch=sketch(normal_form(copy))
    )
    assert blocks(one) & blocks(other)
    assert likeness(one, other, cosine=cosine(normal_form(TEXT), normal_form(copy))).candidate
    far = normal_form("Máy sấy thăng hoa dùng cho dược liệu và trái cây nhiệt đới")
    assert not sketch(normal_form(TEXT)) & sketch(far)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_cosine_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= cosine(one, other) <= 1.0001
    assert cosine(one, other) == cosine(other, one)


def test_a_text_is_wholly_like_itself_however_it_is_written() -> None:
    assert cosine(normal_form("Đo độ mặn"), normal_form("do  do man!")) == pytest.approx(1)


def test_a_national_id_follows_from_the_record_and_is_nobody_elses() -> None:
    assert national_id(A) == national_id(A) != national_id(B)
    assert national_id(A).startswith("n-")
