"""The rules that need no database: stages, assignment, grades, rights in the way, what a file really is."""

from __future__ import annotations

import io
import random
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import Conflict, Invalid
from marketplace.scanning import EICAR, Refused, examined, open_clamd
from marketplace.services import assignment, claims, grading, stages
from marketplace.services.assignment import Candidate, Need
from marketplace.services.grading import Entry
from marketplace.services.parties import ALLOWED, SIDES
from vocabulary.grants import Grant, collides, collisions, divisions

TODAY = date(2026, 11, 24)


# -- stages -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(tuple(stages.STEPS)), max_size=20))
def test_a_case_only_ever_moves_along_the_table(steps: list[str]) -> None:
    stage, before = "suggested", ""
    for step in steps:
        allowed = stage in stages.STEPS[step].stages
        try:
            then = stages.after(step, stage, before=before)
        except Conflict:
            assert not allowed
            continue
        assert allowed
        before, stage = (stage if step == "close" else before), then
        assert stage in stages.STAGES


def test_every_stage_but_the_last_can_be_left_and_only_a_closed_case_reopened() -> None:
    for stage in stages.BOARD:
        assert "close" in stages.steps_from(stage, "offer", direct=False)
        assert "reopen" not in stages.steps_from(stage, "broker", direct=False)
    assert stages.steps_from("closed", "broker", direct=False) == ("reopen",)
    assert stages.steps_from("transferred", "broker", direct=False) == ()
    assert stages.steps_from("negotiating", "funder", direct=True) == ()


def test_every_action_names_known_sides() -> None:
    assert all(sides <= set(SIDES) for sides in ALLOWED.values())


# -- assignment -------------------------------------------------------------------------------------------------------


def broker(name: str, **more: object) -> Candidate:
    said: dict[str, object] = {
        "fields": frozenset({"2.2"}), "provinces": frozenset({"01"}), "capacity": 10,
        "certified_until": date(2030, 1, 1),
    }  # fmt: skip
    return Candidate(id=name, **(said | more))  # type: ignore[arg-type]


NEED = Need(frozenset({"2.2"}), frozenset({"01"}), frozenset({"org-a", "org-b"}))


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (broker("a", fields=frozenset({"2.3"})), broker("b")),
        (broker("a", fields=frozenset({"4.1"})), broker("b", fields=frozenset({"2.3"}))),
        (broker("a", load=5), broker("b", load=4)),
        (broker("a", provinces=frozenset()), broker("b")),
        (broker("a"), broker("b", proven=1)),
        (broker("a", waited=2), broker("b", waited=1)),
    ],
)
def test_what_comes_first(worse: Candidate, better: Candidate) -> None:
    for order in ([worse, better], [better, worse]):
        chosen = assignment.choose(order, NEED, TODAY)
        assert chosen is not None
        assert chosen.broker_id == better.id


@pytest.mark.parametrize(
    ("hindered", "why"),
    [
        ({"interests": frozenset({"org-b"})}, "conflict"),
        ({"load": 10}, "full"),
        ({"certified_until": date(2026, 11, 23)}, "certificate"),
        ({"certified_until": None}, "certificate"),
    ],
)
def test_who_cannot_be_asked_is_counted_by_reason(hindered: dict[str, object], why: str) -> None:
    chosen = assignment.choose([broker("a", **hindered), broker("b", load=9)], NEED, TODAY)
    assert chosen is not None
    assert (chosen.broker_id, chosen.passed_over) == ("b", {why: 1})
    assert assignment.choose([broker("a", **hindered)], NEED, TODAY) is None


def test_a_thousand_cases_are_shared_out_fairly_and_the_same_way_each_time() -> None:
    first, second = shared_out(seed=7), shared_out(seed=7)
    assert first == second
    assert gini(list(first.values())) <= 0.15


def shared_out(seed: int) -> dict[str, int]:
    """A thousand introductions to a hundred brokers, at least ten a field; the load each ends with."""
    chance = random.Random(seed)
    fields = [f"{branch}.{n}" for branch in (1, 2, 4) for n in range(1, 4)]
    desks = {
        f"b{n:03}": broker(
            f"b{n:03}", fields=frozenset({fields[n % 9], *chance.sample(fields, 2)}), capacity=30,
            provinces=frozenset(chance.sample(["01", "79", "92"], 2)),
            interests=frozenset(chance.sample([f"o{m}" for m in range(50)], 2)),
        )
        for n in range(100)
    }  # fmt: skip
    for place in range(1_000):
        organisations = frozenset(chance.sample([f"o{m}" for m in range(50)], 2))
        need = Need(
            frozenset({chance.choice(fields)}), frozenset({chance.choice(["01", "92"])}), organisations
        )
        chosen = assignment.choose(list(desks.values()), need, TODAY)
        assert chosen is not None
        own = desks[chosen.broker_id]
        assert not own.interests & organisations, "nobody brokers where he has an interest"
        desks[own.id] = broker(
            own.id, fields=own.fields, provinces=own.provinces, interests=own.interests, capacity=30,
            load=own.load + 1, waited=place,
        )  # fmt: skip
    return {one.id: one.load for one in desks.values()}


