"""What was proposed and granted for industries of the list before is of those of today after the upgrade, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace import schema
from marketplace.models.outcomes import Licence
from marketplace.models.rooms import Proposal
from marketplace.runtime import Runtime
from marketplace.work import begin, look
from tests.support.cases import open_case
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, own_database
from tests.support.market import content, publish
from tests.support.members import enterprise, join
from tests.support.places import MEMBER

BEFORE, NOW = ["45", "J", "K", "62"], ["46", "47", "62", "95", "J", "K", "L"]


def uses(runtime: Runtime) -> tuple[list[str], list[str]]:
    with look(runtime) as work:
        licence = work.session.scalars(select(Licence)).one()
        return licence.uses, work.session.scalars(select(Proposal)).one().terms["uses"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def migrated(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An exchange whose tables were made by the migrations, not from the models."""
    settings = embedded_settings(tmp_path)
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(own_database(with_tables=False))
            settings = replace(settings, database_url=url)
        runtime = Runtime(settings, clock)
        schema.upgrade(runtime.database)
        yield runtime
        runtime.close()


def test_uses_are_read_through_the_table_and_back(migrated: Runtime) -> None:
    _a_case(migrated)
    schema.move(migrated.database, "compiled_listings")
    with begin(migrated) as work:
        work.session.scalars(select(Licence)).one().uses = BEFORE
        proposal = work.session.scalars(select(Proposal)).one()
        proposal.terms = {**proposal.terms, "uses": BEFORE}
    schema.upgrade(migrated.database)
    assert uses(migrated) == (NOW, NOW)
    schema.move(migrated.database, "compiled_listings")
    assert uses(migrated) == (["46", "47", "62", "95", "J", "K"],) * 2
    schema.upgrade(migrated.database)


def _a_case(runtime: Runtime) -> None:
    (offer,) = publish(runtime, content("offer", "Trạm đo độ mặn"), owner="Viện")
    home = enterprise(runtime, "Hợp tác xã")
    join(runtime, MEMBER, "owner", home)
    (demand,) = publish(runtime, content("demand", "Cần đo độ mặn"), owner="Hợp tác xã")
    open_case(runtime, demand, offer, MEMBER)
