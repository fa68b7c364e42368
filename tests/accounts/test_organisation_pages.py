"""The pages of organisations, as their members, their guests and strangers meet them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from marketplace.runtime import Runtime
from marketplace.services import accounts
from tests.support.mailer import letters, link_in
from tests.support.members import PASSWORD
from tests.support.visitor import Visitor, words_of

Visit = Callable[..., Visitor]
Member = Callable[..., str]

LAN, HOA = "lan@example.org", "hoa@example.org"
FORM = {"name": "Viện Thủy sản Cửu Long", "kind": "institute", "province": "92"}


def browser_of(visit: Visit, member: Member, email: str, name: str) -> Visitor:
    member(email, name)
    browser = visit()
    browser.sign_in(email, PASSWORD)
    return browser


@pytest.fixture
def lan(visit: Visit, member: Member) -> Visitor:
    return browser_of(visit, member, LAN, "Nguyễn Thị Lan")


@pytest.fixture
def hoa(visit: Visit, member: Member) -> Visitor:
    return browser_of(visit, member, HOA, "Phạm Thị Hoa")


@pytest.fixture
def institute(lan: Visitor) -> str:
    """The path of the page of Lan's institute."""
    return lan.post("/vi/organisations/new", **FORM).headers["Location"]


def invitation(
    exchange: Runtime, lan: Visitor, institute: str, email: str = HOA, role: str = "editor"
) -> str:
    assert lan.post(f"{institute}/invite", email=email, role=role).status_code == 303
    return link_in(letters(exchange)[-1], "invitations")


def test_founding_keeps_this_browser_signed_in_under_a_new_secret(lan: Visitor) -> None:
    before = lan.cookies()["giao-test-session"]
    answer = lan.post("/vi/organisations/new", **FORM)
    assert answer.status_code == 303
    assert lan.cookies()["giao-test-session"] != before
    page = lan.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "Viện Thủy sản Cửu Long" in words_of(page)
    assert "Chủ hồ sơ" in words_of(page)


def test_founding_ends_the_sessions_of_the_same_person_elsewhere(visit: Visit, lan: Visitor) -> None:
    elsewhere = visit()
    elsewhere.sign_in(LAN, PASSWORD)
    lan.post("/vi/organisations/new", **FORM)
    assert lan.is_signed_in()
    assert not elsewhere.is_signed_in()


def test_a_likely_double_is_shown_and_can_be_said_to_be_different(
    lan: Visitor, hoa: Visitor, institute: str
) -> None:
    double = FORM | {"name": "VIEN THUY SAN CUU LONG", "province": "79"}
    page = hoa.post("/vi/organisations/new", **double)
    assert page.status_code == 422
    assert "Viện Thủy sản Cửu Long · Cần Thơ" in words_of(page)
    assert 'value="VIEN THUY SAN CUU LONG"' in page.text
    assert hoa.post("/vi/organisations/new", **double, different="1").status_code == 303


def test_an_invited_member_joins_by_the_link(
    exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str
) -> None:
    path = invitation(exchange, lan, institute)
    assert hoa.get(institute).status_code in (403, 404)
    assert "Nhận lời mời" in words_of(hoa.get(path))
    assert hoa.post(path).headers["Location"] == institute
    assert hoa.get(institute).status_code == 200
    assert hoa.get(path).status_code == 404


def test_somebody_not_yet_registered_registers_and_then_accepts(
    exchange: Runtime, visit: Visit, lan: Visitor, institute: str
) -> None:
    path = invitation(exchange, lan, institute, "new@example.org")
    newcomer = visit()
    page = newcomer.get(path)
    assert "new@example.org" in words_of(page)
    assert "/vi/register" in page.text
    newcomer.post(
        "/vi/register",
        name="Trần Mới",
        email="new@example.org",
        password=PASSWORD,
        terms=accounts.TERMS_VERSION,
    )
    newcomer.sign_in("new@example.org", PASSWORD)
    assert newcomer.post(path).headers["Location"] == institute
    assert newcomer.get(institute).status_code == 200
    assert "chưa được xác nhận" not in newcomer.get("/vi/account").text, "the link has proven the address"


def test_an_invitation_waits_on_the_account_page(
    exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str
) -> None:
    invitation(exchange, lan, institute)
    page = hoa.get("/vi/account")
    (accept,) = re.findall(r'action="(/vi/organisations/invitations/\w+/accept)"', page.text)
    assert hoa.post(accept).headers["Location"] == institute
    assert hoa.get(institute).status_code == 200


