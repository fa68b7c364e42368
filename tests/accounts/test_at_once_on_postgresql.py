"""An account is taken back at the moment in which somebody signs in: no session is left, whoever is first. Two roles
that are given at once are both held.

On SQLite one writes after the other; here both have begun.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marketplace import passwords
from marketplace.errors import SignInNeeded
from marketplace.runtime import Runtime
from marketplace.services import accounts, credentials, memberships, sessions, sign_in, tokens
from marketplace.services.codes import Given
from marketplace.services.policy import SYSTEM, VISITOR
from marketplace.services.sign_in import Proof
from marketplace.work import Work, begin, look
from tests.support.members import PASSWORD, registering
from tests.support.overlap import overlapping
from tests.support.people import organisation, person

pytestmark = pytest.mark.services

LAN = "lan@example.org"
Step = Callable[[Work], str]


@pytest.fixture
def exchange(postgresql: Runtime) -> Runtime:
    return postgresql


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


def test_who_joins_twice_at_once_holds_both_roles(exchange: Runtime) -> None:
    with begin(exchange) as work:
        institute, lan = organisation(work, "Viện Thủy sản"), person(work, "Nguyễn Thị Lan", {})
    overlapping(
        exchange,
        lambda work: memberships.join(work, lan, institute, "editor"),
        lambda work: memberships.join(work, lan, institute, "broker"),
    )
    assert roles(exchange, institute) == [("broker", "editor")]


def test_an_owner_takes_no_role_that_an_admin_gives_at_that_moment(exchange: Runtime) -> None:
    with begin(exchange) as work:
        own = organisation(work, "Sàn thử nghiệm", is_exchange=True)
        owner = person(work, "Trần Chủ", {own: ("owner",)})
        member = person(work, "Lê Viên", {own: ("editor",)}).user_id
    overlapping(
        exchange,
        lambda work: memberships.set_roles(work, SYSTEM, own, member, ["editor", "moderator"]),
        lambda work: memberships.set_roles(work, owner, own, member, ["editor", "broker"]),
    )
    assert ("broker", "editor", "moderator") in roles(exchange, own)


def roles(exchange: Runtime, organisation_id: str) -> list[tuple[str, ...]]:
    with look(exchange) as work:
        return [one.roles for one in memberships.members(work, SYSTEM, organisation_id)]
