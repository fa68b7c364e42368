"""Opening an account: the same answer for everybody, and a letter that tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.models.accounts import User
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import accounts
from marketplace.work import look
from tests.support.clock import HandMovedClock
from tests.support.mailer import letters, link_in
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor, words_of

Visit = Callable[..., Visitor]
FORM = {
    "name": "Trần Văn Nam",
    "email": "Nam@Example.org",
    "password": PASSWORD,
    "terms": accounts.TERMS_VERSION,
}


def register(visitor: Visitor, **changes: str) -> object:
    return visitor.post("/vi/register", **(FORM | changes))


@pytest.mark.usefixtures("full_cost")
def test_a_new_account_stores_the_terms_it_accepted_and_no_password(
    exchange: Runtime, clock: HandMovedClock, visit: Visit
) -> None:
    register(visit())
    with look(exchange) as work:
        user = work.session.scalars(select(User)).one()
        assert (user.email, user.terms_version) == ("nam@example.org", accounts.TERMS_VERSION)
        assert user.terms_accepted_at == clock.now
        assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert user.email_confirmed_at is None


def test_known_and_unknown_addresses_get_the_same_answer(
    exchange: Runtime, member: Callable[..., str], visit: Visit
) -> None:
    member("lan@example.org")
    answers = []
    for email in ("lan@example.org", "nobody@example.org"):
        visitor = visit()
        answer = visitor.post("/vi/register", **(FORM | {"email": email}))
        shown = visitor.get(answer.headers["Location"])
        answers.append((answer.status_code, answer.headers["Location"], shown.status_code, words_of(shown)))
    assert answers[0] == answers[1]


def test_the_owner_of_a_known_address_is_told_by_letter(
    exchange: Runtime, member: Callable[..., str], visit: Visit
) -> None:
    before = member("lan@example.org")
    register(visit(), email="lan@example.org")
    (letter,) = letters(exchange)
    assert letter.to == "lan@example.org"
    assert "/vi/forgot" in letter.text
    with look(exchange) as work:
        assert work.session.scalars(select(User.id)).all() == [before]


def test_the_link_confirms_once_and_only_by_a_button(exchange: Runtime, visit: Visit) -> None:
    visitor = visit()
    register(visitor)
    path = link_in(letters(exchange)[0], "confirm")
    assert visitor.get(path).status_code == 200
    assert visitor.get(path).status_code == 200, "looking at it, as mail programs do, does not use it up"
    assert visitor.post(path).status_code == 303
    assert visitor.post(path).status_code == 404
    with look(exchange) as work:
        assert work.session.scalars(select(User.email_confirmed_at)).one() is not None


def test_the_link_lives_72_hours(exchange: Runtime, clock: HandMovedClock, visit: Visit) -> None:
    visitor = visit()
    register(visitor)
    path = link_in(letters(exchange)[0], "confirm")
    clock.move(timedelta(hours=71, minutes=59))
    assert visitor.get(path).status_code == 200
    clock.move(timedelta(minutes=1))
    assert visitor.get(path).status_code == 404


def test_no_job_and_no_table_holds_the_secret_of_a_link(exchange: Runtime, visit: Visit) -> None:
    register(visit())
    token = link_in(letters(exchange)[0], "confirm").rpartition("/")[2]
    with look(exchange) as work:
        assert all(token not in str(job.arguments) for job in work.session.scalars(select(Job)))
    files = exchange.settings.data_dir.glob("giao.db*")
    assert all(token.encode() not in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "nam@", "f-email"),
        ("email", "", "f-email"),
        ("name", "  ", "f-name"),
        ("name", "Xem www.example.com", "f-name"),
        ("password", "ngắn quá", "f-password"),
        ("password", "matkhau2026", "f-password"),
        ("password", "trần văn nam", "f-password"),
        ("terms", "", "f-terms"),
        ("terms", "2001-01", "f-terms"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    exchange: Runtime, field: str, value: str, says: str, visit: Visit
) -> None:
    if (field, value) == ("password", "ngắn quá"):
        value = "ngắn"
    page = visit().post("/vi/register", **(FORM | {field: value}))
    assert page.status_code == 422
    assert "<title>Lỗi:" in page.text
    assert f'href="#{says}"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert PASSWORD not in page.text
    if field != "name":
        assert 'value="Trần Văn Nam"' in page.text
    assert letters(exchange) == []


def test_a_form_without_its_token_opens_no_account(exchange: Runtime, visit: Visit) -> None:
    assert visit().post_without_token("/vi/register", **FORM).status_code == 403
    assert letters(exchange) == []


def test_one_mailbox_gets_five_letters_an_hour_from_strangers(
    exchange: Runtime, clock: HandMovedClock, visit: Visit
) -> None:
    answers = [visit(f"198.51.100.{n}").post("/vi/register", **FORM).status_code for n in range(6)]
    assert answers == [303] * 5 + [429]
    assert len(letters(exchange)) == 5
    clock.move(timedelta(hours=1))
    assert visit().post("/vi/register", **FORM).status_code == 303


def test_the_english_form_makes_an_english_account(exchange: Runtime, visit: Visit) -> None:
    visit().post("/en/register", **FORM)
    (letter,) = letters(exchange)
    assert letter.language == "en"
    assert "Confirm your e-mail address" in letter.subject
