"""What the doctor says about the role under which an exchange serves on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.commands.findings import Finding
from marketplace.privileges import Standing


def of_role(standing: Standing) -> Finding:
    """Which role it is, what it could do that serving does not take, and how to mend that."""
    excess = tuple(_excess(standing))
    if not excess:
        return Finding("role", True, f"{standing.role}, which may do what serving takes and no more")
    return Finding("role", False, f"{standing.role} {', '.join(excess)}", " ".join(_mends(standing)))


def _excess(standing: Standing) -> Iterator[str]:
    if standing.is_superuser:
        yield "is a superuser"
    if standing.owns:
        yield "owns the tables"
    if standing.creates or standing.makes_others:
        yield "may make tables"
    if standing.changes:
        yield f"may change the audit trail and other evidence ({', '.join(standing.changes)})"
    if standing.is_superuser or standing.owns:
        return  # Of these no right is asked, so there is nothing more to count.
    if standing.further:
        yield f"has rights that nothing uses on {', '.join(standing.further)}"
    if standing.attributes:
        yield f"has {', '.join(standing.attributes)}"
    if standing.predefined:
        yield f"is a member of {', '.join(standing.predefined)}"


def _mends(standing: Standing) -> Iterator[str]:
    if standing.is_superuser or standing.owns:
        yield "Serve under a role of its own: as a superuser CREATE ROLE giao_app LOGIN PASSWORD '…';"
        yield "then `giao migrate --grant giao_app` with this DATABASE_URL; then name giao_app in that of the exchange."
        return
    if standing.changes or standing.further or standing.creates or standing.makes_others:
        yield f"{first_capital(standing.remedy)}."
    if by_superuser := list(_by_superuser(standing)):
        yield f"What is still there then a superuser takes away: {' '.join(by_superuser)}"


def _by_superuser(standing: Standing) -> Iterator[str]:
    role = standing.role
    if standing.creates:
        yield f"REVOKE CREATE ON SCHEMA {standing.schema} FROM PUBLIC, {role};"
    if standing.makes_others:
        yield f"REVOKE CREATE, TEMPORARY ON DATABASE {standing.database} FROM PUBLIC, {role};"
    if standing.attributes:
        yield f"ALTER ROLE {role} {' '.join(f'NO{one}' for one in standing.attributes)};"
    if standing.predefined:
        yield f"REVOKE {', '.join(standing.predefined)} FROM {role};"


def first_capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