def test_a_found_letter_joins_nobody_else(
    exchange: Runtime, visit: Visit, member: Member, lan: Visitor, institute: str
) -> None:
    path = invitation(exchange, lan, institute)
    finder = browser_of(visit, member, "finder@example.org", "Người Nhặt Được")
    assert "finder@example.org" in words_of(finder.get(path))
    assert finder.post(path).status_code == 403
    assert finder.get(institute).status_code in (403, 404)


def test_changing_a_members_roles_signs_that_member_out(
    exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str
) -> None:
    hoa.post(invitation(exchange, lan, institute))
    (path,) = [
        path
        for path in re.findall(rf'href="({institute}/members/\w+)"', lan.get(institute).text)
        if _is_of(lan, path, "Hoa")
    ]
    assert lan.post(path, roles=["broker"]).status_code == 303
    assert lan.is_signed_in()
    assert not hoa.is_signed_in()
    hoa.sign_in(HOA, PASSWORD)
    assert "Môi giới" in words_of(hoa.get("/vi/organisations"))
    box = re.search(r"<details>(.*?)</details>", lan.get(path).text, re.DOTALL)
    assert box is not None, "a press beside «save» would remove somebody"
    assert 'name="remove"' in box[1]
    assert "gửi một thư mời mới" in box[1]
    assert lan.post(path, remove="1").status_code == 303
    hoa.sign_in(HOA, PASSWORD)
    assert hoa.get(institute).status_code in (403, 404)


def test_the_last_owner_is_told_why_leaving_is_refused(lan: Visitor, institute: str) -> None:
    page = lan.post(f"{institute}/leave")
    assert page.status_code == 409
    assert "người cuối cùng" in words_of(page)
    assert lan.get(institute).status_code == 200


def test_a_member_leaves(exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str) -> None:
    hoa.post(invitation(exchange, lan, institute))
    assert hoa.post(f"{institute}/leave").status_code == 303
    assert hoa.is_signed_in()
    assert hoa.get(institute).status_code in (403, 404)


def test_an_invitation_is_taken_back(exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str) -> None:
    path = invitation(exchange, lan, institute)
    (revoke,) = re.findall(rf'action="({institute}/invitations/\w+/revoke)"', lan.get(institute).text)
    assert lan.post(revoke).status_code == 303
    assert hoa.post(path).status_code == 404


@pytest.mark.parametrize(
    "place", ["", "/describe", "/invite", "/leave", "/members/{person}", "/invitations/{invitation}/revoke"]
)
def test_the_owner_of_another_organisation_finds_nothing(
    exchange: Runtime, lan: Visitor, hoa: Visitor, institute: str, place: str
) -> None:
    """Ids swapped between two organisations: every route, both methods, answers as if nothing were there."""
    hoa.post("/vi/organisations/new", **(FORM | {"name": "Công ty Sao Mai"}))
    invitation(exchange, lan, institute, "third@example.org")
    page = lan.get(institute).text
    person = re.findall(rf"{institute}/members/(\w+)", page)[0]
    sent = re.findall(rf"{institute}/invitations/(\w+)/revoke", page)[0]
    path = institute + place.format(person=person, invitation=sent)
    assert hoa.get(path).status_code in (404, 405)
    assert hoa.post(path, roles=["owner"], email=HOA, role="owner", **FORM).status_code in (404, 405)
    assert lan.get(institute).status_code == 200
    assert sent in lan.get(institute).text


def test_an_invitation_to_a_role_of_the_exchanges_staff_is_refused(
    exchange: Runtime, lan: Visitor, institute: str
) -> None:
    for role in ("admin", "moderator", "operator", "king"):
        assert lan.post(f"{institute}/invite", email=HOA, role=role).status_code == 422
    assert letters(exchange) == []


def test_its_owner_mends_what_it_says(lan: Visitor, institute: str) -> None:
    page = lan.get(f"{institute}/describe")
    assert 'value="Viện Thủy sản Cửu Long"' in page.text
    lan.post(f"{institute}/describe", **(FORM | {"website": "vien.example.vn"}))
    assert "https://vien.example.vn" in words_of(lan.get(institute))


def _is_of(browser: Visitor, path: str, name: str) -> bool:
    return name in words_of(browser.get(path))
