"""What the operator does to accounts from a terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from marketplace.cli import main
from marketplace.models.accounts import Membership, SecondFactor
from marketplace.runtime import Runtime
from marketplace.services import accounts, codes, sessions
from marketplace.services.policy import SYSTEM
from marketplace.settings import Settings
from marketplace.work import begin, look
from tests.support.members import registering

LAN = "lan@example.org"


def settings_in(folder: Path) -> dict[str, str]:
    return {"DATA_DIR": str(folder), "SECRET_KEYS": "s" * 32, "SEALED_KEYS": f"k1:{'a' * 43}="}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new, migrated exchange with one account, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    values = settings_in(folder)
    assert CliRunner(env=values).invoke(main, ["migrate"], catch_exceptions=False).exit_code == 0
    runtime = Runtime(Settings.from_environment(values))
    with begin(runtime) as work:
        accounts.open_account(work, SYSTEM, registering(LAN, "Lan"))
    runtime.close()
    return folder


@pytest.fixture
def environment(prepared: Path, tmp_path: Path) -> dict[str, str]:
    """The settings of an exchange with one account."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return settings_in(tmp_path)


def ask(environment: dict[str, str], *words: str) -> Result:
    return CliRunner(env=environment).invoke(main, list(words), catch_exceptions=False)


def roles(environment: dict[str, str]) -> set[str]:
    runtime = Runtime(Settings.from_environment(environment))
    with look(runtime) as work:
        held = set(work.session.scalars(select(Membership.role)))
    runtime.close()
    return held


def test_the_first_admin_is_made_by_the_operator(environment: dict[str, str]) -> None:
    assert roles(environment) == set(), "a new exchange has nobody on its staff"
    told = ask(environment, "people", "staff", " LAN@example.org", "--role", "admin", "--role", "moderator")
    assert told.exit_code == 0
    assert roles(environment) == {"admin", "moderator"}
    assert ask(environment, "people", "staff", LAN, "--role", "king").exit_code == 2
    assert ask(environment, "people", "staff", LAN, "--role", "admin").exit_code == 0
    assert roles(environment) == {"admin"}


def test_the_last_admin_is_not_taken_away(environment: dict[str, str]) -> None:
    ask(environment, "people", "staff", LAN, "--role", "admin")
    told = ask(environment, "people", "staff", LAN, "--role", "moderator")
    assert told.exit_code == 1
    assert "last person" in told.output
    assert roles(environment) == {"admin"}


def test_an_unknown_address_is_said(environment: dict[str, str]) -> None:
    told = ask(environment, "people", "disable", "nobody@example.org")
    assert told.exit_code == 1
    assert "nobody@example.org" in told.output


def test_an_account_is_shut_and_opened_again(environment: dict[str, str]) -> None:
    runtime = Runtime(Settings.from_environment(environment))
    with begin(runtime) as work:
        token = sessions.open_for(work, accounts.find(work, SYSTEM, LAN).id)
    assert ask(environment, "people", "disable", LAN).exit_code == 0
    with look(runtime) as work:
        assert not sessions.recognise(work, token).actor.signed_in
    assert ask(environment, "people", "enable", LAN).exit_code == 0
    assert ask(environment, "people", "reset", LAN).exit_code == 0
    runtime.close()


def test_the_audit_is_verified_and_a_change_is_told_by_the_exit_code(environment: dict[str, str]) -> None:
    assert ask(environment, "audit", "verify").exit_code == 0
    runtime = Runtime(Settings.from_environment(environment))
    with begin(runtime) as work:
        work.session.execute(text("UPDATE audit_entries SET actor = 'nobody' WHERE n = 1"))
    runtime.close()
    told = ask(environment, "audit", "verify")
    assert told.exit_code == 1
    assert "Entry 1 " in told.output


def test_who_has_lost_the_second_factor_is_let_in_by_password_again(environment: dict[str, str]) -> None:
    assert ask(environment, "people", "forget-second-factor", LAN).exit_code != 0, "there is none yet"
    runtime = Runtime(Settings.from_environment(environment))
    with begin(runtime) as work:
        user_id = accounts.find(work, SYSTEM, LAN).id
        made = {"sealed": b"sealed", "sealed_key": "k1", "created_at": work.now, "confirmed_at": work.now}
        work.session.add(SecondFactor(user_id=user_id, last_step=0, **made))
        codes.fresh_recovery_codes(work, user_id)
        token = sessions.open_for(work, user_id)
    assert ask(environment, "people", "forget-second-factor", LAN).exit_code == 0
    with look(runtime) as work:
        assert not codes.is_on(work, user_id)
        assert codes.recovery_codes_left(work, user_id) == 0
        assert not sessions.recognise(work, token).actor.signed_in
    runtime.close()
