"""A national exchange that reads a repository of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from marketplace import harvesting
from marketplace.models.feed import Published
from marketplace.models.sources import Source
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.sync import source_sheets, sources
from marketplace.services.sync.source_sheets import Standing
from marketplace.services.sync.sources import Entered
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.market import settle
from tests.support.repository import Entry, Repository

NODE = "kho-oai"
OPERATOR = Actor("operator", staff=frozenset({"operator"}))
ADMIN = Actor("admin", staff=frozenset({"admin"}))
DAY = timedelta(days=1)
HTML = b"<!DOCTYPE html><html><body>We are moving</body></html>"


def titles(*numbers: int) -> set[str]:
    return {f"Máy số {number}" for number in numbers}


def goes_only_when_confirmed(reading: Reading, *, before: int, after: int) -> Standing:
    """What is missing of a list that lost more than a fifth: nobody archives it until a person has looked, nor before it
    was missing for seven days; how it stands then."""
    for _ in range(10):
        standing = reading.run()
        assert (standing.alarms, standing.records) == (("suspicious_zero",), before)
    with begin(reading.national) as work:
        sources.decide(work, OPERATOR, NODE, "confirm")
    for _ in range(7):
        assert reading.run().records == before
    standing = reading.run()
    assert (standing.records, standing.alarms) == (after, ())
    return standing


@dataclass
class Reading:
    """The exchange, the repository, and the clock between two passes."""

    national: Runtime
    there: Repository
    clock: HandMovedClock

    def enter(self, kind: str = "offer", way: str = "oai") -> None:
        said = Entered(NODE, "Kho tư liệu", "Repository", self.there.url, kind=kind, format=way)
        with begin(self.national) as work:
            sources.enter(work, OPERATOR, said)

    def approve(self) -> None:
        with begin(self.national) as work:
            sources.approve(work, ADMIN, NODE)

    def run(self, after: timedelta = timedelta(days=1)) -> Standing:
        """Read to the end, and a day later, so that the next pass has its own time."""
        self.there.now = f"{self.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        harvesting.harvest_source(self.national, NODE)
        self.clock.move(after)
        return self.standing()

    def decide(self, choice: str) -> Standing:
        with begin(self.national) as work:
            sources.decide(work, OPERATOR, NODE, choice)
        return self.run()

    def standing(self) -> Standing:
        with look(self.national) as work:
            return source_sheets.sheet(work, SYSTEM, NODE).standing

    def source(self) -> Source:
        with look(self.national) as work:
            found = work.session.get_one(Source, NODE)
            work.session.expunge(found)
        return found

    def shown(self) -> dict[str, str]:
        """Title -> uid of what is public from there."""
        with look(self.national) as work:
            rows = work.session.execute(
                select(Published.id, Published.body).where(Published.origin == NODE, Published.op == "upsert")
            ).all()
        titled = [(next(iter(body["content"]["texts"].values()))["title"], uid) for uid, body in rows]
        assert len(dict(titled)) == len(titled), titled
        return dict(titled)

    def settle(self) -> None:
        settle(self.national)


def entry(number: int, title: str = "", **more: object) -> Entry:
    """A record with a DOI of its own, each a day later than the one before."""
    return Entry(
        f"oai:cu:{number}", title or f"Máy số {number}", f"2026-10-{number:02d}T00:00:00Z",
        **{"more": (("identifier", f"doi:10.1234/{number}"),), **more},
    )  # fmt: skip
