"""Lists of names in the order in which a Vietnamese reader looks them up, on every database.

PostgreSQL has it from ICU (`vi-x-icu`), SQLite from `vocabulary.text.sort_key`. The two agree on letters and tones;
they do not on signs and blanks, which ICU looks at in its own way, so names that differ by these alone may change places.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement


class by_name(FunctionElement[str]):  # noqa: N801 - it is used as a function is
    """What to order by so that texts stand in Vietnamese order: `select(…).order_by(by_name(Organisation.name))`."""

    inherit_cache = True


@compiles(by_name, "sqlite")
def _sqlite(element: by_name, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} COLLATE vietnamese"


@compiles(by_name, "postgresql")
def _postgresql(element: by_name, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "vi-x-icu"'
