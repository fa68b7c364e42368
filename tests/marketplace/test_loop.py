"""A loop goes on after a failure, hears its bell, and stops when asked."""

from __future__ import annotations

import threading

from marketplace.bell import Bell
from marketplace.loop import Loop, stop_all

SOON = 20.0
NEVER = 3600.0


def test_while_there_is_more_to_do_it_does_not_wait() -> None:
    left, done = [3], threading.Event()

    def step() -> bool:
        left[0] -= 1
        if left[0] == 0:
            done.set()
        return left[0] > 0

    loop = Loop("more", step, every=NEVER)
    loop.start()
    assert done.wait(SOON)
    assert loop.stop(SOON)


def test_a_ring_cuts_the_wait_short() -> None:
    bell, steps = Bell(), threading.Semaphore(0)
    loop = Loop("rung", lambda: steps.release(), every=NEVER, bell=bell)
    loop.start()
    assert steps.acquire(timeout=SOON)
    bell.ring()
    assert steps.acquire(timeout=SOON)
    assert loop.stop(SOON)


def test_a_step_that_raises_is_taken_again() -> None:
    bell, tries = Bell(), threading.Semaphore(0)

    def step() -> bool:
        tries.release()
        raise ConnectionError("the database is away")

    loop = Loop("failing", step, every=NEVER, bell=bell)
    loop.start()
    assert tries.acquire(timeout=SOON)
    bell.ring()
    assert tries.acquire(timeout=SOON)
    assert loop.alive
    assert loop.stop(SOON)


def test_stopping_says_when_a_step_does_not_end() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def step() -> None:
        begun.set()
        go_on.wait(SOON)

    loop = Loop("slow", step, every=NEVER)
    loop.start()
    assert begun.wait(SOON)
    assert not loop.stop(0)
    go_on.set()
    assert loop.stop(SOON)


def test_all_are_asked_before_any_is_waited_for() -> None:
    begun, steps = threading.Barrier(3), []
    ended = threading.Barrier(2)

    def step() -> None:
        begun.wait(SOON)
        ended.wait(SOON)  # The two let each other go: neither ends while the other has not been reached.
        steps.append(1)

    loops = [Loop(f"loop-{number}", step, every=NEVER) for number in range(2)]
    for loop in loops:
        loop.start()
    begun.wait(SOON)
    stop_all(loops, SOON)
    assert steps == [1, 1]
    assert not any(loop.alive for loop in loops)
