"""Signing in: one answer for all mistakes, a limit for guessers, and a session that ends when it should."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from marketplace import passwords
from marketplace.errors import Forbidden, SignInNeeded
from marketplace.models.accounts import Attempt, SignIn
from marketplace.models.audit import AuditEntry
from marketplace.models.listings import Autosave
from marketplace.runtime import Runtime
from marketplace.services import accounts, drafts, sessions, sign_in
from marketplace.services.policy import SYSTEM, VISITOR, Actor
from marketplace.services.sign_in import Knock
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor, words_of

Visit = Callable[..., Visitor]
Member = Callable[..., str]

LAN = "lan@example.org"


def test_the_right_password_opens_a_session(visit: Visit, member: Member) -> None:
    member(LAN)
    browser = visit()
    assert browser.sign_in(" LAN@Example.org ", PASSWORD).status_code == 303
    assert browser.is_signed_in()


def test_only_the_hash_of_the_cookie_is_stored(exchange: Runtime, visit: Visit, member: Member) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    token = browser.cookies()["giao-test-session"]
    assert len(token) >= 43, "256 bits"
    with look(exchange) as work:
        assert work.session.scalars(select(SignIn.token_hash)).all() != [token]
    assert all(
        token.encode() not in file.read_bytes() for file in exchange.settings.data_dir.glob("giao.db*")
    )


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visit: Visit, member: Member) -> None:
    member(LAN)
    answer = visit().sign_in(LAN, PASSWORD)
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if "-session=" in line]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_every_sign_in_gets_a_secret_of_its_own(visit: Visit, member: Member) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    first = browser.cookies()["giao-test-session"]
    browser.sign_in(LAN, PASSWORD)
    assert browser.cookies()["giao-test-session"] != first


@pytest.mark.parametrize("email", [LAN, "nobody@example.org", "shut@example.org", "no address at all"])
def test_every_mistake_has_the_same_answer(
    exchange: Runtime, visit: Visit, member: Member, email: str
) -> None:
    member(LAN)
    shut = member("shut@example.org")
    with begin(exchange) as work:
        accounts.disable(work, SYSTEM, shut)
    password = PASSWORD if email == "shut@example.org" else "wrong horse battery staple"
    page = visit().sign_in(email, password)
    assert page.status_code == 422
    assert "E-mail hoặc mật khẩu không đúng" in words_of(page)
    assert words_of(page) == words_of(
        visit().sign_in("somebody.else@example.org", "wrong horse battery staple")
    )
    assert PASSWORD not in page.text


@pytest.mark.usefixtures("full_cost")
def test_an_unknown_address_costs_as_much_work_as_a_known_one() -> None:
    known = passwords.hashed(PASSWORD)

    def spent(password_hash: str | None) -> float:
        began = time.process_time()
        for _ in range(4):
            assert Knock(LAN, "", password_hash=password_hash).proof("wrong horse battery staple") is None
        return time.process_time() - began

    spent(known)
    assert 0.5 < spent(None) / spent(known) < 2


def test_a_guesser_is_stopped_after_ten_and_let_in_a_quarter_of_an_hour_later(
    visit: Visit, member: Member, clock: HandMovedClock
) -> None:
    member(LAN)
    answers = [visit(f"198.51.100.{n}").sign_in(LAN, f"wrong password {n}").status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
    blocked = visit().sign_in(LAN, PASSWORD)
    assert blocked.status_code == 429, "the right password would otherwise be what a guesser waits for"
    assert int(blocked.headers["Retry-After"]) == 15 * 60
    clock.move(timedelta(minutes=15))
    assert visit().sign_in(LAN, PASSWORD).status_code == 303


def test_being_slowed_down_tells_nobody_who_exists(visit: Visit, member: Member) -> None:
    member(LAN)
    for email in (LAN, "nobody@example.org"):
        answers = [visit(f"198.51.100.{n}").sign_in(email, "wrong password").status_code for n in range(11)]
        assert answers == [422] * 10 + [429]


def test_a_spray_over_many_accounts_from_one_address_is_stopped(visit: Visit) -> None:
    sprayer = visit("198.51.100.9")
    answers = [sprayer.sign_in(f"person{n}@example.org", "Summer in Hanoi").status_code for n in range(51)]
    assert answers == [422] * 50 + [429]
    assert visit("203.0.113.1").sign_in("person1@example.org", "Summer in Hanoi").status_code == 422


def test_a_household_of_ipv6_addresses_counts_as_one(visit: Visit) -> None:
    answers = [
        visit(f"2001:db8:1:2::{n:x}").sign_in(f"p{n}@example.org", "Summer in Hanoi").status_code
        for n in range(51)
    ]
    assert answers[-1] == 429


def test_coming_in_clears_the_account_but_not_the_address(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    """Else somebody with an account of his own could go on guessing at others for ever."""
    member(LAN)
    browser = visit()
    for n in range(9):
        browser.sign_in(LAN, f"wrong password {n}")
    assert browser.sign_in(LAN, PASSWORD).status_code == 303
    with look(exchange) as work:
        assert len(work.session.scalars(select(Attempt)).all()) == 9


def test_tries_are_counted_without_any_address_in_the_clear(exchange: Runtime, visit: Visit) -> None:
    visit("198.51.100.77").sign_in("nobody@example.org", "wrong password")
    with look(exchange) as work:
        keys = work.session.scalars(select(Attempt.key)).all()
    assert len(keys) == 2
    assert not any("nobody" in key or "198.51" in key for key in keys)


def test_a_session_ends_after_half_an_hour_without_use(
    visit: Visit, member: Member, clock: HandMovedClock
) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    for _ in range(3):
        clock.move(timedelta(minutes=29))
        assert browser.is_signed_in()
    clock.move(timedelta(minutes=30))
    assert not browser.is_signed_in()


def test_a_session_ends_after_twelve_hours_however_busy(
    visit: Visit, member: Member, clock: HandMovedClock
) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    for _ in range(12 * 3 - 1):
        clock.move(timedelta(minutes=20))
        assert browser.is_signed_in()
    clock.move(timedelta(minutes=20))
    assert not browser.is_signed_in()


def test_use_is_written_down_at_most_once_a_minute(
    exchange: Runtime, visit: Visit, member: Member, clock: HandMovedClock
) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    signed_in = clock.now
    clock.move(timedelta(seconds=59))
    browser.get("/vi/account")
    assert _last_seen(exchange) == signed_in
    clock.move(timedelta(seconds=1))
    browser.get("/vi/account")
    assert _last_seen(exchange) == clock.now


def test_signing_out_ends_the_session_on_the_server(visit: Visit, member: Member) -> None:
    member(LAN)
    browser, thief = visit(), visit()
    browser.sign_in(LAN, PASSWORD)
    thief.take_session_of(browser)
    assert thief.is_signed_in()
    browser.post("/vi/sign-out")
    assert not thief.is_signed_in()
    assert "giao-test-session" not in browser.cookies()


def test_signing_out_is_not_done_by_a_link(visit: Visit, member: Member) -> None:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    assert browser.get("/vi/sign-out").status_code == 405
    assert browser.is_signed_in()


def test_shutting_an_account_ends_its_sessions_and_lets_nobody_in(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    user_id = member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    with begin(exchange) as work:
        accounts.disable(work, SYSTEM, user_id)
    assert not browser.is_signed_in()
    assert visit().sign_in(LAN, PASSWORD).status_code == 422
    with begin(exchange) as work:
        accounts.enable(work, SYSTEM, user_id)
    assert not browser.is_signed_in(), "what has ended does not begin again"
    assert visit().sign_in(LAN, PASSWORD).status_code == 303


def test_a_session_is_worth_nothing_while_its_account_is_shut(exchange: Runtime, member: Member) -> None:
    user_id = member(LAN)
    with begin(exchange) as work:
        token = sessions.open_for(work, user_id)
        work.session.get_one(accounts.User, user_id).disabled_at = work.now
    with look(exchange) as work:
        assert not sessions.recognise(work, token).actor.signed_in


def test_a_new_secret_for_a_session_ends_all_others_and_lives_no_longer(
    exchange: Runtime, member: Member, clock: HandMovedClock
) -> None:
    user_id = member(LAN)
    with begin(exchange) as work:
        first, other = sessions.open_for(work, user_id), sessions.open_for(work, user_id)
        ends = clock.now + sessions.LONGEST
    clock.move(timedelta(minutes=10))
    with begin(exchange) as work:
        renewed = sessions.renew(work, sessions.recognise(work, first).actor, first)
    with look(exchange) as work:
        alive = [
            token for token in (first, other, renewed) if sessions.recognise(work, token).actor.signed_in
        ]
        assert alive == [renewed]
        assert work.session.scalars(select(SignIn.ends_at).where(SignIn.ended_at.is_(None))).all() == [ends]


def test_the_proof_of_one_person_serves_nobody_else(exchange: Runtime, member: Member) -> None:
    lan, hoa = member(LAN), member("hoa@example.org")
    with begin(exchange) as work:
        knock = sign_in.knock(work, VISITOR, email=LAN, address="203.0.113.7")
    proof = knock.proof(PASSWORD)
    assert proof is not None
    assert proof.user_id == lan
    with pytest.raises(Forbidden), begin(exchange) as work:
        sign_in.accept_again(work, Actor(hoa), proof)


def test_a_proof_given_before_the_password_changed_opens_nothing(exchange: Runtime, member: Member) -> None:
    member(LAN)
    with begin(exchange) as work:
        knock = sign_in.knock(work, VISITOR, email=LAN, address="203.0.113.7")
    proof = knock.proof(PASSWORD)
    assert proof is not None
    with begin(exchange) as work:
        work.session.scalars(select(accounts.User)).one().password_hash = "another"
    with pytest.raises(SignInNeeded), begin(exchange) as work:
        sign_in.enter(work, proof)


def test_after_signing_in_one_goes_where_one_wanted_to_go_but_never_elsewhere(
    visit: Visit, member: Member
) -> None:
    member(LAN)
    assert "bạn đến thẳng trang đó" in words_of(visit().get("/vi/sign-in?next=/vi/desk"))
    assert "bạn đến thẳng trang đó" not in words_of(visit().get("/vi/sign-in"))
    for wanted, leads_to in (
        ("/vi/account/password", "/vi/account/password"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", None),
        ("/\t/evil.example", None),
        ("/\n/evil.example", None),
        ("/ /evil.example", None),
        ("/vi/search?q=t%C3%B4m%20kh%C3%B4", "/vi/search?q=t%C3%B4m%20kh%C3%B4"),
    ):
        answer = visit().post("/vi/sign-in", email=LAN, password=PASSWORD, next=wanted)
        assert answer.status_code == 303
        location = answer.headers["Location"]
        assert location == leads_to if leads_to else "evil" not in location


def test_what_a_visitor_began_to_write_goes_with_him_but_not_from_person_to_person(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    lan, hoa = member(LAN), member("hoa@example.org")
    browser = visit()
    browser.get("/vi/sign-in")
    name = browser.cookies()["giao-test-visitor"]
    visitor = f"visitor:{hashlib.sha256(name.encode()).hexdigest()}"
    with begin(exchange) as work:
        drafts.save(work, visitor, "new:demand", [("title", "Cần cảm biến độ mặn")])
    browser.sign_in(LAN, PASSWORD)
    browser.sign_in("hoa@example.org", PASSWORD)
    with look(exchange) as work:
        holders = work.session.scalars(select(Autosave.holder)).all()
    assert holders == [f"user:{lan}"], f"not user:{hoa}, who signed in in the same browser"


def test_wrong_and_right_passwords_are_in_the_audit_but_not_what_was_typed(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    user_id = member(LAN)
    visit().sign_in(LAN, "canary-wrong-password")
    visit().sign_in("canary-address@example.org", "canary-wrong-password")
    visit().sign_in(LAN, PASSWORD)
    with look(exchange) as work:
        entries = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in")).all()
        said = [(entry.object, entry.outcome) for entry in entries]
        assert said == [(user_id, "failed"), ("", "failed"), (user_id, "ok")]
        assert not any(
            "canary" in str(entry.__dict__) or PASSWORD in str(entry.__dict__) for entry in entries
        )


@pytest.mark.usefixtures("full_cost")
def test_a_password_kept_at_another_cost_is_hashed_anew(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    member(LAN)
    with begin(exchange) as work:
        user = work.session.scalars(select(accounts.User)).one()
        user.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert visit().sign_in(LAN, PASSWORD).status_code == 303
    with look(exchange) as work:
        assert "m=19456,t=2,p=1" in work.session.scalars(select(accounts.User.password_hash)).one()


def test_what_is_long_over_is_forgotten(
    exchange: Runtime, visit: Visit, member: Member, clock: HandMovedClock
) -> None:
    member(LAN)
    visit().sign_in(LAN, PASSWORD)
    clock.move(sessions.KEPT + timedelta(days=1))
    visit().sign_in(LAN, PASSWORD)
    with begin(exchange) as work:
        sessions.sweep(work)
        assert len(work.session.scalars(select(SignIn)).all()) == 1


def _last_seen(exchange: Runtime) -> object:
    with look(exchange) as work:
        return work.session.scalars(select(SignIn.last_seen_at)).one()
