"""What no database holds and no header means is refused like any other nonsense, on every back end, and is never a 500."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace import sync_key
from marketplace.runtime import Runtime
from tests.support.compiled import application
from tests.support.visitor import Visitor


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    sync_key.ensure(runtime.settings.key_file)
    return application(runtime)


@pytest.mark.parametrize(
    "path",
    [
        "/vi/listings/%00",
        "/vi/listings/own:offer:%00",
        "/id/%00",
        "/vi/id/%00",
        "/vi/organisations/%00",
        "/sync/v1/schemas/offer/%00.json",
    ],
)
def test_a_nul_in_an_address_leads_nowhere(app: Flask, path: str) -> None:
    assert Visitor(app).get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/vi/offers?q=%00", "/vi/offers?q=tôm%00&field=%00&origin=%00", "/vi/sign-in?next=/%00"]
)
def test_a_nul_in_a_question_says_nothing(app: Flask, path: str) -> None:
    assert Visitor(app).get(path).status_code == 200


def test_a_nul_in_a_form_is_no_error_of_ours(app: Flask) -> None:
    visitor = Visitor(app)
    for path in ("/vi/sign-in", "/vi/register", "/vi/password"):
        answer = visitor.post(path, email="lan\0@example.org", password="x\0y", name="\0", token="\0")
        assert answer.status_code < 500, path


def test_a_nul_in_a_cookie_is_no_error_of_ours(app: Flask) -> None:
    visitor = Visitor(app)
    for name in visitor_cookies(app):
        visitor.hold(name, "\0")
    assert visitor.get("/vi/").status_code == 200
    assert visitor.get("/vi/sign-in").status_code == 200


def visitor_cookies(app: Flask) -> list[str]:
    visitor = Visitor(app)
    visitor.get("/vi/sign-in")
    return list(visitor.cookies())


@pytest.mark.parametrize(
    "signature", ["é", "", "sig1", "sig1=:é:", "x" * 20_000, "sig1=:AAAA:", ":::", "sig=1", "\xff"]
)
@pytest.mark.parametrize("path", ["/.well-known/xsync", "/sync/v1/keys", "/sync/v1/status"])
def test_a_signature_that_cannot_be_read_gets_an_answer_of_the_protocol(
    app: Flask, path: str, signature: str
) -> None:
    answer = app.test_client().get(path, headers={"Signature": signature.encode().decode("latin-1")})
    assert answer.status_code in (200, 400, 401)
    assert answer.mimetype in ("application/json", "application/problem+json")
