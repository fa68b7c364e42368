"""What a person may change about the own account, and what needs the password once more."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from marketplace.models.accounts import SignIn, User
from marketplace.runtime import Runtime
from marketplace.services import accounts, credentials
from marketplace.services.policy import SYSTEM
from marketplace.work import begin, look
from tests.support.mailer import letters, link_in
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]
Member = Callable[..., str]

LAN = "lan@example.org"
NEW = "con thuyền giấy trôi về phía biển"


@pytest.fixture
def lan(visit: Visit, member: Member) -> Visitor:
    """Lan's browser, signed in."""
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    return browser


def test_changing_the_password_ends_all_other_sessions(visit: Visit, lan: Visitor) -> None:
    elsewhere = visit()
    elsewhere.sign_in(LAN, PASSWORD)
    assert lan.post("/vi/account/password", current_password=PASSWORD, password=NEW).status_code == 303
    assert lan.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert visit().sign_in(LAN, NEW).status_code == 303


def test_the_current_password_is_asked_for_and_cannot_be_guessed(visit: Visit, lan: Visitor) -> None:
    page = lan.post("/vi/account/password", current_password="wrong password", password=NEW)
    assert page.status_code == 422
    assert 'href="#f-current_password"' in page.text
    assert NEW not in page.text
    answers = [
        lan.post("/vi/account/password", current_password=f"guess {n}", password=NEW).status_code
        for n in range(10)
    ]
    assert answers == [422] * 9 + [429]
    assert visit().sign_in(LAN, NEW).status_code == 429


def test_the_new_password_is_not_the_own_address(lan: Visitor) -> None:
    page = lan.post("/vi/account/password", current_password=PASSWORD, password=LAN)
    assert page.status_code == 422
    assert 'href="#f-password"' in page.text


def test_a_new_address_counts_when_its_link_is_used(exchange: Runtime, visit: Visit, lan: Visitor) -> None:
    assert (
        lan.post("/vi/account/email", current_password=PASSWORD, email="new@example.org").status_code == 303
    )
    (letter,) = letters(exchange)
    assert letter.to == "new@example.org"
    assert visit().sign_in(LAN, PASSWORD).status_code == 303, "until then nothing changes"
    path = link_in(letter, "move")
    assert visit().post(path).status_code == 303
    assert visit().post(path).status_code == 404
    assert not lan.is_signed_in()
    assert visit().sign_in(LAN, PASSWORD).status_code == 422
    assert visit().sign_in("new@example.org", PASSWORD).status_code == 303
    (told,) = letters(exchange)
    assert told.to == LAN, "whoever reads the old mailbox must hear of it"


def test_a_taken_address_is_not_told_to_who_asks(exchange: Runtime, member: Member, lan: Visitor) -> None:
    member("hoa@example.org", "Phạm Thị Hoa")
    free = lan.post("/vi/account/email", current_password=PASSWORD, email="free@example.org")
    taken = lan.post("/vi/account/email", current_password=PASSWORD, email="hoa@example.org")
    assert (free.status_code, free.headers["Location"]) == (taken.status_code, taken.headers["Location"])
    subjects = {letter.to: letter.subject for letter in letters(exchange)}
    assert "đã có tài khoản" in subjects["hoa@example.org"]


def test_an_address_registered_meanwhile_stays_with_who_has_it(
    exchange: Runtime, visit: Visit, member: Member, lan: Visitor
) -> None:
    lan.post("/vi/account/email", current_password=PASSWORD, email="hoa@example.org")
    path = link_in(letters(exchange)[0], "move")
    member("hoa@example.org", "Phạm Thị Hoa")
    assert visit().post(path).status_code == 409
    assert lan.is_signed_in()


@pytest.mark.parametrize("how", ["changed", "reset", "started", "shut"])
def test_a_thiefs_link_to_another_address_dies_when_the_account_is_taken_back(
    exchange: Runtime, visit: Visit, lan: Visitor, how: str
) -> None:
    """Who knew the password has asked to move the account; the owner is quicker than the link."""
    thief = visit()
    thief.sign_in(LAN, PASSWORD)
    thief.post("/vi/account/email", current_password=PASSWORD, email="thief@example.org")
    path = link_in(letters(exchange)[0], "move")
    with look(exchange) as work:
        user_id = work.session.scalars(select(User.id)).one()
    if how == "changed":
        lan.post("/vi/account/password", current_password=PASSWORD, password=NEW)
    elif how == "reset":
        lan.post("/vi/forgot", email=LAN)
        lan.post(link_in(letters(exchange)[0], "reset"), password=NEW)
    else:
        with begin(exchange) as work:
            (credentials.start_reset if how == "started" else accounts.disable)(work, SYSTEM, user_id)
    assert visit().get(path).status_code == 404
    assert visit().post(path).status_code == 404
    with look(exchange) as work:
        assert work.session.scalars(select(User.email)).one() == LAN


def test_who_has_moved_is_moved_by_no_earlier_link(exchange: Runtime, visit: Visit, lan: Visitor) -> None:
    paths = []
    for email in ("wrong@example.org", "new@example.org"):
        lan.post("/vi/account/email", current_password=PASSWORD, email=email)
        paths.append(link_in(letters(exchange)[0], "move"))
    assert visit().post(paths[1]).status_code == 303
    assert visit().post(paths[0]).status_code == 404


