"""What becomes of each record of a batch, before anything is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.apply import Grant, Known, Projection, Step, Verdict, Write, plan
from exchange.items import Flaw, Item, Unreadable, read_item
from tests.exchange.making import item

GRANT = Grant("cantho", "national")


def visible(_: Item) -> Verdict:
    return Verdict()


def known(one: Item) -> dict[str, Known]:
    return {one.uid: Known(one.rev, one.hash, one.op, one.audience)}


def one_step(one: Item | Unreadable, before: dict[str, Known] | None = None, grant: Grant = GRANT) -> Step:
    (step,) = plan([one], before or {}, grant=grant, judge=visible)
    return step


def code(step: Step) -> str:
    return step.flaws[0].code


def test_an_unknown_record_is_inserted_and_a_higher_revision_replaces() -> None:
    assert one_step(item()).write is Write.INSERT
    step = one_step(item(rev=2, body={"title": "mới"}), known(item()))
    assert (step.write, step.status) == (Write.REPLACE, "applied")


def test_the_same_again_is_unchanged_and_an_older_one_stale() -> None:
    assert one_step(item(), known(item())).status == "unchanged"
    step = one_step(item(), known(item(rev=3, body={"title": "3"})))
    assert (step.status, step.write) == ("stale", None)


def test_two_contents_of_one_revision_are_never_chosen_between() -> None:
    step = one_step(item(body={"title": "khác"}), known(item()))
    assert (step.status, step.write, code(step), step.alarm) == ("rejected", None, "rev_fork", "rev_fork")


def test_c10_a_record_comes_back_after_its_tombstone_by_a_higher_revision_only() -> None:
    gone = known(item(rev=2, op="delete"))
    assert one_step(item(rev=1), gone).status == "stale"
    assert one_step(item(rev=3), gone).write is Write.REPLACE


def test_c12_the_tombstone_of_an_unknown_record_is_kept() -> None:
    step = one_step(item(op="delete"))
    assert (step.write, step.projection, step.status) == (Write.INSERT, Projection.NONE, "applied")


def test_what_was_erased_stays_erased() -> None:
    gone = known(item(rev=2, op="erase", body="legal"))
    assert code(one_step(item(rev=3), gone)) == "erased"
    assert one_step(item(rev=2, op="erase", body="legal"), gone).status == "unchanged"


def test_c17_a_right_body_under_another_id_does_not_fit_its_hash() -> None:
    assert code(one_step(replace(item(1), uid=item(2).uid))) == "hash_mismatch"


def test_a6_a_record_of_another_exchange_is_refused_unless_it_may_be_relayed() -> None:
    foreign = item(node="hue")
    assert code(one_step(foreign)) == "forbidden_origin"
    assert one_step(foreign).alarm == "forbidden_origin"
    assert one_step(foreign, grant=replace(GRANT, relays=frozenset({"hue"}))).status == "applied"


def test_c26_a_record_relayed_back_to_its_home_is_blocked() -> None:
    grant = Grant("hub", "cantho", frozenset({"cantho"}))
    assert code(one_step(item(), grant=grant)) == "loop_blocked"


def test_only_the_national_exchange_writes_national_kinds() -> None:
    cluster = item(kind="cluster")
    assert code(one_step(cluster)) == "forbidden_kind"
    assert one_step(cluster, grant=replace(GRANT, receiver="hue", national=True)).status == "applied"


def test_an_audience_is_changed_by_withdrawing_only() -> None:
    step = one_step(item(rev=2, audience="partner"), known(item()))
    assert code(step) == "audience_changed"
    assert one_step(item(rev=3, audience="partner"), known(item(rev=2, op="delete"))).status == "applied"


def test_c1_one_bad_record_of_five_hundred_stops_nothing() -> None:
    items = [item(number, seq=number) for number in range(1, 501)]
    bad = items[250].uid

    def judge(one: Item) -> Verdict:
        flaw = Flaw("/body/content/kind", "kind.unknown", "x")
        return Verdict(Projection.HELD, (flaw,)) if one.uid == bad else Verdict()

    steps = plan(items, {}, grant=GRANT, judge=judge)
    assert sum(step.status == "applied" for step in steps) == 499
    assert [(step.place, step.flaws[0].path) for step in steps if step.status == "held"] == [
        (250, "/body/content/kind")
    ]
    assert all(step.write is Write.INSERT for step in steps)


@pytest.mark.parametrize(
    ("member", "value"),
    [("rev", 2**53), ("rev", -1), ("rev", 0), ("rev", "1"), ("rev", True), ("id", "cantho:offer:x"), ("op", "patch"),
     ("hash", "sha-256:1"), ("schema", "offer"), ("audience", "all"), ("kind", "demand")],
)  # fmt: skip
def test_c18_a_record_whose_envelope_is_wrong_is_rejected_with_its_place(member: str, value: object) -> None:
    read = read_item({**item().as_record(), member: value})
    assert isinstance(read, Unreadable)
    assert read.flaw.path == f"/{member}"
    assert one_step(read).status == "rejected"


def test_c18_a_revision_may_jump() -> None:
    assert one_step(item(rev=1_001), known(item())).write is Write.REPLACE


REVISIONS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5)), min_size=1, max_size=30)
"""(record, revision): what a home says of one revision is always the same."""


def revision(number: int, rev: int) -> Item:
    op = "delete" if (number * 7 + rev) % 4 == 0 else "upsert"
    return item(number, rev=rev, op=op, body={"n": rev} if op == "upsert" else "sold")


def replica(items: list[Item]) -> dict[str, tuple[int, str]]:
    held: dict[str, Known] = {}
    for one in items:
        for step in plan([one], held, grant=GRANT, judge=visible):
            if step.write is not None:
                held[one.uid] = Known(one.rev, one.hash, one.op)
    return {name: (row.rev, row.hash) for name, row in held.items()}


@given(REVISIONS, st.randoms(use_true_random=False))
def test_i5_any_order_and_any_repetition_gives_the_same_replica(
    pairs: list[tuple[int, int]], chance: object
) -> None:
    items = [revision(*pair) for pair in pairs]
    mixed = items * 2
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert replica(mixed) == replica(items)


@given(REVISIONS)
def test_i4_a_batch_applied_twice_changes_nothing_the_second_time(pairs: list[tuple[int, int]]) -> None:
    items = [revision(*pair) for pair in pairs]
    held: dict[str, Known] = {}
    for step in plan(items, held, grant=GRANT, judge=visible):
        if step.write is not None and isinstance(step.item, Item):
            held[step.item.uid] = Known(step.item.rev, step.item.hash, step.item.op)
    assert all(step.write is None for step in plan(items, held, grant=GRANT, judge=visible))


@given(REVISIONS)
def test_i3_a_revision_never_falls(pairs: list[tuple[int, int]]) -> None:
    held: dict[str, Known] = {}
    for pair in pairs:
        one = revision(*pair)
        for step in plan([one], held, grant=GRANT, judge=visible):
            if step.write is not None:
                assert one.rev > (held[one.uid].rev if one.uid in held else 0)
                held[one.uid] = Known(one.rev, one.hash, one.op)
