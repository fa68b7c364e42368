"""`giao` on PostgreSQL under a role that only serves: its work, what it says when it lacks a right, and the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from marketplace import schema
from marketplace.db import open_database
from marketplace.models.jobs import Job
from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.runtime import Runtime
from marketplace.services import erasure_requests, erasures, organisations, owners
from marketplace.tasks import SCHEDULE
from marketplace.tasks import run as run_job
from marketplace.work import begin, look
from tests.commands.conftest import Giao, row
from tests.services import service_url
from tests.support import people
from tests.support.exchanges import administer, own_prefix
from tests.support.market import settle
from tests.support.members import join
from tests.support.roles import Place, two_roles

pytestmark = pytest.mark.services

SALT = "Cảm biến đo độ mặn liên tục cho ao nuôi tôm, cảnh báo sớm qua điện thoại"


@pytest.fixture
def place() -> Iterator[Place]:
    """A database without a table."""
    with two_roles() as place:
        yield place


@pytest.fixture(scope="module")
def granted() -> Iterator[Place]:
    """One database for all tests that leave it as it was: its owner has migrated, another role may serve."""
    with two_roles() as place:
        database = open_database(place.owner)
        schema.upgrade(database)
        schema.grant(database, place.role)
        database.dispose()
        yield place


@pytest.fixture
def serving(giao: Giao, granted: Place) -> Giao:
    """An exchange as in production."""
    giao.settings["DATABASE_URL"] = granted.serving
    return giao


def as_owner(giao: Giao, place: Place, *arguments: str) -> str:
    """What a command says to the owner; afterwards the exchange is named by its other role."""
    giao.settings["DATABASE_URL"] = place.owner
    result = giao(*arguments)
    giao.settings["DATABASE_URL"] = place.serving
    return result.output


def role_line(giao: Giao) -> tuple[str, str]:
    """What the doctor says of the role, and how to mend it."""
    lines = giao("doctor").stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line[2:].startswith("role: "))
    following = lines[place + 1]
    return lines[place], following.strip() if following.startswith("  ") else ""


def bring(giao: Giao, owner: str, one: dict[str, Any]) -> None:
    path = giao.file(f"{owner}.jsonl", [one])
    assert giao("import", path, "--owner", owner, "--create-owner", "--publish").exit_code == 0


def work_off_every_periodic_job(runtime: Runtime) -> None:
    """All of the timetable, over Redis; what went wrong is raised."""
    with begin(runtime) as work:
        for period in SCHEDULE:
            work.ask(period.name)
    runtime.queue.work_off(partial(run_job, runtime))
    with look(runtime) as work:
        done = set(work.session.scalars(select(Job.name).where(Job.state == "done")))
        unfinished = work.session.scalars(select(Job.name).where(Job.state != "done")).all()
    assert done >= {period.name for period in SCHEDULE}
    assert unfinished == []


def erase(giao: Giao, runtime: Runtime, uid: str) -> None:
    """Asked for from a terminal, and confirmed by somebody who is signed in."""
    assert giao("erase", uid, "--ground", "Điều 16 Luật 91/2025/QH15").exit_code == 0
    with begin(runtime) as work:
        own = organisations.the_exchange(work)
        operator = people.person(work, "Vận Hành", {own: ("operator",)})
        (line,) = erasures.all_requests(work, operator).items
        erasure_requests.confirm(work, operator, line.id)


def test_the_whole_life_of_a_listing_and_every_periodic_job(giao: Giao, place: Place) -> None:
    assert as_owner(giao, place, "migrate", "--grant", place.role) == (
        "The database is up to date.\n"
        f"role: {place.role}, which may do what serving takes and no more\n"
    )  # fmt: skip
    prefix = own_prefix()
    giao.settings["SEARCH_URL"] = f"{service_url('SEARCH_URL').rstrip('/')}/{prefix}"
    giao.settings["QUEUE_URL"] = f"{service_url('QUEUE_URL')}?queue={prefix}"
    bring(giao, "Trại B", row(1, "Đo độ mặn ao tôm", SALT, kind="demand"))
    with giao.runtime() as runtime:
        with begin(runtime) as work:
            home = owners.find_or_create(work, "Trại B").id
        person = join(runtime, "lan@example.org", "owner", home)
        bring(giao, "Viện A", row(2, "Cảm biến độ mặn", SALT))
        settle(runtime)
        with look(runtime) as work:
            (offer,) = work.session.scalars(select(Match.offer_uid))
            assert person in set(work.session.scalars(select(Notice.user_id)))
        work_off_every_periodic_job(runtime)
        erase(giao, runtime, offer)
        settle(runtime)
        assert giao.json("search", "độ mặn", "--kind", "offer")["total"] == 0
        assert giao("audit", "verify").output == "Every entry is as it was written.\n"
        runtime.engine.drop()


def test_who_serves_is_told_who_must_migrate(giao: Giao, place: Place) -> None:
    giao.settings["DATABASE_URL"] = place.serving
    for command in (["search", "x"], ["worker"], ["run"], ["migrate"]):
        result = giao(*command)
        assert (result.exit_code, result.stderr) == (
            3,
            "DATABASE_URL names a database that waits for migrations, which its role "
            f"{place.role} may not make: run `giao migrate --grant {place.role}` with the DATABASE_URL of "
            f"{place.owner_role}, the owner.\n",
        ), command
    assert f"Run `giao migrate --grant {place.role}`" in giao("doctor").stdout


def test_who_was_granted_nothing_is_told_who_must_grant(giao: Giao, place: Place) -> None:
    assert as_owner(giao, place, "migrate") == "The database is up to date.\n"
    remedy = (
        f"run `giao migrate --grant {place.role}` with the DATABASE_URL of {place.owner_role}, the owner."
    )
    for command in (["search", "x"], ["web"], ["run"], ["migrate"]):
        result = giao(*command)
        assert result.exit_code == 3
        assert result.stderr.startswith(f"DATABASE_URL names the role {place.role}, which lacks rights")
        assert result.stderr.endswith(f"{remedy}\n")
        assert len(result.stderr.splitlines()) == 1
    assert remedy[1:] in giao("doctor").stdout
    as_owner(giao, place, "migrate", "--grant", place.role)
    assert giao("audit", "verify").exit_code == 0


def test_a_role_that_cannot_even_see_the_tables_is_told_the_same(giao: Giao, place: Place) -> None:
    as_owner(giao, place, "migrate")
    administer(place.superuser, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    assert "lacks rights that serving takes, the first USAGE on schema public" in giao("search", "x").stderr
    as_owner(giao, place, "migrate", "--grant", place.role)
    assert giao("audit", "verify").exit_code == 0


def test_what_cannot_be_granted_is_one_sentence(giao: Giao, place: Place) -> None:
    def said(*arguments: str) -> str:
        result = giao("migrate", *arguments)
        assert result.exit_code == 3
        assert len(result.stderr.splitlines()) == 1
        return result.stderr

    assert "which has no roles" in said("--grant", "giao_app")
    as_owner(giao, place, "migrate", "--grant", place.role)
    assert f"{place.role}, which does not own all tables" in said("--grant", place.role)
    giao.settings["DATABASE_URL"] = place.owner
    assert "CREATE ROLE nobody LOGIN" in said("--grant", "nobody")
    assert "no right can be taken" in said("--grant", place.owner_role)


def test_tables_of_two_owners_are_said_to_be_so(giao: Giao, place: Place) -> None:
    """Somebody has once migrated as a superuser."""
    as_owner(giao, place, "migrate", "--grant", place.role)
    administer(place.superuser, "ALTER TABLE jobs OWNER TO CURRENT_USER")
    giao.settings["DATABASE_URL"] = place.owner
    mend = f"as a superuser make the tables those of one role: ALTER TABLE jobs OWNER TO {place.owner_role}."
    for command in (["migrate"], ["migrate", "--grant", place.role], ["search", "x"]):
        result = giao(*command)
        assert result.exit_code == 3
        assert mend in result.stderr
    administer(place.superuser, f"ALTER TABLE jobs OWNER TO {place.owner_role}")
    assert giao("migrate", "--grant", place.role).exit_code == 0


def test_an_exchange_moves_to_a_server_only_as_the_owner(giao: Giao, place: Place) -> None:
    refused = giao("migrate-to", "--database-url", place.serving)
    assert refused.exit_code == 3
    assert refused.stderr.startswith(f"--database-url names the role {place.role}, which may make no tables")
    assert giao("migrate-to", "--database-url", place.owner).exit_code == 0
    as_owner(giao, place, "migrate", "--grant", place.role)
    assert giao("audit", "verify").exit_code == 0


def test_the_doctor_is_content_with_a_role_that_only_serves(serving: Giao, granted: Place) -> None:
    assert role_line(serving) == (f"✓ role: {granted.role}, which may do what serving takes and no more", "")


def test_the_doctor_names_what_the_owner_and_a_superuser_could_do(serving: Giao, granted: Place) -> None:
    serving.settings["DATABASE_URL"] = granted.owner
    said, mend = role_line(serving)
    assert said.startswith(
        f"✕ role: {granted.owner_role} owns the tables, may make tables, may change the audit trail"
    )
    assert "giao migrate --grant giao_app" in mend
    serving.settings["DATABASE_URL"] = granted.superuser
    assert " is a superuser, owns the tables, " in role_line(serving)[0]


@pytest.mark.parametrize(
    ("given", "taken", "said", "mend"),
    [
        ("GRANT DELETE ON audit_entries TO {role}", "REVOKE DELETE ON audit_entries FROM {role}",
         "may change the audit trail and other evidence (audit_entries)",
         "Run `giao migrate --grant {role}` with the DATABASE_URL of {owner}, the owner."),
        ("GRANT UPDATE (hash) ON audit_entries TO {role}", "REVOKE UPDATE (hash) ON audit_entries FROM {role}",
         "may change the audit trail and other evidence (audit_entries)", "Run `giao migrate --grant {role}`"),
        ("GRANT TRUNCATE ON jobs TO {role}", "REVOKE TRUNCATE ON jobs FROM {role}",
         "has rights that nothing uses on jobs", "Run `giao migrate --grant {role}`"),
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
         "may make tables", "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role};"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
         "may make tables", "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};"),
        ("ALTER ROLE {role} CREATEROLE", "ALTER ROLE {role} NOCREATEROLE",
         "has CREATEROLE", "ALTER ROLE {role} NOCREATEROLE;"),
        ("GRANT pg_write_all_data TO {role}", "REVOKE pg_write_all_data FROM {role}",
         "is a member of pg_write_all_data", "REVOKE pg_write_all_data FROM {role};"),
        ("GRANT {owner} TO {role}", "REVOKE {owner} FROM {role}", "owns the tables", "Serve under a role of its own"),
    ],
)  # fmt: skip
def test_the_doctor_names_every_right_too_many_and_how_to_take_it_away(
    serving: Giao, granted: Place, given: str, taken: str, said: str, mend: str
) -> None:
    names = {"role": granted.role, "owner": granted.owner_role, "database": granted.database}
    administer(granted.superuser, given.format(**names))
    try:
        line, remedy = role_line(serving)
    finally:
        administer(granted.superuser, taken.format(**names))
    assert line.startswith(f"✕ role: {granted.role} ")
    assert said in line
    assert mend.format(**names) in remedy


def test_the_doctor_knows_no_roles_of_the_embedded_database(giao: Giao) -> None:
    assert "role: " not in giao("doctor").stdout
