"""People with an account who can sign in on the page, in the organisations they work for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from sqlalchemy import select

from marketplace.db import new_id
from marketplace.models.accounts import Membership, User
from marketplace.runtime import Runtime
from marketplace.services import accounts, listings, sessions
from marketplace.services.accounts import Registration
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin
from tests.support.people import organisation
from vocabulary.listing import Content

PASSWORD = "ruộng bậc thang mùa nước đổ"


def registering(email: str, name: str) -> Registration:
    """What somebody with `PASSWORD` asks who opens an account."""
    return replace(_somebody(), email=email, name=name)


@cache
def _somebody() -> Registration:
    """Made once: the hash of a password is meant to cost as much as a dozen tests."""
    return accounts.registration(
        email="ai.do@example.org", name="Ai Đó", password=PASSWORD, language="vi",
        terms_version=accounts.TERMS_VERSION,
    )  # fmt: skip


def join(runtime: Runtime, email: str, role: str, organisation_id: str, *, name: str = "Trần Minh") -> str:
    """A new confirmed account that holds `role` in this organisation; its id."""
    with begin(runtime) as work:
        user_id = accounts.open_account(work, SYSTEM, registering(email, name))
        work.session.add(
            Membership(
                id=new_id(), user_id=user_id, organisation_id=organisation_id, role=role, since=work.now
            )
        )
    return user_id


def enterprise(runtime: Runtime, name: str = "Hợp tác xã Tôm Năm Căn") -> str:
    """A new organisation; its id."""
    with begin(runtime) as work:
        return organisation(work, name)


def send_for_review(runtime: Runtime, organisation_id: str, content: Content) -> str:
    """A listing that waits for a moderator; its uid."""
    owner = Actor(name="Trần Minh", roles={organisation_id: frozenset({"owner"})}, confirmed=True)
    with begin(runtime) as work:
        return listings.post(work, owner, organisation_id, content, submit=True).uid


def session_of(runtime: Runtime, email: str) -> str:
    """The secret of a new session, as a browser would hold it after signing in."""
    with begin(runtime) as work:
        user_id = work.session.scalars(select(User.id).where(User.email == email)).one()
        return sessions.open_for(work, user_id, agent="tests")


def moderator(runtime: Runtime, email: str = "duyet@example.org") -> str:
    """Somebody who moderates this exchange; the e-mail to sign in with."""
    with begin(runtime) as work:
        own = organisation(work, "Sàn thử nghiệm", is_exchange=True)
    join(runtime, email, "moderator", own, name="Lê Thu")
    return email
