"""What a role of PostgreSQL may do in the database of an exchange, and what serving takes.

The owner of the tables migrates them. Whoever serves does so under a role that reads and writes rows, makes no table, and
only adds to what is evidence. The database itself remembers such roles, in the default privileges of the owner: every later
migration gives them what it has made. SQLite has no roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, text

from marketplace.db import Table
from marketplace.models import APPEND_ONLY
from marketplace.settings import SettingsError

ADDS = frozenset({"SELECT", "INSERT"})
WRITES_ROWS = ADDS | {"UPDATE", "DELETE"}
BEYOND_READING = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
REVISIONS = "alembic_version"
"""Says how far the tables were migrated, which is nobody's to write but the owner's."""

_ABOUT = """
SELECT r.oid, r.rolname AS role, r.rolsuper AS is_superuser, d.datname AS database, s.name AS schema,
       pg_get_userbyid(d.datdba) AS database_owner,
       has_schema_privilege(r.oid, to_regnamespace(quote_ident(s.name))::oid, 'USAGE') AS uses,
       has_schema_privilege(r.oid, to_regnamespace(quote_ident(s.name))::oid, 'CREATE') AS creates,
       has_database_privilege(r.oid, d.oid, 'CREATE, TEMPORARY') AS makes_others,
       array_remove(ARRAY[CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                          CASE WHEN r.rolreplication THEN 'REPLICATION' END,
                          CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL) AS attributes,
       ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'pg\\_%' AND pg_has_role(r.oid, oid, 'MEMBER')
             ORDER BY rolname) AS predefined
FROM pg_roles r, pg_database d, (SELECT coalesce(current_schema(), 'public') AS name) s
WHERE r.rolname = coalesce(:role, current_user) AND d.datname = current_database()
"""

# A right to change one column is a right to change.
_RELATIONS = """
SELECT c.relname AS name, c.relkind = 'S' AS is_sequence, pg_get_userbyid(c.relowner) AS owner,
       pg_has_role(CAST(:role AS oid), c.relowner, 'MEMBER') AS owned,
       CASE WHEN c.relkind = 'S' THEN
         CASE WHEN has_sequence_privilege(CAST(:role AS oid), c.oid, 'USAGE') THEN ARRAY['USAGE'] ELSE '{}' END
       ELSE ARRAY(
         SELECT held FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) held
         WHERE has_table_privilege(CAST(:role AS oid), c.oid, held)
            OR held = 'UPDATE' AND has_any_column_privilege(CAST(:role AS oid), c.oid, 'UPDATE')
       ) END AS held
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'S') ORDER BY c.relname
"""

_REMEMBERED = """
SELECT DISTINCT pg_get_userbyid(a.grantee) FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace,
       aclexplode(d.defaclacl) a
