"""A database on the server as it is run in production: one role owns the tables, another one serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import make_url

from tests.support.exchanges import administer, at, own_database, own_role


@dataclass(frozen=True)
class Place:
    """One database under three roles."""

    superuser: str
    """URL of whoever may do everything on the server."""
    owner: str
    """URL of the owner of the database, who is nothing else."""
    serving: str
    """URL of a role that was given nothing yet."""

    @property
    def database(self) -> str:
        return str(make_url(self.owner).database)

    @property
    def owner_role(self) -> str:
        return str(make_url(self.owner).username)

    @property
    def role(self) -> str:
        return str(make_url(self.serving).username)


@contextmanager
def two_roles() -> Iterator[Place]:
    """A database without a table, and both roles."""
    with own_role() as owner, own_role() as serving, own_database(with_tables=False) as url:
        administer(url, f'ALTER DATABASE "{make_url(url).database}" OWNER TO "{owner}"')
        yield Place(url, at(url, username=owner, password=owner), at(url, username=serving, password=serving))
