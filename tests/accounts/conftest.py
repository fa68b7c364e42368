"""An exchange whose letters are remembered, and people who have an account on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marketplace.runtime import Runtime
from marketplace.services import accounts, sessions
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin, look
from tests.support.compiled import application
from tests.support.mailer import RememberingMailer
from tests.support.members import registering
from tests.support.visitor import Visitor


@pytest.fixture
def exchange(embedded: Runtime) -> Runtime:
    embedded.mailer = RememberingMailer()
    return embedded


@pytest.fixture
def visit(exchange: Runtime) -> Callable[..., Visitor]:
    """Open a browser that comes from some address."""
    app = application(exchange)
    return lambda address="203.0.113.7": Visitor(app, address)


@pytest.fixture
def member(exchange: Runtime) -> Callable[..., str]:
    """Open a confirmed account; gives its id."""

    def opened(email: str = "lan@example.org", name: str = "Nguyễn Thị Lan") -> str:
        with begin(exchange) as work:
            return accounts.open_account(work, SYSTEM, registering(email, name))

    return opened


@pytest.fixture
def acting(exchange: Runtime) -> Callable[[str], Actor]:
    """The Actor a person is right now, as a request of theirs would see it."""

    def recognised(user_id: str) -> Actor:
        with begin(exchange) as work:
            token = sessions.open_for(work, user_id)
        with look(exchange) as work:
            return sessions.recognise(work, token).actor

    return recognised
