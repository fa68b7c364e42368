"""What the pure part of keeping in step costs: a comparison of many records."""

from __future__ import annotations

import time
from collections.abc import Sequence

from exchange.comparison import Compared, below, compare
from exchange.proof import Proof, ask, heard
from exchange.reconcile import Line


def comparing(count: int) -> None:
    """Both sides by turns, in one process."""
    lines = sorted(
        Line(f"local-a:offer:{number:026d}", 1, f"sha-256:{number:064x}") for number in range(count)
    )
    last = lines[-1]
    for what, theirs in (
        ("equal", lines),
        ("one record differs", [*lines[:-1], Line(last.uid, 2, last.hash)]),
    ):
        began, wall = time.process_time(), time.perf_counter()
        sent, found = _compared(lines, theirs)
        spent, wall = time.process_time() - began, time.perf_counter() - wall
        print(
            f"comparing {count:,}, {what}: {wall:.1f} s, {spent:.1f} s CPU for both sides (wanted 60 s), "
            f"{sent:,} bytes (wanted 1 MB), {found} found"
        )


def _compared(lines: Sequence[Line], theirs: Sequence[Line]) -> tuple[int, int]:
    proof, sent = Proof("e1", len(lines)), 0
    while not proof.over:
        asked = ask(proof, lambda prefix: below(lines, prefix) if prefix else lines)
        answer = compare(asked, below(theirs, asked.prefix) if asked.prefix else theirs).written()
        sent += len(asked.written()) + len(answer)
        proof = heard(proof, asked, Compared.read(answer))
    return sent, len(proof.found)
