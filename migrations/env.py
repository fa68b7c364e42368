"""Alembic's way in: the connection is handed over by `marketplace.migrating`, never read from a file."""

from alembic import context

from marketplace import models  # noqa: F401 - makes the metadata complete
from marketplace.db import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    # SQLite cannot alter a column; batch mode rebuilds the table instead.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
