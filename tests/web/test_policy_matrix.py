"""Every route, everybody who may knock, and two organisations: generated from the policy, so a new route is in it.

All ids in the addresses belong to one organisation, the home. Members of another with the same roles swap nothing in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from marketplace.models.accounts import STAFF_ROLES
from marketplace.models.review import ReviewItem
from marketplace.runtime import Runtime
from marketplace.services import invitations, sealed_files, sessions
from marketplace.services.organisations import the_exchange
from marketplace.services.policy import MEMBERS, VISITOR, Actor, may
from marketplace.web.policy import ROUTES
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, settle
from tests.support.members import enterprise, join, send_for_review
from tests.support.visitor import Visitor

CANARY = "Chủng men chỉ hợp tác xã nhà giữ"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
BY_SIGNATURE = "exchange.speak"
"""Routes of other exchanges, which no cookie opens."""

MORE_THAN_A_ROLE = frozenset({"brokers.own"})
"""Routes that ask for something beside the role, here an entry in the register of brokers: 403 is right without."""


@dataclass(frozen=True)
class House:
    """The exchange, the organisation whose things are asked for, and the ids of those things."""

    runtime: Runtime
    home: str
    ids: dict[str, str]
    people: dict[str, str]
    """Who, such as `owner at home` or `admin`, and the id of the account."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(embedded_settings(tmp_path_factory.mktemp("house")), HandMovedClock()) as runtime:
        yield furnished(runtime)


def furnished(runtime: Runtime) -> House:
    home, other = enterprise(runtime, "Hợp tác xã nhà"), enterprise(runtime, "Công ty khác")
    with begin(runtime) as work:
        exchange = the_exchange(work)
    people = {
        f"{role} {where}": join(runtime, f"{role}.{where.replace(' ', '.')}@example.org", role, organisation)
        for where, organisation in (("at home", home), ("elsewhere", other))
        for role in sorted(MEMBERS)
    }
    people |= {role: join(runtime, f"{role}@example.org", role, exchange) for role in STAFF_ROLES}
    uid = send_for_review(runtime, home, content("offer", CANARY))
    owner = Actor(people["owner at home"], roles={home: frozenset({"owner"})}, confirmed=True)
    with begin(runtime) as work:
        file = sealed_files.attach(work, owner, uid, sealed_files.received(runtime, f"{CANARY}.pdf", PDF))
        invitation = invitations.invite(work, owner, home, email="moi@example.org", role="editor")
        item = work.session.scalars(select(ReviewItem.id)).one()
    settle(runtime)
    ids = {
        "uid": uid, "demand_uid": uid, "offer_uid": uid, "file_id": file.id, "item_id": item, "organisation_id": home,
        "user_id": people["editor at home"], "invitation_id": invitation,
    }  # fmt: skip
    return House(runtime, home, ids, people)


def actor_of(house: House, who: str) -> tuple[Actor, str]:
    """The person as a request sees him, and the secret of his session; a visitor has none."""
    if who == "visitor":
        return VISITOR, ""
    with begin(house.runtime) as work:
        token = sessions.open_for(work, house.people[who])
    with look(house.runtime) as work:
        return sessions.recognise(work, token).actor, token


def addresses(house: House, rules: Iterator[Rule]) -> Iterator[tuple[str, str, frozenset[str], bool]]:
    """Every route that a browser may use: endpoint, path, methods, and whether the path holds an id of the home."""
    for rule in rules:
        if rule.endpoint == "static" or ROUTES[rule.endpoint] == BY_SIGNATURE:
            continue
        path = re.sub(r"<any\(([^,)]+)[^)]*\):\w+>", r"\1", rule.rule)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: house.ids.get(part[1], "unknown"), path)
        yield (
            rule.endpoint,
            path,
            frozenset(rule.methods or ()),
            not house.ids.keys().isdisjoint(rule.arguments),
        )


WHO = (
    "visitor",
    *(f"{role} {where}" for where in ("at home", "elsewhere") for role in sorted(MEMBERS)),
    *STAFF_ROLES,
)


@pytest.mark.parametrize("who", WHO)
def test_everybody_enters_where_the_policy_says_and_nowhere_else(house: House, who: str) -> None:
    app = application(house.runtime)
    actor, token = actor_of(house, who)
    browser = Visitor(app)
    if token:
        browser.hold("giao-test-session", token)
    wrong: list[str] = []
    for endpoint, path, methods, of_the_home in addresses(house, app.url_map.iter_rules()):
        allowed = may(actor, ROUTES[endpoint], house.home if of_the_home else None)
        if "GET" in methods:
            answer = browser.get(path)
            asked_in = answer.status_code == 303 and "/sign-in?next=" in answer.headers["Location"]
            refused = answer.status_code in (401, 403) or asked_in
            shut_out = refused and endpoint not in MORE_THAN_A_ROLE
            if (allowed and shut_out) or (not allowed and not (refused or answer.status_code == 404)):
                wrong.append(f"GET {path}: {answer.status_code}")
            if not allowed and CANARY in answer.text:
                wrong.append(f"GET {path} tells what it must not")
        # Only those who may not are tried: what those who may would do cannot be done twice.
        if "POST" in methods and not allowed:
            answer = browser.post(path)
            if answer.status_code not in (401, 403, 404):
                wrong.append(f"POST {path}: {answer.status_code}")
    assert wrong == []


def test_the_home_has_not_changed_after_all_that_knocking(house: House) -> None:
    actor, token = actor_of(house, "owner at home")
    browser = Visitor(application(house.runtime))
    browser.hold("giao-test-session", token)
    page = browser.get(f"/vi/desk/listings/{house.ids['uid']}")
    assert CANARY in page.text
    assert f"{CANARY}.pdf" in page.text
    assert actor.roles_in(house.home) == {"owner"}


@pytest.mark.parametrize("who", [who for who in WHO if "elsewhere" in who])
def test_lists_and_counts_of_another_organisation_do_not_speak_of_the_home(house: House, who: str) -> None:
    _, token = actor_of(house, who)
    browser = Visitor(application(house.runtime))
    browser.hold("giao-test-session", token)
    for path in ("/vi/desk", "/vi/matches", "/vi/organisations", "/vi/account", "/vi/offers", "/vi/"):
        assert CANARY not in browser.get(path).text, path
