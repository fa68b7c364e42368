"""places in a feed, and what another exchange's clock is ahead, in 64 bits

At fifty changes a second a feed reaches 2^31 in sixteen months, and its sequencer would stop. The code of the version
before works on the wider columns. On PostgreSQL `ALTER TYPE` writes each table and its indexes anew, and nobody else may
use the table meanwhile: of these only `published` is large (2.5 s for 300,000 records of two kilobytes on a small machine).
SQLite holds 64 bits in either type.

The numbers of single entries (`audit_entries.n`, `merge_log.n` and their like) stay as they are: they are primary keys,
which are INTEGER on SQLite, and two thousand million of them are beyond what these tables are made for.
"""

import sqlalchemy as sa
from alembic import op

revision = "places"
down_revision = "applications"
branch_labels = None
depends_on = None

COLUMNS = {
    "published": {"pub_seq": True},
    "feed_state": {"head": False},
    "cursors": {"position": False},
    "reader_failures": {"sequence": False},
    "inbound": {"clock_ahead": True},
}
"""Table -> column -> whether it may be empty."""


def upgrade() -> None:
    _alter(sa.Integer(), sa.BigInteger())


def downgrade() -> None:
    _alter(sa.BigInteger(), sa.Integer())


def _alter(before: sa.types.TypeEngine[int], after: sa.types.TypeEngine[int]) -> None:
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for column, empty in columns.items():
                table.alter_column(column, existing_type=before, type_=after, existing_nullable=empty)
