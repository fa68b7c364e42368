"""Organisations: founding one, not twice; joining by invitation; roles, and who may give them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.errors import Conflict, Forbidden, GiaoError, Invalid, NotFound, TooMany
from marketplace.models.accounts import STAFF_ROLES, Membership, Organisation, User
from marketplace.models.audit import AuditEntry
from marketplace.models.feed import Published
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.services import accounts, invitations, memberships, names, organisations
from marketplace.services.bulk import Item, post_many
from marketplace.services.letters import post_letter
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import begin, look
from tests.support.clock import HandMovedClock
from tests.support.mailer import letters, token_in
from tests.support.market import content

Member = Callable[..., str]
Acting = Callable[[str], Actor]

LAN, HOA = "lan@example.org", "hoa@example.org"


def described(name: str = "Viện Nuôi trồng Thủy sản Cửu Long", **changes: str) -> organisations.Described:
    return organisations.described(**({"name": name, "kind": "institute", "province": "92"} | changes))


@pytest.fixture
def lan(member: Member) -> str:
    return member(LAN)


@pytest.fixture
def hoa(member: Member) -> str:
    return member(HOA, "Phạm Thị Hoa")


@pytest.fixture
def institute(exchange: Runtime, lan: str, acting: Acting) -> str:
    """Lan's institute."""
    actor = acting(lan)
    with begin(exchange) as work:
        return organisations.found(work, actor, described())


def invited(exchange: Runtime, actor: Actor, institute: str, email: str = HOA, role: str = "editor") -> str:
    """Invite by letter; the secret of the letter's link."""
    with begin(exchange) as work:
        invitations.invite(work, actor, institute, email=email, role=role)
    return token_in(letters(exchange)[-1], "invitations")