def gini(values: list[int]) -> float:
    ordered, n = sorted(values), len(values)
    return sum((2 * place - n - 1) * value for place, value in enumerate(ordered, 1)) / (n * sum(ordered))


# -- grades -----------------------------------------------------------------------------------------------------------


def entries(*said: tuple[str, str], document: bool = False) -> list[Entry]:
    """A claim by the first, then what the others do about it."""
    body = {"contract_hash": "ab" * 32} if document else {}
    return [Entry(n, kind, side, 1, body if n == 1 else {}) for n, (kind, side) in enumerate(said, 1)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "document", "brokered", "grade"),
    [
        ([("claim", "demand")], False, True, "D"),
        ([("claim", "broker")], True, True, "D"),
        ([("claim", "demand")], True, True, "C"),
        ([("claim", "broker"), ("attest", "offer")], False, True, "C"),
        ([("claim", "demand"), ("attest", "demand"), ("attest", "demand")], False, True, "D"),
        ([("claim", "demand"), ("attest", "offer")], False, True, "B"),
        ([("claim", "demand"), ("attest", "offer")], True, True, "B"),
        ([("claim", "demand"), ("attest", "offer")], True, False, "A"),
        ([("claim", "demand"), ("attest", "offer"), ("attest", "broker")], True, True, "A"),
        ([("claim", "demand"), ("attest", "offer"), ("attest", "broker")], False, True, "B"),
    ],
)
def test_evidence_has_its_grade(
    said: list[tuple[str, str]], document: bool, brokered: bool, grade: str
) -> None:
    found = grading.outcome(entries(*said, document=document), brokered=brokered)
    assert found is not None
    assert found.grade == grade


def test_a_disputed_outcome_counts_only_when_the_dispute_is_over() -> None:
    agreed = [("claim", "demand"), ("attest", "offer"), ("dispute", "broker")]
    found = grading.outcome(entries(*agreed), brokered=True)
    assert found is not None
    assert (found.grade, found.counts) == ("B", False)
    settled = grading.outcome(entries(*agreed, ("settle", "broker")), brokered=True)
    assert settled is not None
    assert settled.counts


def test_a_new_claim_has_to_be_attested_anew() -> None:
    said = [*entries(("claim", "demand"), ("attest", "offer")), Entry(3, "claim", "offer", 3, {})]
    found = grading.outcome(said, brokered=False)
    assert found is not None
    assert (found.claim.n, found.grade) == (3, "D")


@pytest.mark.parametrize("shares", [["99,99"], ["50", "50,01"], ["100", "0,001"], ["-1", "101"], ["abc"]])
def test_a_fee_is_split_into_exactly_a_hundred(shares: list[str]) -> None:
    form = {"form": "equipment", "signed_on": "1/12/2026"}
    with pytest.raises(Invalid) as refusal:
        claims.read(form, names=["Sàn"] * len(shares), shares=shares)
    assert refusal.value.problems[0].path.startswith("split.")


def test_a_right_split_is_kept_as_it_was_said() -> None:
    form = {"form": "equipment", "signed_on": "1/12/2026", "fee": "60 triệu"}
    body = claims.read(form, names=["Sàn", "Môi giới", "", ""], shares=["33,33", "66.67", "", ""])
    assert body["split"] == [{"name": "Sàn", "share": "33.33"}, {"name": "Môi giới", "share": "66.67"}]
    assert body["fee"] == {"amount": 60_000_000, "currency": "VND"}


# -- rights in the way ------------------------------------------------------------------------------------------------

PLACES, USES = ("VN", "LA", "KH"), ("10", "11", "26")
FORMS = (
    "ownership_assignment",
    "exclusive_licence",
    "sole_licence",
    "non_exclusive_licence",
    "consulting_training",
)


def some_grant(chance: random.Random, n: int) -> Grant:
    first = TODAY + timedelta(days=chance.randrange(30))
    last = None if chance.random() < 0.2 else first + timedelta(days=chance.randrange(15))
    return Grant(
        str(n), chance.choice(FORMS), chance.choice("abc"), first, last,
        frozenset(chance.sample(PLACES, chance.randrange(3))), frozenset(chance.sample(USES, chance.randrange(3))),
    )  # fmt: skip


