"""two indexes: the best matches of all demands by their total, for brokers; and what is public by kind, to be counted

The code of the version before works on. While an index is made nobody can store matches, or publish; pages go on.
"""

import sqlalchemy as sa
from alembic import op

revision = "best_matches"
down_revision = "erasure_requests"
branch_labels = None
depends_on = None

LIVE = sa.text("op = 'upsert'")
BEST = sa.text("place <= 3 AND copy_of = ''")


def upgrade() -> None:
    _index("ix_matches_best", "matches", ["total", "demand_uid", "offer_uid"], BEST)
    _index("ix_published_live", "published", ["pub_seq", "kind"], LIVE)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_published_live", table_name="published")
    op.drop_index("ix_matches_best", table_name="matches")
