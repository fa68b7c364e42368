"""A case on its way between two published listings, for pages that show one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from marketplace.models.accounts import User
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import brokerage, brokers, claims, introductions, outcomes, rooms, term_sheets
from marketplace.services.policy import Actor
from marketplace.services.uploads import received
from marketplace.work import Work, begin
from tests.support.members import enterprise, join

BROKER, GIVER = "noi@example.org", "cung@example.org"


def open_case(runtime: Runtime, demand: str, offer: str, member: str) -> tuple[str, str]:
    """A case with something in every part of its room; the ids of the broker's entry and of the case.

    `member` is the address of somebody of the demand's side.
    """
    office = enterprise(runtime, "Văn phòng Môi giới")
    join(runtime, BROKER, "broker", office, name="Phạm Nối")
    with begin(runtime) as work:
        owner = _home(work, offer)
    join(runtime, GIVER, "editor", owner, name="Lê Cung")
    with begin(runtime) as work:
        broker = _actor(work, BROKER, {office: frozenset({"broker"})})
        said = brokers.entered(
            certificate="MG-0042", issuer="Cục Phát triển thị trường", certified_until=date(2099, 1, 1),
            fields=["4.1"], languages=["vi"], about="Mười năm làm nghề.",
        )  # fmt: skip
        entry = brokers.save(work, broker, office, said)
        asker = _actor(work, member, {_home(work, demand): frozenset({"owner"})})
        giver = _actor(work, GIVER, {owner: frozenset({"editor"})})
        answers = introductions.answers(
            aim="Đo mặn cho 55 ao.", ready="budgeted", open_point="Pin dùng bao lâu?"
        )
        deal = introductions.ask(work, asker, demand, offer, side="demand", said=answers)
        introductions.agree(work, giver, deal)
        for step in ("introduce", "negotiate"):
            brokerage.advance(work, broker, deal, step)
        rooms.write(work, asker, deal, "Khi nào giao được?", received(runtime, "yêu cầu.txt", b"4 cong"))
        rooms.add_task(work, broker, deal, title="Gửi sơ đồ", side="offer", due_on=date(2026, 1, 1))
        terms = {"form": "exclusive_licence", "amount": "1,5 tỷ", "first": "1/1/2027", "last": "31/12/2029"}
        term_sheets.propose(work, asker, deal, term_sheets.read(terms))
        term_sheets.answer(work, giver, deal, 1, "accepted")
        brokerage.advance(work, broker, deal, "agree")
        claim = {"form": "exclusive_licence", "value": "1,5 tỷ", "signed_on": "1/12/2026", "fee": "60 triệu"}
        outcomes.claim(work, broker, deal, claims.read(claim, names=["Văn phòng"], shares=["100"]))
    return entry, deal


def _actor(work: Work, email: str, roles: dict[str, frozenset[str]]) -> Actor:
    user = work.session.scalars(select(User).where(User.email == email)).one()
    return Actor(user.id, user.name, roles=roles, confirmed=True)


def _home(work: Work, uid: str) -> str:
    return work.session.scalars(select(Listing.organisation_id).where(Listing.uid == uid)).one()