def test_the_founder_is_its_owner(exchange: Runtime, lan: str, institute: str, acting: Acting) -> None:
    assert acting(lan).roles == {institute: frozenset({"owner"})}
    with look(exchange) as work:
        (own,) = organisations.mine(work, acting(lan))
    assert (own.name, own.roles) == ("Viện Nuôi trồng Thủy sản Cửu Long", ("owner",))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Công ty TNHH Sao Mai", "CTY TNHH SAO MAI"),
        ("Công ty Cổ phần Sao Mai", "Sao Mai JSC"),
        ("Công ty TNHH Một thành viên Sao Mai", "sao mai co., ltd"),
        ("Viện Cơ điện Nông nghiệp", "vien co dien nong nghiep"),
        ("Đại học Đồng Tháp", "ĐẠI HỌC ĐỒNG THÁP"),
    ],
)
def test_the_same_name_typed_another_way_is_noticed(
    exchange: Runtime, lan: str, acting: Acting, first: str, second: str
) -> None:
    actor = acting(lan)
    with begin(exchange) as work:
        organisations.found(work, actor, described(first))
    with pytest.raises(Invalid) as refused, begin(exchange) as work:
        organisations.found(work, actor, described(second))
    assert [problem.code for problem in refused.value.problems] == ["organisation_likely"]
    with begin(exchange) as work:
        assert organisations.found(work, actor, described(second), different=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Viện Sao Mai", "Công ty Sao Mai"), ("Sao Mai", "Sao Mới"), ("Công ty TNHH", "Công ty Cổ phần")],
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


def test_the_same_registration_code_is_noticed(exchange: Runtime, lan: str, acting: Acting) -> None:
    actor = acting(lan)
    with begin(exchange) as work:
        organisations.found(work, actor, described("Sao Mai", code="0312345678"))
    with pytest.raises(Invalid), begin(exchange) as work:
        organisations.found(work, actor, described("Sao Hôm", code="03123 45678"))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", " ", "name_missing"),
        ("name", "x" * 201, "name_long"),
        ("name", "Vay tiền nhanh http://vay.example", "name_advertising"),
        ("kind", "pirate", "organisation_kind_missing"),
        ("province", "99", "province_missing"),
        ("code", "<script>", "organisation_code_wrong"),
        ("website", "javascript:alert(1)//x.vn", "website_wrong"),
        ("website", "ftp://files.example.org", "website_wrong"),
        ("website", "file:///etc/passwd", "website_wrong"),
    ],
)
def test_what_an_organisation_says_is_checked(field: str, value: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        described(**{field: value})
    assert code in [problem.code for problem in refused.value.problems]


def test_a_web_address_without_its_scheme_gets_the_safe_one() -> None:
    assert described(website="vien.example.vn").website == "https://vien.example.vn"


def test_an_invitation_joins_the_organisation_once(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    token = invited(exchange, acting(lan), institute)
    actor = acting(hoa)
    with begin(exchange) as work:
        invitations.accept(work, actor, token)
    assert acting(hoa).roles_in(institute) == {"editor"}
    with pytest.raises(NotFound), begin(exchange) as work:
        invitations.accept(work, actor, token)


def test_an_invitation_lives_seven_days(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting, clock: HandMovedClock
) -> None:
    token = invited(exchange, acting(lan), institute)
    clock.move(timedelta(days=7))
    actor = acting(hoa)
    with pytest.raises(NotFound), begin(exchange) as work:
        invitations.accept(work, actor, token)
    owner = acting(lan)
    with begin(exchange) as work:
        assert invitations.still_open(work, owner, institute) == []


def test_an_invitation_is_for_the_invited_only(
    exchange: Runtime, lan: str, institute: str, member: Member, acting: Acting
) -> None:
    token = invited(exchange, acting(lan), institute)
    actor = acting(member("finder@example.org", "Người Nhặt Được"))
    with pytest.raises(Forbidden) as refused, begin(exchange) as work:
        invitations.accept(work, actor, token)
    assert refused.value.code == "invitation_to_another"
    with begin(exchange) as work:
        assert invitations.waiting(work, actor) == []


def test_who_registers_after_being_invited_finds_the_invitation_waiting(
    exchange: Runtime, lan: str, institute: str, member: Member, acting: Acting
) -> None:
    invited(exchange, acting(lan), institute, "later@example.org", "broker")
    actor = acting(member("later@example.org", "Đến Sau"))
    with begin(exchange) as work:
        (waiting,) = invitations.waiting(work, actor)
        assert (waiting.role, waiting.organisation_id) == ("broker", institute)
        invitations.accept_waiting(work, actor, waiting.id)
    assert acting(actor.user_id).roles_in(institute) == {"broker"}


def test_an_unconfirmed_address_shows_nobody_the_invitations_sent_to_it(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    invited(exchange, acting(lan), institute)
    squatter = acting(hoa)
    with begin(exchange) as work:
        assert len(invitations.waiting(work, squatter)) == 1
        work.session.get_one(User, hoa).email_confirmed_at = None
        work.session.flush()
        assert invitations.waiting(work, squatter) == []


def test_an_invitation_taken_back_opens_nothing(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    actor = acting(lan)
    token = invited(exchange, actor, institute)
    with begin(exchange) as work:
        (open_one,) = invitations.still_open(work, actor, institute)
        invitations.revoke(work, actor, institute, open_one.id)
    late = acting(hoa)
    with pytest.raises(NotFound), begin(exchange) as work:
        invitations.accept(work, late, token)


def test_inviting_again_kills_the_first_link(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    first = invited(exchange, acting(lan), institute)
    second = invited(exchange, acting(lan), institute, role="broker")
    with pytest.raises(NotFound), begin(exchange) as work:
        invitations.by_link(work, first)
    with begin(exchange) as work:
        assert invitations.by_link(work, second).role == "broker"


@pytest.mark.parametrize("how", ["demoted", "shut"])
def test_who_may_no_longer_invite_has_left_no_way_in(
    exchange: Runtime, lan: str, hoa: str, institute: str, member: Member, acting: Acting, how: str
) -> None:
    second = member("bich@example.org", "Lý Thị Bích")
    with begin(exchange) as work:
        memberships.set_roles(work, SYSTEM, institute, second, ["owner"])
    token, keeper, guest = (
        invited(exchange, acting(lan), institute, role="owner"),
        acting(second),
        acting(hoa),
    )
    with begin(exchange) as work:
        if how == "demoted":
            memberships.set_roles(work, keeper, institute, lan, ["editor"])
        else:
            accounts.disable(work, SYSTEM, lan)
    with look(exchange) as work:
        assert invitations.waiting(work, guest) == []
        assert invitations.still_open(work, keeper, institute) == []
    with pytest.raises(NotFound), begin(exchange) as work:
        invitations.accept(work, guest, token)


def test_an_admin_of_the_exchange_invites_into_any_organisation(
    exchange: Runtime, lan: str, hoa: str, institute: str, member: Member, acting: Acting
) -> None:
    admin = member("quan@example.org", "Đinh Văn Quân")
    with begin(exchange) as work:
        memberships.set_roles(work, SYSTEM, organisations.the_exchange(work), admin, ["admin"])
    token, guest = invited(exchange, acting(admin), institute), acting(hoa)
    with begin(exchange) as work:
        assert invitations.accept(work, guest, token).role == "editor"


def test_no_mailbox_is_flooded_with_invitations(
    exchange: Runtime, lan: str, institute: str, acting: Acting
) -> None:
    owner = acting(lan)
    for _ in range(5):
        invited(exchange, owner, institute)
    with pytest.raises(TooMany), begin(exchange) as work:
        invitations.invite(work, owner, institute, email=HOA, role="editor")
    assert letters(exchange) == []
    invited(exchange, owner, institute, email="another@example.org")


def test_an_invitation_that_is_written_again_carries_the_same_link(
    exchange: Runtime, lan: str, institute: str, acting: Acting
) -> None:
    """Mail programs show one of two letters with the same Message-ID: the first, as likely as not."""
    actor = acting(lan)
    first = invited(exchange, actor, institute)
    with begin(exchange) as work:
        (open_one,) = invitations.still_open(work, actor, institute)
        post_letter(work, "invitation", invitation_id=open_one.id, language="vi")
    assert token_in(letters(exchange)[-1], "invitations") == first
    with begin(exchange) as work:
        assert invitations.by_link(work, first).email == HOA
    with look(exchange) as work:
        assert not [job for job in work.session.scalars(select(Job)) if first in str(job.arguments)]


def test_who_has_not_confirmed_the_own_address_sends_no_letters(
    exchange: Runtime, lan: str, institute: str, acting: Acting
) -> None:
    real = acting(lan)
    unconfirmed = Actor(real.user_id, real.name, "vi", real.roles, confirmed=False)
    with pytest.raises(Forbidden) as refused, begin(exchange) as work:
        invitations.invite(work, unconfirmed, institute, email=HOA, role="editor")
    assert refused.value.code == "confirm_first"


def test_a_member_without_the_owners_role_manages_nothing(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    newcomer = acting(hoa)
    token = invited(exchange, acting(lan), institute)
    with begin(exchange) as work:
        invitations.accept(work, newcomer, token)
    editor = acting(hoa)
    with begin(exchange) as work:
        assert len(memberships.members(work, editor, institute)) == 2
    for act in (
        lambda work: invitations.invite(work, editor, institute, email="x@example.org", role="owner"),
        lambda work: invitations.still_open(work, editor, institute),
        lambda work: memberships.set_roles(work, editor, institute, hoa, ["owner"]),
        lambda work: organisations.describe(work, editor, institute, described("Của tôi")),
    ):
        with pytest.raises(NotFound), begin(exchange) as work:
            act(work)


def test_another_organisation_is_as_if_it_were_not_there(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    actor = acting(hoa)
    with begin(exchange) as work:
        organisations.found(work, actor, described("Công ty Sao Mai"))
    stranger = acting(hoa)
    refusals = []
    for target in (institute, "no-such-organisation"):
        with pytest.raises(GiaoError) as refused, begin(exchange) as work:
            memberships.members(work, stranger, target)
        refusals.append((refused.value.status, refused.value.code))
    assert refusals == [(404, "not_found")] * 2


def test_the_last_owner_cannot_leave_nor_be_removed(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    actor = acting(lan)
    for act in (
        lambda work: memberships.leave(work, actor, institute),
        lambda work: memberships.set_roles(work, actor, institute, lan, ["editor"]),
    ):
        with pytest.raises(Conflict) as refused, begin(exchange) as work:
            act(work)
        assert refused.value.code == "last_owner"
    second = acting(hoa)
    token = invited(exchange, actor, institute, role="owner")
    with begin(exchange) as work:
        invitations.accept(work, second, token)
        memberships.leave(work, actor, institute)
    assert acting(lan).roles == {}


def test_a_person_belongs_to_several(exchange: Runtime, lan: str, institute: str, acting: Acting) -> None:
    actor = acting(lan)
    with begin(exchange) as work:
        second = organisations.found(work, actor, described("Công ty Sao Mai"))
    assert set(acting(lan).roles) == {institute, second}


def test_staff_roles_exist_in_the_exchanges_own_organisation_only(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    with begin(exchange) as work:
        own = organisations.the_exchange(work)
        assert organisations.the_exchange(work) == own
        memberships.set_roles(work, SYSTEM, own, lan, ["admin"])
        with pytest.raises(Invalid):
            memberships.set_roles(work, SYSTEM, institute, hoa, ["moderator"])
    admin = acting(lan)
    assert admin.staff == {"admin"}
    with begin(exchange) as work:
        memberships.set_roles(work, admin, own, hoa, ["moderator", "operator"])
    moderator = acting(hoa)
    assert moderator.staff == {"moderator", "operator"}
    for role in STAFF_ROLES:
        with pytest.raises((Invalid, NotFound)), begin(exchange) as work:
            memberships.set_roles(work, moderator, own, hoa, [role])


def test_a_staff_role_written_into_another_organisation_gives_no_power(
    exchange: Runtime, lan: str, institute: str, acting: Acting
) -> None:
    with begin(exchange) as work:
        row = work.session.scalars(select(Membership).where(Membership.user_id == lan)).one()
        row.role = "admin"
    assert acting(lan).staff == frozenset()


def test_a_stranger_cannot_be_put_into_an_organisation_by_its_owner(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    owner = acting(lan)
    with pytest.raises(NotFound), begin(exchange) as work:
        memberships.set_roles(work, owner, institute, hoa, ["editor"])


def test_role_changes_are_in_the_audit(
    exchange: Runtime, lan: str, hoa: str, institute: str, acting: Acting
) -> None:
    owner, newcomer = acting(lan), acting(hoa)
    token = invited(exchange, owner, institute)
    with begin(exchange) as work:
        invitations.accept(work, newcomer, token)
        memberships.set_roles(work, owner, institute, hoa, ["editor", "broker"])
    with look(exchange) as work:
        changes = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "roles.change")).all()
        assert [(entry.object, entry.detail["before"], entry.detail["after"]) for entry in changes] == [
            (hoa, "", "editor"),
            (hoa, "editor", "broker editor"),
        ]
        assert not any(token in str(entry.__dict__) for entry in work.session.scalars(select(AuditEntry)))


def test_its_owner_mends_what_it_says(exchange: Runtime, lan: str, institute: str, acting: Acting) -> None:
    owner = acting(lan)
    with begin(exchange) as work:
        organisations.describe(work, owner, institute, described("Viện Thủy sản Cửu Long", code="0312345678"))
    with look(exchange) as work:
        row = work.session.get_one(Organisation, institute)
        assert (row.name, row.name_key, row.code) == (
            "Viện Thủy sản Cửu Long",
            "vien thuy san cuu long",
            "0312345678",
        )


def test_its_published_listings_take_the_new_name(
    exchange: Runtime, lan: str, institute: str, acting: Acting
) -> None:
    owner = acting(lan)
    with begin(exchange) as work:
        items = [Item(str(n), str(n), content("offer", f"Máy sục khí số {n}")) for n in range(3)]
        post_many(work, SYSTEM, institute, items, publish=True)
    with begin(exchange) as work:
        organisations.describe(work, owner, institute, described("Viện Thủy sản Miền Tây"))
    letters(exchange)
    with look(exchange) as work:
        shown = [body["organisation"]["name"] for body in work.session.scalars(select(Published.body))]
    assert shown == ["Viện Thủy sản Miền Tây"] * 3


@given(st.text(max_size=60))
def test_a_tidy_name_is_one_line_and_stays_as_it_is(text: str) -> None:
    tidy = names.tidy(text)
    assert names.tidy(tidy) == tidy
    assert "\n" not in tidy
    assert "\r" not in tidy
