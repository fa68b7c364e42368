"""Reading a source to the end of its list: a page at a time, each fetched while no transaction is open."""

from __future__ import annotations

import logging
from dataclasses import replace

from exchange.dcat_pages import read_catalogue
from exchange.jsonld import MOST_BYTES as MOST_OF_JSON
from exchange.markup import MOST_BYTES
from exchange.oai_identity import MOST_BYTES as MOST_OF_IDENTITY
from exchange.oai_identity import Identity, read_identity
from exchange.oai_pages import Harvest, Page, read_page
from exchange.problems import Refused
from marketplace import feeding
from marketplace.network import Barred, Unreachable
from marketplace.runtime import Runtime
from marketplace.services.sync import harvest, settling
from marketplace.services.sync.settling import Upcoming
from marketplace.work import begin

log = logging.getLogger("giao.sync")

AT_ONCE = 200
"""Records of one transaction: a page may have thousands."""
READ_OF_DCAT = "application/ld+json,application/json;q=0.9,application/rdf+xml;q=0.8,text/turtle;q=0.7,application/xml;q=0.5"


def harvest_source(runtime: Runtime, node_id: str) -> None:
    """Do what somebody has decided, go on with the pass under way or begin one, and settle it.

    What goes wrong at the source becomes its alarm. Raises `Conflict` when it is not to be read, or read elsewhere.
    """
    with begin(runtime) as work:
        harvest.begin_pass(work, node_id)
    while _turn(runtime, node_id):
        pass


def _turn(runtime: Runtime, node_id: str) -> bool:
    with begin(runtime) as work:
        upcoming = settling.advance(work, node_id)
    if not upcoming.url:
        return upcoming.more
    if upcoming.identifies:
        return _identify(runtime, node_id, upcoming)
    try:
        read = feeding.read_on if upcoming.format == harvest.FEED else _read
        return read(runtime, node_id, upcoming)
    except Unreachable as error:
        return _failed(runtime, node_id, upcoming, "unreachable", str(error))
    except Barred as error:
        return _failed(runtime, node_id, upcoming, "refused", str(error))
    except Refused as refused:
        return _failed(runtime, node_id, upcoming, "refused", refused.problem.detail)


def _identify(runtime: Runtime, node_id: str, upcoming: Upcoming) -> bool:
    """Note how the source can be asked. One that does not say so is read all the same, always its whole list."""
    try:
        identity = read_identity(runtime.elsewhere.read(upcoming.url, most=MOST_OF_IDENTITY))
    except (Unreachable, Barred, Refused):
        identity = Identity()
    with begin(runtime) as work:
        harvest.identified(work, node_id, upcoming.step, identity)
    return True


def _read(runtime: Runtime, node_id: str, upcoming: Upcoming) -> bool:
    """Fetch a page and keep it. Raises `Unreachable`, `Barred` or `Refused` when it cannot be had."""
    page = _page(runtime, upcoming)
    *parts, last = _in_parts(page.records)
    step = upcoming.step
    try:
        for part in parts:
            with begin(runtime) as work:
                step = harvest.take_some(work, node_id, step, part)
        with begin(runtime) as work:
            harvest.take(work, node_id, step, page, last)
    except Refused as refused:
        upcoming = replace(upcoming, step=step)
        return _failed(runtime, node_id, upcoming, "refused", refused.problem.detail, anew=True)
    return True


def _page(runtime: Runtime, upcoming: Upcoming) -> Page:
    if upcoming.format == harvest.DCAT:
        raw = runtime.elsewhere.read(upcoming.url, most=MOST_OF_JSON, accept=READ_OF_DCAT)
        return read_catalogue(raw, upcoming.url)
    return read_page(runtime.elsewhere.read(upcoming.url, most=MOST_BYTES))


def _in_parts(records: tuple[Harvest, ...]) -> list[tuple[Harvest, ...]]:
    """So many that nobody waits long for the transaction that keeps them; at least one part, be it empty."""
    starts = range(0, max(1, len(records)), AT_ONCE)
    return [records[start : start + AT_ONCE] for start in starts]


def _failed(
    runtime: Runtime, node_id: str, upcoming: Upcoming, alarm: str, detail: str, *, anew: bool = False
) -> bool:
    log.warning("a source could not be read", extra={"action": "harvest", "object": node_id})
    with begin(runtime) as work:
        harvest.fail(work, node_id, upcoming.step, alarm, detail, anew=anew)
    return False
