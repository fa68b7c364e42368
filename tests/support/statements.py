"""SQL that one exchange of a test process has had compiled is there for all that come after it.

SQLAlchemy keeps what it compiles by the dialect, which every database that is opened has for itself; so each test
would compile every statement anew, and that takes a sixth of its time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Engine

_DIALECT: dict[str, Dialect] = {}
_COMPILED: dict[Any, Any] = {}


def share(database: Engine) -> None:
    """Let this database have what others had compiled, if it is one of SQLite. Their dialects hold no state."""
    if database.dialect.name == "sqlite":
        database.dialect = _DIALECT.setdefault("sqlite", database.dialect)
        database.update_execution_options(compiled_cache=_COMPILED)
