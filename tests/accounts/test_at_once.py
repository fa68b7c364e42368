"""What two people do at the same moment, on every database: exactly one wins, and nothing is left half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import passwords
from marketplace.errors import Conflict, GiaoError, SignInNeeded
from marketplace.models.accounts import Membership, User
from marketplace.runtime import Runtime
from marketplace.services import (
    accounts,
    audit,
    credentials,
    invitations,
    memberships,
    organisations,
    sessions,
    sign_in,
    tokens,
)  # fmt: skip
from marketplace.services.policy import SYSTEM, VISITOR, Actor
from marketplace.work import Work, begin, look
from tests.support.mailer import RememberingMailer, letters, token_in

PASSWORD = "ruộng bậc thang mùa nước đổ"
HASH = passwords.hashed(PASSWORD)


@pytest.fixture(autouse=True)
def remembered(runtime: Runtime) -> None:
    runtime.mailer = RememberingMailer()


def at_once(runtime: Runtime, acts: list[Callable[[Work], object]]) -> list[str]:
    """Do all in transactions of their own, at the same time; «ok» or what was refused, of each."""
    told: list[str] = []
    together = threading.Barrier(len(acts))

    def run(act: Callable[[Work], object]) -> None:
        together.wait()
        try:
            with begin(runtime) as work:
                act(work)
        except GiaoError as refused:
            told.append(refused.code)
        else:
            told.append("ok")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def registration(email: str) -> accounts.Registration:
    return accounts.Registration(email, "Nguyễn Thị Lan", HASH, "vi", accounts.TERMS_VERSION)


def opened(runtime: Runtime, email: str) -> Actor:
    with begin(runtime) as work:
        token = sessions.open_for(work, accounts.open_account(work, SYSTEM, registration(email)))
    with look(runtime) as work:
        return sessions.recognise(work, token).actor


def test_one_address_registered_twice_at_once_is_one_account(runtime: Runtime) -> None:
    def register(work: Work) -> None:
        accounts.register(work, VISITOR, registration("lan@example.org"), address="203.0.113.7")

    assert at_once(runtime, [register] * 4) == ["ok"] * 4, "all hear the same"
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(User)) == 1
    subjects = [letter.subject for letter in letters(runtime)]
    assert sum("Xác nhận" in subject for subject in subjects) == 1
    assert sum("đã có tài khoản" in subject for subject in subjects) == 3


def test_an_admins_account_for_a_taken_address_is_refused(runtime: Runtime) -> None:
    opened(runtime, "lan@example.org")
    with pytest.raises(Conflict), begin(runtime) as work:
        accounts.open_account(work, SYSTEM, registration("lan@example.org"))


def test_of_ten_who_use_a_link_at_once_one_succeeds(runtime: Runtime) -> None:
    lan = opened(runtime, "lan@example.org")
    with begin(runtime) as work:
        token = tokens.issue(work, "reset", lan.user_id, "lan@example.org")
    new = credentials.NewPassword(HASH)
    told = at_once(runtime, [lambda work: credentials.reset(work, VISITOR, token, new)] * 10)
    assert told == ["link_dead"] * 9 + ["ok"]


def test_of_ten_who_accept_an_invitation_at_once_one_succeeds(runtime: Runtime) -> None:
    lan, hoa = opened(runtime, "lan@example.org"), opened(runtime, "hoa@example.org")
    institute = founded(runtime, lan)
    owner = Actor(lan.user_id, "Lan", "vi", {institute: frozenset({"owner"})}, confirmed=True)
    with begin(runtime) as work:
        invitations.invite(work, owner, institute, email="hoa@example.org", role="editor")
    token = token_in(letters(runtime)[0], "invitations")
    told = at_once(runtime, [lambda work: invitations.accept(work, hoa, token)] * 10)
    assert told == ["link_dead"] * 9 + ["ok"]
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(Membership)) == 2


def test_two_owners_who_leave_at_once_do_not_both_go(runtime: Runtime) -> None:
    lan, hoa = opened(runtime, "lan@example.org"), opened(runtime, "hoa@example.org")
    institute = founded(runtime, lan)
    with begin(runtime) as work:
        memberships.set_roles(work, SYSTEM, institute, hoa.user_id, ["owner"])
    roles = {institute: frozenset({"owner"})}
    leaving = [Actor(one.user_id, one.name, "vi", roles, confirmed=True) for one in (lan, hoa)]
    told = at_once(
        runtime, [lambda work, one=one: memberships.leave(work, one, institute) for one in leaving]
    )
    assert told == ["last_owner", "ok"]


def test_a_thousand_guesses_at_once_are_not_more_than_ten(runtime: Runtime) -> None:
    """Fifty threads stand for the thousand: each that passes has been counted before the next one looks."""
    opened(runtime, "lan@example.org")

    def knock(work: Work) -> None:
        sign_in.knock(work, VISITOR, email="lan@example.org", address="203.0.113.7")

    assert at_once(runtime, [knock] * 20) == ["ok"] * 10 + ["too_many"] * 10


def test_the_whole_way_works_on_every_database(runtime: Runtime) -> None:
    with begin(runtime) as work:
        accounts.register(work, VISITOR, registration("lan@example.org"), address="203.0.113.7")
    (letter,) = letters(runtime)
    with begin(runtime) as work:
        accounts.confirm(work, VISITOR, token_in(letter, "confirm"))
    with begin(runtime) as work:
        knock = sign_in.knock(work, VISITOR, email="lan@example.org", address="203.0.113.7")
    proof = knock.proof(PASSWORD)
    assert proof is not None
    with begin(runtime) as work:
        token = sign_in.enter(work, proof, agent="Firefox").secret
    with begin(runtime) as work:
        known = sessions.recognise(work, token)
        assert known.actor.confirmed
        assert len(sessions.own(work, known.actor, token)) == 1
        organisations.found(work, known.actor, DESCRIBED)
        renewed = sessions.renew(work, known.actor, token)
    with begin(runtime) as work:
        assert not sessions.recognise(work, token).actor.signed_in
        actor = sessions.recognise(work, renewed).actor
        assert [own.roles for own in organisations.mine(work, actor)] == [("owner",)]
        sessions.end(work, actor, renewed)
    with look(runtime) as work:
        assert not sessions.recognise(work, renewed).actor.signed_in
        assert audit.verify(work) is None


def test_a_session_that_was_ended_while_its_request_ran_is_not_renewed(runtime: Runtime) -> None:
    """A thief founds an organisation at the moment in which the owner changes the password."""
    lan = opened(runtime, "lan@example.org")
    with begin(runtime) as work:
        thiefs = sessions.open_for(work, lan.user_id)
    with begin(runtime) as work:
        work.now -= timedelta(milliseconds=1)
        sessions.end_all(work, lan.user_id)

    def found(work: Work) -> None:
        organisations.found(work, lan, DESCRIBED)
        sessions.renew(work, lan, thiefs)

    with pytest.raises(SignInNeeded), begin(runtime) as work:
        found(work)
    with look(runtime) as work:
        assert organisations.likely(work, DESCRIBED.name) == []


DESCRIBED = organisations.described(name="Viện Thủy sản Cửu Long", kind="institute", province="92")


def founded(runtime: Runtime, actor: Actor) -> str:
    with begin(runtime) as work:
        return organisations.found(work, actor, DESCRIBED)
