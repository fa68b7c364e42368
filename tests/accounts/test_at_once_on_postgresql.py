"""An account is taken back at the moment in which somebody signs in: no session is left, whoever is first.

On SQLite one writes after the other; here both have begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace import passwords
from marketplace.errors import SignInNeeded
from marketplace.runtime import Runtime
from marketplace.services import accounts, credentials, sessions, sign_in, tokens
from marketplace.services.codes import Given
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.services.sign_in import Proof
from marketplace.work import Work, begin, look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.members import PASSWORD, registering
from tests.support.overlap import overlapping

pytestmark = pytest.mark.services

LAN = "lan@example.org"
Step = Callable[[Work], str]


@pytest.fixture
def exchange(tmp_path: Path, clock: HandMovedClock, server_database: str) -> Iterator[Runtime]:
    with opened(replace(embedded_settings(tmp_path), database_url=server_database), clock) as runtime:
        yield runtime


@pytest.fixture
def user_id(exchange: Runtime) -> str:
    with begin(exchange) as work:
        return accounts.open_account(work, SYSTEM, registering(LAN, "Nguyễn Thị Lan"))


def proof(exchange: Runtime) -> Proof:
    with begin(exchange) as work:
        knock = sign_in.knock(work, VISITOR, email=LAN, address="203.0.113.7")
    given = knock.proof(PASSWORD)
    assert given is not None
    return given


@pytest.fixture(params=["password", "code"])
def entering(request: pytest.FixtureRequest, exchange: Runtime, user_id: str) -> Step:
    """The last step of who signs in with the former password: this itself, or the code after it."""
    if request.param == "password":
        given = proof(exchange)
        return lambda work: sign_in.enter(work, given).secret
    with begin(exchange) as work:
        half = sessions.open_half(work, user_id)
    return lambda work: sign_in.complete(work, half, Given(user_id))


@pytest.fixture(params=["reset", "change", "disable"])
def taking_back(request: pytest.FixtureRequest, exchange: Runtime, user_id: str) -> Step:
    new = credentials.NewPassword(passwords.hashed("con thuyền giấy trôi về phía biển"))
    with begin(exchange) as work:
        token, own = tokens.issue(work, "reset", user_id, LAN), sessions.open_for(work, user_id)
    with look(exchange) as work:
        owner = sessions.recognise(work, own).actor
    given = proof(exchange)

    def take(work: Work) -> str:
        if request.param == "reset":
            credentials.reset(work, VISITOR, token, new)
        elif request.param == "change":
            credentials.change_password(work, owner, new, proof=given, token=own)
        else:
            accounts.disable(work, SYSTEM, user_id)
        return ""

    return take


def test_who_is_slower_does_not_get_in(exchange: Runtime, taking_back: Step, entering: Step) -> None:
    with pytest.raises(SignInNeeded):
        overlapping(exchange, taking_back, entering)


def test_who_is_quicker_does_not_stay(
    exchange: Runtime, user_id: str, taking_back: Step, entering: Step
) -> None:
    secret, _ = overlapping(exchange, entering, taking_back)
    with begin(exchange) as work:
        accounts.enable(work, SYSTEM, user_id)
    with look(exchange) as work:
        assert not sessions.recognise(work, secret).actor.signed_in
