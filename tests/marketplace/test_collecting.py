"""The collector of a process that serves: seldom at work, never away."""

from __future__ import annotations

import gc
import weakref

import pytest

from marketplace.collecting import NEW_OBJECTS, seldom


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_holds_itself_goes_all_the_same() -> None:
    with seldom():
        first = weakref.ref(Ring())
        later = [Ring() for _ in range(NEW_OBJECTS + 1)]
        assert first() is None
    assert later


@pytest.mark.parametrize("passed", [False, True])
def test_afterwards_it_comes_as_often_as_before_and_passes_what_it_passed(passed: bool) -> None:
    around = gc.get_freeze_count()
    (gc.freeze if passed else gc.unfreeze)()
    before = gc.get_threshold()
    with pytest.raises(KeyError) as stopped, seldom():
        raise KeyError(gc.get_threshold())
    assert stopped.value.args != (before,)
    assert gc.get_threshold() == before
    assert bool(gc.get_freeze_count()) == passed
    if around:
        gc.freeze()
