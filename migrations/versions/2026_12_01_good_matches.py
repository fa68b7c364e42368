"""two indexes: the matches over the bar, of all demands; and what is public by kind, to be counted

The code of the version before works on. While an index is made nobody can store matches, or publish; pages go on.
"""

import sqlalchemy as sa
from alembic import op

revision = "good_matches"
down_revision = "erasure_requests"
branch_labels = None
depends_on = None

LIVE = sa.text("op = 'upsert'")
GOOD = sa.text("total >= 60000")


def upgrade() -> None:
    _index("ix_matches_good", "matches", ["total", "demand_uid", "offer_uid", "place", "copy_of"], GOOD)
    _index("ix_published_live", "published", ["pub_seq", "kind"], LIVE)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_published_live", table_name="published")
    op.drop_index("ix_matches_good", table_name="matches")