WHERE n.nspname = :schema AND d.defaclobjtype = 'r' AND pg_get_userbyid(d.defaclrole) = :owner AND a.grantee <> 0
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one role may do here."""

    oid: int
    role: str
    owner: str
    """Whose the tables are that this role does not own, else its own; the owner of the database, while there is none."""
    database: str
    schema: str
    is_superuser: bool
    owns: bool
    """Whether it may do with a table of ours whatever its owner may."""
    foreign: tuple[str, ...]
    """Tables of ours that it does not own: all, for whoever only serves."""
    creates: bool
    """Whether it may make tables in the schema."""
    lacks: tuple[str, ...]
    """Rights that serving takes, as `INSERT on jobs`."""
    makes_others: bool
    """Whether it may make schemas or temporary tables: of these one could be put in the place of the audit trail."""
    changes: tuple[str, ...]
    """Tables that are evidence, whose rows it may change or remove."""
    further: tuple[str, ...]
    """Other tables, on which it has rights that nothing uses."""
    attributes: tuple[str, ...]
    """Of the role itself, such as CREATEROLE."""
    predefined: tuple[str, ...]
    """Roles of PostgreSQL itself that it is a member of, such as pg_write_all_data."""

    @property
    def migrates(self) -> bool:
        """Whether it may bring the tables to another version."""
        return self.creates and not self.foreign

    @property
    def remedy(self) -> str:
        """What gives this role all that it needs."""
        if self.owns and self.foreign:
            given = "; ".join(f"ALTER TABLE {name} OWNER TO {self.role}" for name in self.foreign)
            return f"as a superuser make the tables those of one role: {given}"
        return f"run `giao migrate --grant {self.role}` with the DATABASE_URL of {self.owner}, the owner"


def standing(connection: Connection, role: str | None = None) -> Standing:
    """Of `role`, or of the one that is connected. Raises `SettingsError` when there is no such role."""
    about = connection.execute(text(_ABOUT), {"role": role}).one_or_none()
    if about is None:
        raise SettingsError(
            f"--grant names {role}, which is no role of this server; make it first: CREATE ROLE {role} LOGIN PASSWORD '…'."
        )
    ours = _ours(connection, about)
    tables = sorted((row for row in ours if not row.is_sequence), key=attrgetter("owned"))
    needless = [row.name for row in tables if set(row.held) - needed(row.name)]
    return Standing(
        oid=about.oid,
        role=about.role,
        owner=tables[0].owner if tables else about.database_owner,
        database=about.database,
        schema=about.schema,
        is_superuser=about.is_superuser,
        owns=any(row.owned for row in tables),
        foreign=tuple(row.name for row in tables if not row.owned),
        creates=bool(about.creates),
        lacks=tuple(_lacking(about, ours)),
        makes_others=about.makes_others,
        changes=tuple(name for name in needless if name in APPEND_ONLY),
        further=tuple(name for name in needless if name not in APPEND_ONLY),
        attributes=tuple(about.attributes),
        predefined=tuple(about.predefined),
    )


def needed(table: str) -> frozenset[str]:
    """What serving takes on a table of ours."""
    if table == REVISIONS:
        return frozenset({"SELECT"})
    return ADDS if table in APPEND_ONLY else WRITES_ROWS


def grant(connection: Connection, role: str) -> None:
    """Give `role` what serving takes, and take away what it does not. Twice changes nothing.

    Raises `SettingsError` for a role from which nothing can be taken, and for whoever does not own the tables.
    """
    mine, theirs = standing(connection), standing(connection, role)
    if mine.foreign:
        raise SettingsError(
            f"DATABASE_URL names the role {mine.role}, which does not own all tables: "
            f"{mine.remedy if mine.owns else theirs.remedy}."
        )
    if theirs.is_superuser or theirs.owns:
        raise SettingsError(
            f"--grant names {role}, from which no right can be taken: it is a superuser or owns the tables."
        )
    _write(connection, theirs)


def renew(connection: Connection) -> None:
    """Give the roles that were granted to before what a migration has made since."""
    if connection.dialect.name != "postgresql" or (mine := standing(connection)).foreign:
        return
    remembered = connection.scalars(text(_REMEMBERED), {"schema": mine.schema, "owner": mine.owner})
    for role in remembered.all():
        theirs = standing(connection, role)
        if not theirs.owns and (theirs.lacks or theirs.changes or theirs.further):
            _write(connection, theirs)


def _ours(connection: Connection, about: Any) -> list[Any]:
    """The tables this version knows, as far as they are there, and the sequences of their owner."""
    found = connection.execute(text(_RELATIONS), {"schema": about.schema, "role": about.oid}).all()
    known = {*Table.metadata.tables, REVISIONS}
    tables = [row for row in found if not row.is_sequence and row.name in known]
    owners = {row.owner for row in tables}
    return tables + [row for row in found if row.is_sequence and row.owner in owners]


def _lacking(about: Any, ours: Iterable[Any]) -> Iterator[str]:
    if not about.uses:
        yield f"USAGE on schema {about.schema}"
    for row in ours:
        rights = {"USAGE"} if row.is_sequence else needed(row.name)
        for right in sorted(rights - set(row.held)):
            yield f"{right} on {row.name}"


def _write(connection: Connection, theirs: Standing) -> None:
    for statement in _statements(connection, theirs):
        connection.exec_driver_sql(statement)


def _statements(connection: Connection, theirs: Standing) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    role, owner = quote(theirs.role), quote(theirs.owner)
    schema, database = quote(theirs.schema), quote(theirs.database)
    # What everybody may, this role may too.
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {role}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    for row in _ours(connection, theirs):
        kind = "SEQUENCE" if row.is_sequence else "TABLE"
        rights = "USAGE" if row.is_sequence else ", ".join(sorted(needed(row.name)))
        yield f"REVOKE ALL ON {kind} {quote(row.name)} FROM {role}"
        if not row.is_sequence:
            yield f"REVOKE {BEYOND_READING} ON TABLE {quote(row.name)} FROM PUBLIC"
        yield f"GRANT {rights} ON {kind} {quote(row.name)} TO {role}"
    later = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT"
    yield f"{later} {', '.join(sorted(WRITES_ROWS))} ON TABLES TO {role}"
    yield f"{later} USAGE ON SEQUENCES TO {role}"
