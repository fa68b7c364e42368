"""What is asked on the most visited pages is looked up, however many listings and matches there are.

On SQLite, which says in words how it reads; a condition it has no index for it answers by reading the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event

from marketplace.models.matches import IS_GOOD, Match
from marketplace.runtime import Runtime
from marketplace.services import brokers, figures, matches, profiles, promising, statistics
from marketplace.services.policy import Actor
from marketplace.work import Work, begin
from matching.model import BAR
from tests.brokerage.conftest import certified
from tests.support.market import content, publish, settle
from tests.support.people import organisation, person
from tests.support.stored_matches import store

WHOLE_TABLE = re.compile(
    r"SCAN (matches|published|listings|revisions|decisions|deals)\b(?! USING)|ix_listings_status_expires_at \(status=\?\)"
)
"""Nearly all listings have one status, so that an index of it leads to nearly all."""
Ask = Callable[[Work, Actor, str, str], object]


@contextmanager
def plans(work: Work) -> Iterator[list[str]]:
    """How SQLite reads for each statement meanwhile, a line a table."""
    lines: list[str] = []
    connection = work.session.connection()

    def note(_c: object, _s: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.dbapi_connection
            assert raw is not None
            rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()  # type: ignore[attr-defined]
            lines.extend(str(row[3]) for row in rows)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield lines
    finally:
        event.remove(connection, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda work, _, demand, __: matches.page(work, demand), id="matches of a demand"),
        pytest.param(lambda work, _, __, offer: matches.page(work, offer), id="matches of an offer"),
        pytest.param(lambda work, *_: figures.public(work), id="figures of the home page"),
        pytest.param(lambda work, _, demand, offer: matches.good(work, [demand, offer]), id="how many"),
        pytest.param(
            lambda work, broker, _, __: promising.page(work, broker, show="all"), id="promising pairs"
        ),
    ],
)
def test_no_table_is_read_whole(embedded: Runtime, ask: Ask) -> None:
    (demand,) = publish(embedded, content("demand", "Cần máy sấy"), owner="Trại")
    offers = publish(embedded, content("offer", "Máy sấy"), content("offer", "Lò sấy"), owner="Xưởng")
    settle(embedded)
    with begin(embedded) as work:
        office = organisation(work, "Sàn Môi giới")
        broker = person(work, "Phạm Nối", {office: ("broker",)})
        brokers.save(work, broker, office, certified())
        work.session.execute(delete(Match))
        store(work, [(demand, offer, 80_000) for offer in offers])
        with plans(work) as read:
            assert ask(work, broker, demand, offers[0])
    assert any("matches" in line for line in read)
    assert [line for line in read if WHOLE_TABLE.search(line)] == []


def test_candidates_are_looked_up_by_their_ids_however_many_listings_are_public(embedded: Runtime) -> None:
    """SQLite takes an index of what is public for the shorter way, where it is given one it could."""
    with begin(embedded) as work:
        snapshot = statistics.current(work)
        with plans(work) as read:
            profiles.ready(work, [f"test:offer:{n}" for n in range(300)], snapshot, {})
    (of_published,) = [line for line in read if " published " in line]
    assert of_published.endswith("(id=?)")


def test_what_is_over_the_bar_is_the_same_for_the_database_and_the_model() -> None:
    assert str(IS_GOOD) == f"total >= {BAR}"
