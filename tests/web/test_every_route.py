"""What holds for every route: it stands in the policy table, says who may, and answers safely."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.app import create_app
from marketplace.runtime import Runtime
from marketplace.services.policy import RULES, VISITOR, may
from marketplace.web.policy import ROUTES, SIGNED
from tests.support.compiled import application
from tests.support.furnished import furnished
from tests.support.market import settle


@pytest.fixture
def app(embedded: Runtime) -> Flask:
    furnished(settle, embedded)
    return application(embedded)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def pages(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and address of every page that needs nothing but a language."""
    with app.test_request_context("/vi/"):
        app.preprocess_request()
        adapter = app.create_url_adapter(None) or app.url_map.bind("127.0.0.1:8000")
        return [
            (rule.endpoint, adapter.build(rule.endpoint, {"lang": "vi"} if "lang" in rule.arguments else {}))
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.arguments <= {"lang"}
        ]


def test_every_route_is_in_the_policy_table_and_every_entry_is_a_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == set(ROUTES)
    assert set(ROUTES.values()) <= set(RULES)


def test_a_route_without_a_rule_is_refused_to_everybody(embedded: Runtime) -> None:
    app = create_app(embedded)
    app.add_url_rule("/forgotten", "forgotten", lambda: "a secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 500
    assert "a secret" not in answer.text


def test_a24_a_page_that_fails_tells_neither_stack_nor_query_nor_path(embedded: Runtime) -> None:
    app = create_app(embedded)

    def fails() -> str:
        raise RuntimeError("SELECT password FROM users at /srv/giao/secret.py")

    app.view_functions["catalogue.offers"] = fails
    answer = app.test_client().get("/vi/offers")
    assert answer.status_code == 500
    for word in ("Traceback", "RuntimeError", "SELECT", "password FROM", "/srv/giao", "site-packages", ".py"):
        assert word not in answer.text, word
    assert "Werkzeug" not in str(answer.headers)


def test_a_visitor_sees_what_is_public_and_is_asked_to_sign_in_for_the_rest(
    app: Flask, client: FlaskClient
) -> None:
    for endpoint, address in pages(app):
        answer = client.get(address, headers={"Accept": "text/html"})
        if endpoint in SIGNED:
            assert answer.status_code == 401, (endpoint, answer.status_code)
        elif may(VISITOR, ROUTES[endpoint]):
            assert answer.status_code in (200, 302, 303), (endpoint, answer.status_code)
        else:
            assert answer.status_code == 303, (endpoint, answer.status_code)
            assert "/sign-in" in answer.headers["Location"], endpoint


def test_every_answer_carries_the_safety_headers(app: Flask, client: FlaskClient) -> None:
    addresses = [address for _, address in pages(app)] + [
        "/vi/there-is-nothing-here",
        "/vi/listings/no:offer:1",
    ]
    for address in addresses:
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe-inline" not in policy, address
        assert "frame-ancestors 'none'" in policy, address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["Referrer-Policy"] == "same-origin", address
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", address
        assert "charset=utf-8" in headers["Content-Type"].lower() or "json" in headers["Content-Type"], (
            address
        )


def test_a_file_is_kept_for_ever_and_its_absence_is_not(client: FlaskClient) -> None:
    """While an exchange is upgraded a process of the version before has not yet what the new pages name."""
    with client.get("/static/style.css") as there:
        assert "immutable" in there.headers["Cache-Control"]
    assert client.get("/static/of-the-next-version.css").headers["Cache-Control"] == "no-cache"


def test_no_page_holds_anything_foreign_or_inline(app: Flask, client: FlaskClient) -> None:
    for _, address in pages(app):
        text = client.get(address).text
        assert "style=" not in text, address
        assert "onclick" not in text, address
        assert "<script>" not in text, address
        assert 'src="http' not in text, address


def test_a_form_without_its_token_is_refused_and_so_is_one_from_another_site(
    app: Flask, client: FlaskClient
) -> None:
    forms = [
        rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.arguments <= {"lang"}
        and may(VISITOR, ROUTES[rule.endpoint])
    ]  # fmt: skip
    assert forms
    for rule in forms:
        address = rule.rule.replace("<any(vi, en):lang>", "vi")
        assert client.post(address, data={}).status_code == 403, address
        foreign = client.post(address, data={}, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403, address


def test_an_unknown_address_is_not_found_in_the_language_it_begins_with(client: FlaskClient) -> None:
    assert client.get("/en/nothing").status_code == 404
    assert '<html lang="en"' in client.get("/en/nothing").text
    assert '<html lang="vi"' in client.get("/vi/nothing").text


def test_a_method_nobody_offers_is_refused(client: FlaskClient) -> None:
    assert client.delete("/vi/offers").status_code == 405


def test_the_front_door_chooses_the_language_of_the_browser_and_remembers_the_last(
    client: FlaskClient,
) -> None:
    assert client.get("/", headers={"Accept-Language": "en-GB,en"}).headers["Location"] == "/en/"
    assert client.get("/", headers={"Accept-Language": "fr"}).headers["Location"] == "/vi/"
    client.get("/en/offers")
    assert client.get("/", headers={"Accept-Language": "vi"}).headers["Location"] == "/en/"


def test_an_address_without_a_language_leads_to_the_page_in_ones_own(client: FlaskClient) -> None:
    english = {"Accept-Language": "en"}
    sent = client.get("/offers?q=t%C3%B4m&province=c%E1%BA%A7n+th%C6%A1", headers=english)
    assert sent.status_code == 302
    assert sent.headers["Location"] == "/en/offers?q=t%C3%B4m&province=c%E1%BA%A7n+th%C6%A1"
    assert client.head("/offers?q=may", headers=english).headers["Location"] == "/en/offers?q=may"
    assert client.get("/nothing").status_code == 404
    assert client.post("/sign-in").status_code in (403, 404), "nothing that was written is sent on"


def test_the_language_switch_keeps_page_and_question(client: FlaskClient) -> None:
    assert (
        'href="/en/offers?q=t%C3%B4m&amp;trl_from=6"' in client.get("/vi/offers?q=t%C3%B4m&trl_from=6").text
    )
