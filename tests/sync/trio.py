"""One national exchange and two local ones, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from marketplace import sync_key
from marketplace.enrolling import enrol
from marketplace.models.clusters import Candidate, NationalId
from marketplace.models.listings import Listing
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.sync import decisions, enrolment
from marketplace.services.sync.decisions import Suggestion
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.furnished import furnished
from tests.support.market import content, publish, settle
from tests.support.network import approve, local_settings
from tests.support.people import person
from tests.support.twins import PATENT, SAYS, TITLE
from tests.sync.conftest import Pair
from vocabulary.listing import Content, Text


@contextmanager
def three(pair: Pair, folder: Path) -> Iterator[Trio]:
    """The two that are in touch, and another local exchange."""
    with opened(local_settings(folder / "other", "hue", 9102), pair.clock) as other:
        other.peers = pair.wires
        furnished(let_third_in, pair.national, pair.local, other)
        yield Trio(pair.national, pair.local, other, pair.clock)


def let_third_in(national: Runtime, _: Runtime, other: Runtime) -> None:
    with begin(national) as work:
        invited = enrolment.invite(work, SYSTEM, "hue")
        admins = [replace(person(work, name, {}), staff=frozenset({"admin"})) for name in ("An", "Bình")]
    enrol(other, invited.token, sync_key.read(national.settings.key_file).public.fingerprint)
    approve(national, (admins[0], admins[1]), other)


@dataclass
class Trio:
    national: Runtime
    one: Runtime
    other: Runtime
    clock: HandMovedClock

    def __post_init__(self) -> None:
        self.posted: dict[str, tuple[Runtime, str, str, Content]] = {}
        self.uplinks = [Uplink(local, chance=lambda: 0.0) for local in (self.one, self.other)]

    def settle(self) -> None:
        """All is sent and taken in, and what the national exchange says of it has come back with the heartbeat."""
        self.talk()
        settle(self.national)
        self.talk()

    def talk(self) -> None:
        """Both homes send what they have, and hear what is said of it."""
        self.clock.move(timedelta(seconds=61))
        for uplink in self.uplinks:
            drain([Sequencer(uplink.runtime), uplink])

    def offer(self, home: Runtime, title: str = TITLE, *, owner: str = "Sao Mai", **more: object) -> str:
        place = len(self.posted)
        said = content("offer", title, SAYS).revised(**more)
        uid = publish(home, said, owner=owner, start=place)[0]
        self.posted[uid] = (home, owner, f"{owner}-{place}", said)
        return uid

    def revise(self, uid: str, **changes: object) -> None:
        """The home publishes a new revision."""
        home, name, source, said = self.posted[uid]
        said = said.revised(**changes)
        self.posted[uid] = (home, name, source, said)
        with begin(home) as work:
            organisation = owners.find_or_create(work, name)
            item = Item(source, str(said), said)
            (outcome,) = post_many(work, SYSTEM, organisation.id, [item], publish=True)
        assert (outcome.uid, outcome.result) == (uid, "revised"), outcome

    def retitle(self, uid: str, title: str) -> None:
        said = self.posted[uid][3]
        self.revise(uid, texts={"vi": Text(title=title, description=said.text.description)})

    def linked(self) -> tuple[str, str]:
        """The same patent of the same owner, on both."""
        pair = (
            self.offer(self.one, rights=(PATENT,), owner="Công ty TNHH Sao Mai"),
            self.offer(self.other, rights=(PATENT,), owner="Sao Mai JSC"),
        )
        self.settle()
        return pair

    def suggested(self, home: Runtime, uid: str) -> Suggestion:
        with look(home) as work:
            (found,) = decisions.of_listing(work, uid)
        return found

    def answer(self, home: Runtime, uid: str, said: str, note: str = "") -> None:
        suggestion = self.suggested(home, uid)
        with begin(home) as work:
            decisions.answer(work, owner(home, uid), suggestion.uid, said, note)

    def candidate(self) -> Candidate:
        with look(self.national) as work:
            one = work.session.scalars(select(Candidate)).one()
            work.session.expunge(one)
        return one

    def known_as(self) -> dict[str, tuple[str, str, str]]:
        """Record -> its national id, the one by which it is known, and the record that stands for it."""
        with look(self.national) as work:
            rows = work.session.scalars(select(NationalId))
            return {row.uid: (row.national_id, row.known_as, row.stands) for row in rows}


def owner(runtime: Runtime, uid: str) -> Actor:
    with look(runtime) as work:
        home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == uid))
    return Actor("owner", name="chủ hồ sơ", roles={str(home): frozenset({"owner"})}, confirmed=True)
