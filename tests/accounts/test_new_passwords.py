"""A forgotten password: a link that works once, for an hour, and tells nobody who has an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.errors import Forbidden
from marketplace.models.accounts import User
from marketplace.models.audit import AuditEntry
from marketplace.runtime import Runtime
from marketplace.services import accounts, credentials
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.mailer import letters, link_in
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor, words_of

Visit = Callable[..., Visitor]
Member = Callable[..., str]

LAN = "lan@example.org"
NEW = "con thuyền giấy trôi về phía biển"


@pytest.fixture
def link(exchange: Runtime, visit: Visit, member: Member) -> str:
    """The path of a fresh link for Lan's account."""
    member(LAN)
    visit().post("/vi/forgot", email=LAN)
    return link_in(letters(exchange)[0], "reset")


def test_the_link_sets_a_password_once(visit: Visit, link: str) -> None:
    assert visit().get(link).status_code == 200
    assert visit().post(link, password=NEW).status_code == 303
    assert visit().sign_in(LAN, PASSWORD).status_code == 422
    assert visit().sign_in(LAN, NEW).status_code == 303
    assert visit().post(link, password=PASSWORD).status_code == 404


def test_the_link_lives_an_hour(visit: Visit, link: str, clock: HandMovedClock) -> None:
    clock.move(timedelta(minutes=59))
    assert visit().get(link).status_code == 200
    clock.move(timedelta(minutes=1))
    assert visit().get(link).status_code == 404
    assert visit().post(link, password=NEW).status_code == 404


def test_a_new_password_ends_every_session(visit: Visit, link: str) -> None:
    thief = visit()
    thief.sign_in(LAN, PASSWORD)
    visit().post(link, password=NEW)
    assert not thief.is_signed_in()


def test_using_one_link_kills_the_others(exchange: Runtime, visit: Visit, link: str) -> None:
    visit().post("/vi/forgot", email=LAN)
    other = link_in(letters(exchange)[0], "reset")
    visit().post(other, password=NEW)
    assert visit().post(link, password=PASSWORD).status_code == 404


def test_a_bad_password_leaves_the_link_alive(visit: Visit, link: str) -> None:
    page = visit().post(link, password="12345678")
    assert page.status_code == 422
    assert 'href="#f-password"' in page.text
    assert visit().post(link, password=NEW).status_code == 303


def test_the_page_of_a_link_is_kept_nowhere_and_named_to_nobody(visit: Visit, link: str) -> None:
    page = visit().get(link)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_asking_has_one_answer(exchange: Runtime, visit: Visit, member: Member) -> None:
    member(LAN)
    answers = []
    for email in (LAN, "nobody@example.org"):
        browser = visit()
        answer = browser.post("/vi/forgot", email=email)
        shown = browser.get(answer.headers["Location"])
        answers.append((answer.status_code, answer.headers["Location"], words_of(shown)))
    assert answers[0] == answers[1]
    assert [letter.to for letter in letters(exchange)] == [LAN]


def test_five_letters_an_hour_for_known_and_unknown_alike(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    member(LAN)
    for email in (LAN, "nobody@example.org"):
        answers = [visit(f"198.51.100.{n}").post("/vi/forgot", email=email).status_code for n in range(6)]
        assert answers == [303] * 5 + [429]
    assert len(letters(exchange)) == 5


def test_a_shut_account_gets_no_link(exchange: Runtime, visit: Visit, member: Member) -> None:
    user_id = member(LAN)
    with begin(exchange) as work:
        accounts.disable(work, SYSTEM, user_id)
    assert visit().post("/vi/forgot", email=LAN).status_code == 303
    assert letters(exchange) == []


def test_the_link_also_proves_the_address_so_a_squatter_keeps_nothing(
    exchange: Runtime, visit: Visit
) -> None:
    squatter = visit()
    squatter.post(
        "/vi/register",
        name="Kẻ Mạo Danh",
        email=LAN,
        password="a password of the squatter",
        terms=accounts.TERMS_VERSION,
    )
    squatter.sign_in(LAN, "a password of the squatter")
    letters(exchange)
    visit().post("/vi/forgot", email=LAN)
    visit().post(link_in(letters(exchange)[0], "reset"), password=NEW)
    assert not squatter.is_signed_in()
    with look(exchange) as work:
        assert work.session.scalars(select(User.email_confirmed_at)).one() is not None


def test_the_reset_lets_in_who_was_locked_out_by_a_guesser(visit: Visit, link: str) -> None:
    for n in range(10):
        visit(f"198.51.100.{n}").sign_in(LAN, "wrong password")
    visit().post(link, password=NEW)
    assert visit().sign_in(LAN, NEW).status_code == 303


def test_the_owner_hears_of_every_change(exchange: Runtime, visit: Visit, link: str) -> None:
    visit().post(link, password=NEW)
    (letter,) = letters(exchange)
    assert letter.to == LAN
    assert "Mật khẩu" in letter.subject
    assert "/vi/forgot" in letter.text


def test_an_admin_starts_a_reset_and_never_learns_the_password(
    exchange: Runtime, visit: Visit, member: Member
) -> None:
    user_id = member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    with pytest.raises(Forbidden), begin(exchange) as work:
        credentials.start_reset(work, Actor(user_id="somebody"), user_id)
    with begin(exchange) as work:
        credentials.start_reset(work, SYSTEM, user_id)
    assert not browser.is_signed_in()
    (letter,) = letters(exchange)
    assert letter.to == LAN


def test_password_events_are_in_the_audit_without_passwords(
    exchange: Runtime, visit: Visit, link: str
) -> None:
    visit().post(link, password=NEW)
    with look(exchange) as work:
        entries = work.session.scalars(select(AuditEntry)).all()
        assert {"password.ask", "password.reset"} <= {entry.action for entry in entries}
        token = link.rpartition("/")[2]
        assert not any(secret in str(entry.__dict__) for entry in entries for secret in (NEW, token))