def cells(grant: Grant) -> set[tuple[str, str, int]]:
    """Every place, use and day a grant covers, counted out one by one."""
    first = (grant.first - TODAY).days
    days = range(first, 60 if grant.last is None else (grant.last - TODAY).days + 1)
    return {(p, u, d) for p in grant.territory or PLACES for u in grant.uses or USES for d in days}


def test_collisions_are_those_that_counting_cell_by_cell_finds() -> None:
    chance = random.Random(3)
    shutting = {"ownership_assignment", "exclusive_licence", "sole_licence"}
    for n in range(2_500):
        live = [some_grant(chance, m) for m in range(4)]
        asked = some_grant(chance, n)
        by_hand = [
            one for one in live
            if one.holder != asked.holder and "consulting_training" not in (one.form, asked.form)
            and {one.form, asked.form} & shutting and cells(one) & cells(asked)
        ]  # fmt: skip
        assert list(collisions(asked, live)) == by_hand
        assert all(collides(one, asked) == collides(asked, one) for one in live)


def test_a_section_of_industry_meets_its_divisions() -> None:
    assert "10" in divisions(["C"])
    assert divisions(["10"]) == {"10"}


# -- what a file really is --------------------------------------------------------------------------------------------


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            # Of one day, for the bytes name the test, and every worker must give it the same name.
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/")), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word__document.xml": b"<w/>"}
CLEAN = lambda data: ""  # noqa: E731 - a scanner that finds nothing


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (b"%PDF-1.7 x", ".pdf"), (b"\x89PNG\r\n\x1a\nx", ".png"), (b"\xff\xd8\xff\xe0", ".jpg"),
        ("Báo giá".encode(), ".txt"), (packed(**WORD), ".docx"),
        (packed(**{"[Content_Types].xml": b"", "xl__workbook.xml": b""}), ".xlsx"),
    ],
)  # fmt: skip
def test_what_is_taken(data: bytes, ending: str) -> None:
    assert examined(data, CLEAN).ending == ending


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (EICAR, "upload.infected"),
        (b"%PDF-1.7 <script>alert(1)</script>", "upload.two_things"),
        (b"\x89PNG\r\n\x1a\n" + packed(a=b"x"), "upload.two_things"),
        (b"MZ\x90\x00\xff", "upload.type"),
        (b"<svg onload=alert(1)>", "upload.type"),
        (b"<?php system(1); ?>", "upload.type"),
        (packed(a=b"x"), "upload.type"),
        (packed(**WORD, **{"..__..__etc__passwd": b"x"}), "upload.type"),
        (packed(**WORD, word__vbaProject=b"", **{"word__vbaProject.bin": b"x"}), "upload.macros"),
        (packed(**WORD, **{"word__vbaproject.BIN": b"x"}), "upload.macros"),
        (packed(**{**WORD, "[Content_Types].xml": b"<Types macroEnabled/>"}), "upload.macros"),
        (packed(**WORD)[:60], "upload.damaged"),
    ],
)
def test_what_lies_about_itself_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        examined(data, CLEAN)
    assert refusal.value.code == code


def test_an_archive_that_unpacks_to_too_much_is_refused_unopened() -> None:
    bomb = packed(**WORD, **{"word__media.bin": b"\0" * 210_000_000})
    with pytest.raises(Refused) as refusal:
        examined(bomb, CLEAN)
    assert refusal.value.code == "upload.unpacks_too_large"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: OK\0", ""),
        (b"stream: Eicar FOUND\0", "upload.infected"),
        (b"", "upload.scanner_away"),
        (b"\0", "upload.scanner_away"),
        (b"INSTREAM size limit exceeded. ERROR\0", "upload.scanner_away"),
    ],
)
def test_only_a_scanner_that_says_so_lets_pass(answer: bytes, code: str) -> None:
    with scanner(answer) as url, pytest.raises(Refused) if code else nullcontext() as refusal:
        examined(b"%PDF-1.7", open_clamd(url))
    assert not code or refusal.value.code == code


@contextmanager
def scanner(answer: bytes) -> Iterator[str]:
    """A server that takes one file and says this of it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while not connection.recv(4096).endswith(b"\0\0\0\0"):
                    pass
                connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"clamd://127.0.0.1:{listening.getsockname()[1]}"
        serving.join()


def test_what_the_scanner_finds_is_refused() -> None:
    with pytest.raises(Refused):
        examined(b"%PDF-1.7", lambda data: "Win.Test")
