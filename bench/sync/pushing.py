"""From the commit on a local exchange to a listing that is found nationally, by two real processes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.sync import one_by_one
from bench.sync.floor import floor, taken_in
from bench.sync.making import file_of
from bench.sync.stage import LOOK, Stage, stage
from scripts.chaos.world import Silent

ONE_BY_ONE = 200
FLOOR_OF = 20_000
LATENCY = 0.05
"""Seconds each way: a request and its answer are on their way for twice as long."""


def load(count: int, *, servers: bool) -> None:
    """The first full load. The local exchange has its own index already; it enrols, is let in, and sends all it has."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with stage(place, file_of(place / "rows.jsonl", count), servers=servers) as both:
            both.introduce()
            began = time.perf_counter()
            both.local.ask("push")
            rate = count / both.until_arrived(count, began)
            found = floor(both.national, place, servers=servers, most=FLOOR_OF)
            _, _, documents = taken_in(both.national, ONE_BY_ONE)
        each = one_by_one.rate(place, documents, servers=servers)
    print(
        f"first full load of {count:,}: {rate:,.0f} records/s, e = {rate / found.rate:.2f} of the floor (wanted 0.30), "
        f"{rate / each:.0f} times the way of one by one (wanted 20)"
    )


def steady(count: int, edits: int, *, servers: bool) -> None:
    """Revisions over a line of 50 ms: first such as are in the local index already, then others while they are committed
    one batch after the other, on the same two processors as all that takes them further."""
    edits = min(edits, count)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = file_of(place / "rows.jsonl", count)
        first, later = (
            file_of(place / f"{mark}.jsonl", edits, mark=f"Bản {mark}.") for mark in ("hai", "ba")
        )
        with stage(place, rows, servers=servers, latency=LATENCY) as both:
            head = _in_step(both, count)
            rate = edits / _after_a_cut(both, first, head + edits)
            began = time.perf_counter()
            _edited(both, later)
            meanwhile = edits / both.until_arrived(head + 2 * edits, began)
            found = floor(both.national, place, servers=servers, most=FLOOR_OF)
            _, _, documents = taken_in(both.national, ONE_BY_ONE)
        each = one_by_one.rate(place, documents, servers=servers, latency=LATENCY)
    print(
        f"steady push of {edits:,} revisions over a line of {LATENCY * 1_000:.0f} ms each way: "
        f"{rate:,.0f} records/s, e = {rate / found.rate:.2f} of the floor (wanted 0.20); "
        f"while they are being written {meanwhile:,.0f}/s, {meanwhile / found.rate:.2f}; "
        f"{rate / each:.0f} and {meanwhile / each:.0f} times the way of one by one over the same line (wanted 20)"
    )


def cut(count: int, edits: int, *, servers: bool) -> None:
    """The line is cut, people go on; when it is back, how long until everything is found nationally.

    What three days do to the sender is its pause of a quarter of an hour: here the operator's «try now» ends it.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = file_of(place / "rows.jsonl", count)
        changed = file_of(place / "changed.jsonl", min(edits, count), mark="Bản sửa.")
        with stage(place, rows, servers=servers) as both:
            took = _after_a_cut(both, changed, _in_step(both, count) + min(edits, count))
    print(
        f"{min(edits, count):,} edits during a cut, caught up in {took:.0f} s, {min(edits, count) / took:,.0f} records/s "
        f"(wanted 50,000 in 300 s, 167/s)"
    )


def _in_step(both: Stage, count: int) -> int:
    """Everything is there; the head of the local feed."""
    both.introduce()
    both.local.ask("push")
    both.until_arrived(count, time.perf_counter())
    return int(both.local.ask("state")["head"])


def _after_a_cut(both: Stage, changed: Path, head: int) -> float:
    """Seconds until everything that was changed while the line was cut, and indexed here, is found nationally."""
    both.proxy.cut.set()
    _edited(both, changed)
    _indexed_here(both, head)
    both.proxy.cut.clear()
    began = time.perf_counter()
    both.local.ask("push")
    return both.until_arrived(head, began)


def _edited(both: Stage, changed: Path) -> None:
    """Raises `Silent` when not every row became a revision."""
    counts = both.local.ask("load", path=str(changed))["counts"]
    if set(counts) != {"revised"}:
        raise Silent(f"not all rows became revisions: {counts}")


def _indexed_here(both: Stage, head: int) -> None:
    while True:
        state = both.local.ask("state")
        if not state["dirty"] and state["head"] >= head and state["indexed"] == state["head"]:
            return
        time.sleep(LOOK)
