"""`giao doctor --compare`: whether the index holds what the database publishes, and what to do where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from marketplace.commands.findings import Finding
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import comparing
from marketplace.services.comparing import Comparison, Difference, Kind
from marketplace.work import begin, look

NAMED = 200
"""Differences named one by one; of more a reindex is the remedy, and the number says so."""
MEND = {
    Kind.MISSING: "`giao doctor --mend` sends it through the feed once more.",
    Kind.STALE: "`giao doctor --mend` sends it through the feed once more.",
    Kind.AHEAD: "`giao reindex` fills a new index; in this one its version would win over every later one.",
    Kind.GHOST: "`giao doctor --mend` takes it out of the index.",
    Kind.HELD: "Correct the listing; its next version is tried again.",
}


def compared(runtime: Runtime, *, mend: bool) -> Iterator[Finding]:
    """Bring the index up to the feed, compare, and with `mend` do so again after mending. Raises `SearchError`."""
    catch_up(runtime)
    with look(runtime) as work:
        found = comparing.compare(work)
    if mend and found.mendable:
        with begin(runtime) as work:
            mended = comparing.mend(work, found)
        yield Finding("mended", True, f"{mended} differences: {_counted(found)}")
        if not catch_up(runtime):
            yield Finding(
                "compared", True, "the process that keeps the index is at it; compare again in a minute"
            )
            return
        with look(runtime) as work:
            found = comparing.compare(work)
    yield from _told(found)


def _told(found: Comparison) -> Iterator[Finding]:
    if not found.differences:
        count, digest = found.database.count, found.database.digest
        yield Finding("compared", True, f"{count:,} listings, database and index are equal ({digest[:20]}…)")
        return
    counts = f"{found.database.count:,} listings published, {found.index.count:,} in the index"
    many = "Run `giao doctor --mend`; where very many differ, `giao reindex`."
    yield Finding("compared", False, f"{counts}, {_counted(found)}", many)
    yield from map(_finding, islice(found.differences, NAMED))


def _finding(difference: Difference) -> Finding:
    places = [
        f"{where} {sequence}"
        for where, sequence in (("published as", difference.published), ("indexed as", difference.indexed))
        if sequence is not None
    ]
    told = ", ".join([difference.uid, *places, *([difference.why] if difference.why else [])])
    return Finding(difference.kind, False, told, MEND[difference.kind])


def _counted(found: Comparison) -> str:
    counts = ((kind, sum(one.kind is kind for one in found.differences)) for kind in Kind)
    return ", ".join(f"{count} {kind}" for kind, count in counts if count)