def test_a_link_asked_for_before_an_account_was_shut_sets_no_password(
    exchange: Runtime, visit: Visit, lan: Visitor
) -> None:
    lan.post("/vi/forgot", email=LAN)
    path = link_in(letters(exchange)[0], "reset")
    with look(exchange) as work:
        user_id = work.session.scalars(select(User.id)).one()
    with begin(exchange) as work:
        accounts.disable(work, SYSTEM, user_id)
    assert visit().post(path, password=NEW).status_code == 404


def test_the_wrong_password_moves_nothing(exchange: Runtime, lan: Visitor) -> None:
    assert (
        lan.post("/vi/account/email", current_password="wrong password", email="new@example.org").status_code
        == 422
    )
    assert letters(exchange) == []


def test_name_and_language_are_changed_without_the_password(exchange: Runtime, lan: Visitor) -> None:
    lan.post("/vi/account/profile", name="  Nguyễn  Thị\tLan Anh ", language="en")
    with look(exchange) as work:
        user = work.session.scalars(select(User)).one()
        assert (user.name, user.language) == ("Nguyễn Thị Lan Anh", "en")


def test_a_name_of_decomposed_letters_is_stored_composed(exchange: Runtime, lan: Visitor) -> None:
    lan.post("/vi/account/profile", name="Lê Thị Hồng", language="vi")
    with look(exchange) as work:
        assert work.session.scalars(select(User.name)).one() == "Lê Thị Hồng"


def test_one_sees_the_own_sessions_and_ends_one_from_afar(
    exchange: Runtime, visit: Visit, lan: Visitor
) -> None:
    phone = visit("198.51.100.20")
    phone.sign_in(LAN, PASSWORD)
    assert "198.51.100.20" in lan.get("/vi/account").text
    with look(exchange) as work:
        theirs = work.session.scalars(
            select(SignIn.token_hash).where(SignIn.address == "198.51.100.20")
        ).one()
    assert lan.post("/vi/account/sessions/end", session=theirs).status_code == 303
    assert not phone.is_signed_in()
    assert lan.is_signed_in()


def test_nobody_ends_the_session_of_another(
    exchange: Runtime, visit: Visit, member: Member, lan: Visitor
) -> None:
    member("hoa@example.org", "Phạm Thị Hoa")
    hoa = visit("198.51.100.21")
    hoa.sign_in("hoa@example.org", PASSWORD)
    with look(exchange) as work:
        hers = work.session.scalars(select(SignIn.token_hash).where(SignIn.address == "198.51.100.21")).one()
    assert lan.post("/vi/account/sessions/end", session=hers).status_code == 404
    assert hoa.is_signed_in()


def test_all_other_sessions_are_ended_at_once(visit: Visit, lan: Visitor) -> None:
    others = [visit(), visit()]
    for browser in others:
        browser.sign_in(LAN, PASSWORD)
    lan.post("/vi/account/sessions/end-others")
    assert lan.is_signed_in()
    assert not any(browser.is_signed_in() for browser in others)


def test_the_own_data_come_as_json_without_a_secret(exchange: Runtime, lan: Visitor) -> None:
    assert lan.post("/vi/account/data", current_password="wrong password").status_code == 422
    answer = lan.post("/vi/account/data", current_password=PASSWORD)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.text)
    assert told["account"][0]["email"] == LAN
    assert told["account"][0]["terms_version"] == accounts.TERMS_VERSION
    assert [entry["action"] for entry in told["done"]][-1] == "account.export"
    assert "argon2" not in answer.text
    assert "hash" not in answer.text


def test_an_unconfirmed_person_can_ask_for_the_letter_again(exchange: Runtime, visit: Visit) -> None:
    browser = visit()
    browser.post(
        "/vi/register",
        name="Trần Văn Nam",
        email="nam@example.org",
        password=NEW,
        terms=accounts.TERMS_VERSION,
    )
    letters(exchange)
    browser.sign_in("nam@example.org", NEW)
    assert "chưa được xác nhận" in browser.get("/vi/account").text
    browser.post("/vi/account/confirmation")
    path = link_in(letters(exchange)[0], "confirm")
    browser.post(path)
    assert "chưa được xác nhận" not in browser.get("/vi/account").text


@pytest.mark.parametrize("path", ["", "/profile", "/password", "/email", "/data"])
def test_a_visitor_is_asked_to_sign_in_first(visit: Visit, path: str) -> None:
    answer = visit().get(f"/vi/account{path}")
    assert answer.status_code == 303
    assert "/vi/sign-in?next=" in answer.headers["Location"]


def test_fields_that_are_not_asked_for_change_nothing(exchange: Runtime, lan: Visitor) -> None:
    """Nobody becomes an admin, or moves to another address, by adding a field to a form."""
    lan.post(
        "/vi/account/profile",
        name="Lan", language="vi", role="admin", email="other@example.org", is_exchange="1", id="x", disabled_at="now",
    )  # fmt: skip
    with look(exchange) as work:
        user = work.session.scalars(select(User)).one()
        assert (user.email, user.name, user.disabled_at) == (LAN, "Lan", None)
