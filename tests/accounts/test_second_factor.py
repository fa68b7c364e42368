"""The second factor: nobody is in by the password alone, a code opens once, and a lost phone is no lost account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from marketplace.models.audit import AuditEntry
from marketplace.models.listings import Autosave
from marketplace.runtime import Runtime
from marketplace.seal import Seal
from marketplace.services import accounts, codes, memberships, organisations, rotation
from marketplace.services.policy import SYSTEM
from marketplace.settings import SealedKey, Settings
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.mailer import letters, link_in
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor, words_of

Visit = Callable[..., Visitor]
Member = Callable[..., str]

LAN = "lan@example.org"
STEP = timedelta(seconds=30)
RECOVERY = re.compile(r"\b(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}\b")


class App:
    """An authenticator app on a phone whose clock is right."""

    def __init__(self, page: TestResponse, clock: HandMovedClock) -> None:
        (shown,) = re.findall(r'class="codes"><bdi[^>]*>([A-Z2-7 ]+)</bdi>', page.text)
        self._totp, self._clock = pyotp.TOTP(shown.replace(" ", "")), clock

    @property
    def code(self) -> str:
        return self._totp.at(self._clock())


@pytest.fixture
def lan(visit: Visit, member: Member) -> Visitor:
    member(LAN)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    return browser


def turned_on(browser: Visitor, clock: HandMovedClock) -> tuple[App, list[str]]:
    """Set the second factor up; the app and the recovery codes. The next code may be used at once."""
    assert browser.post("/vi/account/second-factor/start", current_password=PASSWORD).status_code == 303
    app = App(browser.get("/vi/account/second-factor/confirm"), clock)
    page = browser.post("/vi/account/second-factor/confirm", code=app.code)
    assert page.status_code == 200
    clock.move(STEP)
    return app, RECOVERY.findall(unescape(page.text))


def test_the_password_alone_opens_nothing_any_more(visit: Visit, lan: Visitor, clock: HandMovedClock) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    answer = browser.sign_in(LAN, PASSWORD)
    assert answer.headers["Location"].endswith("/vi/sign-in/code")
    assert not browser.is_signed_in()
    assert browser.get("/vi/desk").status_code == 303
    half = browser.cookies()["giao-test-session"]
    assert browser.post("/vi/sign-in/code", code=app.code).status_code == 303
    assert browser.is_signed_in()
    assert browser.cookies()["giao-test-session"] != half, "rights have changed, so has the secret"


def test_a_code_opens_once_and_so_does_an_older_one_never(
    visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    before = app.code
    clock.move(STEP)
    first, second = visit(), visit()
    for browser in (first, second):
        browser.sign_in(LAN, PASSWORD)
    assert first.post("/vi/sign-in/code", code=app.code).status_code == 303
    assert second.post("/vi/sign-in/code", code=app.code).status_code == 422, "replayed"
    assert second.post("/vi/sign-in/code", code=before).status_code == 422, "within its time, but passed over"
    clock.move(STEP)
    assert second.post("/vi/sign-in/code", code=app.code).status_code == 303


def test_a_code_is_good_half_a_minute_to_either_side_and_no_longer(
    exchange: Runtime, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    old, now = app.code, app.code
    clock.move(2 * STEP)
    user_id = someone(exchange)
    assert not taken(exchange, user_id, old)
    clock.move(-STEP)
    assert taken(exchange, user_id, now)


def test_codes_are_read_however_they_are_spaced(
    exchange: Runtime, lan: Visitor, clock: HandMovedClock
) -> None:
    app, kept = turned_on(lan, clock)
    user_id = someone(exchange)
    assert taken(exchange, user_id, f" {app.code[:3]} {app.code[3:]} ")
    assert taken(exchange, user_id, kept[0].lower().replace("-", " "))
    assert not taken(exchange, user_id, "")
    assert not taken(exchange, user_id, "１２３４５６")


def test_a_guesser_of_codes_is_stopped_also_with_the_right_one(
    visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    answers = [browser.post("/vi/sign-in/code", code=f"00000{n}").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert browser.post("/vi/sign-in/code", code=app.code).status_code == 429
    other = visit("198.51.100.9")
    other.sign_in(LAN, PASSWORD)
    assert other.post("/vi/sign-in/code", code=app.code).status_code == 429, "another address is no way round"


def test_the_second_step_is_open_ten_minutes(visit: Visit, lan: Visitor, clock: HandMovedClock) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    clock.move(timedelta(minutes=10))
    answer = browser.post("/vi/sign-in/code", code=app.code)
    assert answer.headers["Location"].endswith("/vi/sign-in")
    assert not browser.is_signed_in()


def test_each_recovery_code_opens_once(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    _, kept = turned_on(lan, clock)
    assert len(set(kept)) == codes.RECOVERY_CODES
    for expected in (303, 422):
        browser = visit()
        browser.sign_in(LAN, PASSWORD)
        assert browser.post("/vi/sign-in/code", code=kept[0]).status_code == expected
    assert "Còn 9 mã" in words_of(lan.get("/vi/account/second-factor"))


def test_new_recovery_codes_make_the_old_ones_worthless(
    exchange: Runtime, lan: Visitor, clock: HandMovedClock
) -> None:
    app, old = turned_on(lan, clock)
    path = "/vi/account/second-factor/codes"
    assert lan.post(path, current_password="wrong password", code=app.code).status_code == 422
    assert lan.post(path, current_password=PASSWORD, code="000000").status_code == 422
    page = lan.post(path, current_password=PASSWORD, code=app.code)
    new = RECOVERY.findall(page.text)
    assert page.headers["Cache-Control"] == "no-store"
    user_id = someone(exchange)
    assert not taken(exchange, user_id, old[0])
    assert taken(exchange, user_id, new[0])


def test_a_new_password_by_letter_does_not_go_round_the_code(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    turned_on(lan, clock)
    thief = visit()
    thief.post("/vi/forgot", email=LAN)
    path = next(link_in(one, "reset") for one in letters(exchange) if "/reset/" in one.text)
    thief.post(path, password="mặt trời mọc đằng tây")
    thief.sign_in(LAN, "mặt trời mọc đằng tây")
    assert not thief.is_signed_in()
    assert thief.get("/vi/desk").status_code == 303


def test_it_is_set_up_only_by_who_knows_the_password_and_shows_its_code(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    assert lan.post("/vi/account/second-factor/start", current_password="wrong password").status_code == 422
    assert lan.get("/vi/account/second-factor/confirm").status_code == 404
    lan.post("/vi/account/second-factor/start", current_password=PASSWORD)
    assert lan.post("/vi/account/second-factor/confirm", code="000000").status_code == 422
    assert visit().sign_in(LAN, PASSWORD).headers["Location"].endswith("/vi/desk"), "nothing is asked for yet"


def test_the_secret_is_shown_until_it_is_in_use_and_never_again(lan: Visitor, clock: HandMovedClock) -> None:
    turned_on(lan, clock)
    assert lan.get("/vi/account/second-factor/confirm").status_code == 404
    assert lan.post("/vi/account/second-factor/start", current_password=PASSWORD).status_code == 409


def test_turning_it_on_ends_all_other_sessions_and_tells_the_owner(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    other = visit()
    other.sign_in(LAN, PASSWORD)
    before = lan.cookies()["giao-test-session"]
    turned_on(lan, clock)
    assert not other.is_signed_in()
    assert lan.is_signed_in()
    assert lan.cookies()["giao-test-session"] != before
    (told,) = letters(exchange)
    assert (told.to, "Đã bật xác thực hai lớp" in told.subject) == (LAN, True)


def test_turning_it_off_takes_password_and_code(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    letters(exchange)
    path = "/vi/account/second-factor/off"
    assert lan.post(path, current_password="wrong password", code=app.code).status_code == 422
    assert lan.post(path, current_password=PASSWORD, code="000000").status_code == 422
    assert lan.post(path, current_password=PASSWORD, code=app.code).status_code == 303
    assert lan.is_signed_in()
    assert visit().sign_in(LAN, PASSWORD).headers["Location"].endswith("/vi/desk")
    assert "Đã tắt" in letters(exchange)[0].subject


def test_neither_the_secret_nor_a_recovery_code_is_stored_in_the_clear(
    exchange: Runtime, lan: Visitor, clock: HandMovedClock
) -> None:
    lan.post("/vi/account/second-factor/start", current_password=PASSWORD)
    page = lan.get("/vi/account/second-factor/confirm")
    assert page.headers["Cache-Control"] == "no-store"
    app = App(page, clock)
    kept = RECOVERY.findall(lan.post("/vi/account/second-factor/confirm", code=app.code).text)
    secrets = [app._totp.secret, *kept, *(code.replace("-", "") for code in kept)]
    for file in exchange.settings.data_dir.glob("giao.db*"):
        data = file.read_bytes()
        assert [one for one in secrets if one.encode() in data] == []


def test_the_secret_is_sealed_anew_with_a_new_key(
    exchange: Runtime, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    new = SealedKey("k2", b"n" * 32)
    exchange.__dict__["seal"] = Seal((new, *exchange.settings.sealed_keys))
    with begin(exchange) as work:
        assert rotation.rotate(work) == 1
    exchange.__dict__["seal"] = Seal((new,))
    assert taken(exchange, someone(exchange), app.code)


def test_what_was_typed_before_signing_in_survives_the_second_step(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    browser.post("/vi/post/demand/autosave", title_vi="Máy sấy")
    browser.sign_in(LAN, PASSWORD)
    browser.post("/vi/sign-in/code", code=app.code)
    with look(exchange) as work:
        assert work.session.scalars(select(Autosave.holder)).all() == [f"user:{someone(exchange)}"]


def test_where_the_reader_wanted_to_go_survives_the_second_step(
    visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    on = browser.post("/vi/sign-in", email=LAN, password=PASSWORD, next="/vi/account").headers["Location"]
    assert 'name="next" value="/vi/account"' in browser.get(on).text
    answer = browser.post("/vi/sign-in/code", code=app.code, next="/vi/account")
    assert answer.headers["Location"].endswith("/vi/account")


def test_who_was_shut_out_meanwhile_does_not_complete(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    app, _ = turned_on(lan, clock)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    with begin(exchange) as work:
        accounts.disable(work, SYSTEM, someone(exchange))
    assert browser.post("/vi/sign-in/code", code=app.code).headers["Location"].endswith("/vi/sign-in")
    assert not browser.is_signed_in()


def test_wrong_codes_stand_in_the_audit(
    exchange: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    turned_on(lan, clock)
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    browser.post("/vi/sign-in/code", code="000000")
    with look(exchange) as work:
        last = work.session.execute(
            select(AuditEntry.action, AuditEntry.outcome, AuditEntry.detail).order_by(AuditEntry.n.desc())
        ).first()
    assert last is not None
    assert tuple(last) == ("second_factor", "failed", {})


# -- staff -------------------------------------------------------------------------------------------------------------


def on_the_staff(exchange: Runtime, role: str) -> None:
    with begin(exchange) as work:
        own = organisations.the_exchange(work)
        memberships.set_roles(work, SYSTEM, own, someone(exchange), [role])


@pytest.fixture
def strict(exchange: Runtime) -> Runtime:
    exchange.settings = replace(exchange.settings, second_factor="always")
    return exchange


def test_staff_have_no_rights_without_it_and_all_of_them_with_it(
    strict: Runtime, visit: Visit, lan: Visitor, clock: HandMovedClock
) -> None:
    on_the_staff(strict, "moderator")
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    refused = browser.get("/vi/moderation")
    assert refused.status_code == 403
    assert "/vi/account/second-factor" in refused.text
    assert "đang tạm ngừng" in words_of(browser.get("/vi/desk"))
    turned_on(browser, clock)
    assert browser.get("/vi/moderation").status_code == 200
    assert "đang tạm ngừng" not in words_of(browser.get("/vi/desk"))


@pytest.mark.parametrize("role", ["moderator", "operator", "admin", "evaluator"])
def test_every_staff_role_waits(
    strict: Runtime, lan: Visitor, acting: Callable[..., object], role: str
) -> None:
    on_the_staff(strict, role)
    actor = acting(someone(strict))
    assert (actor.staff, actor.held_back) == (frozenset(), frozenset({role}))  # type: ignore[attr-defined]


def test_on_this_machine_staff_may_go_without(exchange: Runtime, visit: Visit, lan: Visitor) -> None:
    on_the_staff(exchange, "moderator")
    browser = visit()
    browser.sign_in(LAN, PASSWORD)
    assert browser.get("/vi/moderation").status_code == 200


@pytest.mark.parametrize(
    ("base_url", "second_factor", "needed"),
    [
        ("http://127.0.0.1:8000", "public", False),
        ("http://127.0.0.1:8000", "always", True),
        ("https://exchange.example", "public", True),
        ("https://exchange.example", "always", True),
    ],
)
def test_where_others_can_reach_it_staff_always_need_one(
    exchange: Runtime, base_url: str, second_factor: str, needed: bool
) -> None:
    settings: Settings = replace(exchange.settings, base_url=base_url, second_factor=second_factor)
    assert settings.staff_need_second_factor is needed


def someone(exchange: Runtime) -> str:
    with look(exchange) as work:
        return accounts.find(work, SYSTEM, LAN).id


def taken(exchange: Runtime, user_id: str, code: str) -> bool:
    with begin(exchange) as work:
        tried = codes.knock(work, user_id)
    with begin(exchange) as work:
        return codes.take(work, user_id, code, tried=tried) is not None
