"""Layer (b): generated steps on two real applications with their databases and indices, and what must hold after each.

The network between them is cut, loses answers and brings requests twice; processes of the sender come and go; the clock
moves. In the end all heals, and both sides must be equal and the national search must find exactly what is live.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import Phase as Part
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from exchange.reconcile import root
from exchange.sender import Phase
from marketplace import sync_key
from marketplace.enrolling import enrol
from marketplace.models.exchanges import Replica
from marketplace.models.feed import Published
from marketplace.models.peers import Inbound
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import catalogue, owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, enrolment, lines, outgoing
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from search.query import Query
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import opened
from tests.support.market import content, settle
from tests.support.network import NATIONAL, Wires, let_in, local_settings, national_settings
from tests.sync.test_pushing import withdraw

LISTINGS = st.integers(0, 5)
WORDS = ("khoai", "chanh", "nghêu", "vừng", "quế", "gạo")
"""One word a listing, by which the search finds it and no other."""


class Exchanges(RuleBasedStateMachine):
    """A national and a local exchange. `expected`: listing -> the title it must have, or None once it is withdrawn."""

    lives: ClassVar[int] = 0
    """How many have ended equal since it was last set."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ExitStack()
        folder = Path(self.held.enter_context(tempfile.TemporaryDirectory()))
        self.clock, self.wires = HandMovedClock(), Wires()
        self.national = self._opened(national_settings(folder / "national"))
        self.local = self._opened(local_settings(folder / "local", "can-tho", 9101))
        sync_key.ensure(self.national.settings.key_file)
        self.wires.apps[NATIONAL] = application(self.national)
        self.expected: dict[int, str | None] = {}
        self.uids: dict[int, str] = {}
        self.acked = 0

    def _opened(self, settings_: object) -> Runtime:
        runtime = self.held.enter_context(opened(settings_, self.clock))  # type: ignore[arg-type]
        runtime.peers = self.wires
        return runtime

    @initialize()
    def get_in_touch(self) -> None:
        with begin(self.national) as work:
            invited = enrolment.invite(work, SYSTEM, "can-tho")
        enrol(self.local, invited.token, sync_key.read(self.national.settings.key_file).public.fingerprint)
        let_in(self.national, self.local)
        self.uplink = Uplink(self.local, chance=lambda: 0.0)

    # -- people --------------------------------------------------------------------------------------------------------

    @rule(number=LISTINGS, said=st.integers(1, 9))
    def write(self, number: int, said: int) -> None:
        if self.expected.get(number, "") is None:
            return
        title = f"Máy chế biến {WORDS[number]} kiểu {said}"
        with begin(self.local) as work:
            owner = owners.find_or_create(work, "Viện Thử nghiệm")
            item = Item(f"s{number}", title, content("offer", title))
            (outcome,) = post_many(work, SYSTEM, owner.id, [item], publish=True)
        self.expected[number], self.uids[number] = title, outcome.uid

    @rule(number=LISTINGS)
    def take_away(self, number: int) -> None:
        if self.expected.get(number):
            withdraw(self.local, self.uids[number])
            self.expected[number] = None

    # -- the world -----------------------------------------------------------------------------------------------------

    @rule()
    def cut_the_wire(self) -> None:
        self.wires.cut.add(NATIONAL)

    @rule()
    def lose_answers(self) -> None:
        self.wires.lost_answers.add(NATIONAL)

    @rule()
    def mend_the_wire(self) -> None:
        self.wires.cut.clear()
        self.wires.lost_answers.clear()

    @rule()
    def bring_a_request_again(self) -> None:
        if self.wires.sent:
            self.wires.deliver(self.wires.sent[-1])

    @rule()
    def start_the_sender_anew(self) -> None:
        self.uplink.give_back()
        self.uplink = Uplink(self.local, chance=lambda: 0.0)

    @rule(seconds=st.sampled_from((1, 70, 400, 4_000)))
    def wait(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule(steps=st.integers(1, 4))
    def send(self, steps: int) -> None:
        drain([Sequencer(self.local)])
        for _ in range(steps):
            self.uplink.turn()

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def i13_what_was_acknowledged_never_becomes_less(self) -> None:
        with look(self.national) as work:
            acked = work.session.scalar(select(func.max(Inbound.acked_seq))) or 0
        assert acked >= self.acked
        self.acked = acked

    @invariant()
    def i2_nothing_is_there_that_its_home_has_not_published(self) -> None:
        with look(self.national) as work:
            there = {row.uid: row.rev for row in work.session.execute(select(Replica.uid, Replica.rev))}
        with look(self.local) as work:
            here = {row.id: row.rev for row in work.session.execute(select(Published.id, Published.rev))}
        assert all(rev <= here[uid] for uid, rev in there.items())

    def teardown(self) -> None:
        try:
            if hasattr(self, "uplink"):
                self._heal()
                self._equal()
                Exchanges.lives += 1
        finally:
            self.held.close()

    def _heal(self) -> None:
        self.mend_the_wire()
        for _ in range(4):
            self.clock.move(timedelta(seconds=1_000))
            with begin(self.local) as work:
                choosing.compare(work, SYSTEM)
            drain([Sequencer(self.local), self.uplink])
        settle(self.national)

    def _equal(self) -> None:
        with look(self.local) as work:
            line = outgoing.line(work)
            mine = root(lines.believed(work))
        assert line is not None
        assert line.sender.phase is Phase.IDLE, line.sender
        with look(self.national) as work:
            assert root(lines.held(work, "can-tho")) == mine
            assert mine.count == len(self.uids)
            for number, title in self.expected.items():
                found = [
                    one.listing for one in catalogue.search(work, Query(text=WORDS[number])).findings
                    if one.listing.uid == self.uids[number]
                ]  # fmt: skip
                assert [one.content.title for one in found] == ([title] if title else [])


def play(examples: int, steps: int, *, same: bool) -> int:
    """How many lives were led; each has ended with both sides equal."""
    Exchanges.lives = 0
    run_state_machine_as_test(
        Exchanges,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=same,
            phases=[Part.generate],
        ),
    )  # type: ignore[no-untyped-call]
    return Exchanges.lives


def test_two_real_exchanges_end_equal_whatever_is_done_to_them() -> None:
    assert play(3, 12, same=True) == 3


@pytest.mark.soak
def test_two_real_exchanges_end_equal_through_long_lives() -> None:
    assert play(40, 40, same=False) == 40
