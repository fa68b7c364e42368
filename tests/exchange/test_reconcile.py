"""Two sides that differ in one record are told apart, and told which; equal ones are said to be equal, cheaply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.comparison import Compared, Comparison, below, compare
from exchange.problems import Refused
from exchange.proof import Proof, ask, heard
from exchange.reading import MOST_BYTES
from exchange.reconcile import (
    EMPTY,
    Choice,
    Difference,
    Line,
    Outcome,
    Repair,
    bucket,
    differences,
    root,
    settle,
    summarise,
)
from tests.exchange.making import uid

HASH = "sha-256:{:064x}"


def line(number: int, rev: int = 1, said: int = 0) -> Line:
    return Line(uid(number), rev, HASH.format(said))


LINES = st.lists(
    st.builds(line, st.integers(0, 60), st.integers(1, 4), st.integers(0, 1)), unique_by=lambda one: one.uid
).map(sorted)


def proved(mine: Sequence[Line], theirs: Sequence[Line]) -> tuple[Proof, int]:
    """The proof, over the very bytes that are sent, and how many those were."""
    proof, sent = Proof("e1", 7), 0
    while not proof.over:
        asked = ask(proof, lambda prefix: below(mine, prefix))
        text = asked.written()
        answer = compare(Comparison.read(text), below(theirs, asked.prefix)).written()
        sent += len(text) + len(answer)
        proof = heard(proof, asked, Compared.read(answer))
    return proof, sent


def test_the_golden_digest_of_a_bucket() -> None:
    # Made with sha256sum over the three fields, parted by 0x1f and ended by 0x0a.
    assert root([Line("cantho:offer:" + "0" * 26, 3, HASH.format(1))]).digest == (
        "sha-256:f18ffacadb4565da45b15dcf024fa76f121d06d7d1b18529ee05e745a0b96957"
    )
    assert root([]) == EMPTY


@given(LINES, LINES)
def test_i18_exactly_what_differs_is_found(mine: list[Line], theirs: list[Line]) -> None:
    proof, _ = proved(mine, theirs)
    assert {one.uid for one in proof.found} == {one.uid for one in {*mine} ^ {*theirs}}
    assert proof.equal == (mine == theirs)


@settings(max_examples=25)
@given(st.integers(0, 1_999), st.sampled_from(["gone", "revision", "content", "extra"]))
def test_i18_one_difference_among_thousands_is_found(place: int, how: str) -> None:
    mine = MANY
    theirs = list(MANY)
    if how == "gone":
        del theirs[place]
    elif how == "extra":
        theirs = sorted([*theirs, line(5_000 + place)])
    else:
        changed = {"rev": 9} if how == "revision" else {"hash": HASH.format(9)}
        theirs[place] = replace(theirs[place], **changed)
    proof, _ = proved(mine, theirs)
    assert len(proof.found) == 1


MANY = sorted(line(number) for number in range(2_000))


def test_equal_sides_are_proved_equal_in_less_than_a_kilobyte() -> None:
    proof, sent = proved(MANY, MANY)
    assert proof.equal
    assert sent < 1_024


@pytest.mark.parametrize("here", [0, 400])
def test_few_here_against_many_there_are_told_apart_in_messages_that_both_may_read(here: int) -> None:
    theirs = sorted(line(number) for number in range(60_000))
    placed: dict[str, list[Line]] = {"": theirs}
    for one in theirs:
        placed.setdefault(bucket(one.uid)[:2], []).append(one)
    mine = theirs[:here]
    proof, questions = Proof("e1", 7), 0
    while not proof.over:
        asked = ask(proof, lambda prefix: below(mine, prefix))
        answer = compare(Comparison.read(asked.written()), below(placed[asked.prefix[:2]], asked.prefix))
        assert len(answer.written()) <= MOST_BYTES
        proof, questions = heard(proof, asked, Compared.read(answer.written())), questions + 1
    assert len(proof.found) == 60_000 - here
    assert {one.outcome for one in proof.found} == {Outcome.EXTRA}
    assert questions <= 2 + 256


def test_lines_out_of_order_are_refused_for_their_digest_would_differ() -> None:
    with pytest.raises(ValueError, match="comes after"):
        summarise(reversed(MANY[:3]), level=1)


def test_a_record_falls_into_the_bucket_of_its_id_at_every_level() -> None:
    for level, width in ((1, 2), (2, 4)):
        assert set(summarise(MANY, level=level)) == {bucket(one.uid)[:width] for one in MANY}
        assert sum(one.count for one in summarise(MANY, level=level).values()) == len(MANY)


@pytest.mark.parametrize(
    ("mine", "theirs", "outcome"),
    [
        (line(1), None, Outcome.MISSING), (line(1, 3), line(1, 2), Outcome.MISSING), (None, line(1), Outcome.EXTRA),
        (line(1), line(1, 2), Outcome.REWOUND), (line(1), line(1, 1, 1), Outcome.REV_FORK),
    ],
)  # fmt: skip
def test_each_difference_has_one_meaning(mine: Line | None, theirs: Line | None, outcome: Outcome) -> None:
    (found,) = differences([mine] if mine else [], [theirs] if theirs else [])
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("mine", "theirs", "choice", "edited", "repair"),
    [
        (None, line(1), Choice.ADOPT, False, Repair.TAKE_BACK), (None, line(1), Choice.OVERRIDE, False, Repair.TOMBSTONE),
        (line(1), line(1, 3), Choice.ADOPT, False, Repair.TAKE_BACK),
        (line(1), line(1, 3), Choice.ADOPT, True, Repair.RAISE),
        (line(1), line(1, 3), Choice.OVERRIDE, False, Repair.RAISE), (line(1), None, Choice.OVERRIDE, False, Repair.RESEND),
        (line(1, 4), line(1, 3), Choice.ADOPT, True, Repair.RESEND),
    ],
)  # fmt: skip
def test_what_an_operator_chooses_never_loses_an_edit_made_since(
    mine: Line | None, theirs: Line | None, choice: Choice, edited: bool, repair: Repair
) -> None:
    difference = Difference(Outcome.REWOUND, mine, theirs)
    assert settle(difference, choice, edited=edited, erased=False) is repair
    if theirs is not None:
        assert settle(difference, choice, edited=edited, erased=True) is Repair.TAKE_BACK


@pytest.mark.parametrize(
    "text",
    [b'{"epoch":"e1","at_seq":1,"level":3}', b'{"epoch":"e1","at_seq":1,"level":1,"prefix":"zz"}',
     b'{"epoch":"e1","at_seq":1,"level":1,"buckets":{"0":{"count":1,"digest":"sha-256:' + b"0" * 64 + b'"}}}',
     b'{"epoch":"e1","at_seq":-1,"level":0}', b'{"epoch":"e1","at_seq":1,"level":1,"prefix":"a"}'],
)  # fmt: skip
def test_a_comparison_that_makes_no_sense_is_refused(text: bytes) -> None:
    with pytest.raises(Refused):
        Comparison.read(text)
