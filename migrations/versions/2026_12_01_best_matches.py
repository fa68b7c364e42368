"""the best matches of all demands by their total, for brokers

The code of the version before works on. While the index is made nobody can store matches; pages go on.
"""

import sqlalchemy as sa
from alembic import op

revision = "best_matches"
down_revision = "erasure_requests"
branch_labels = None
depends_on = None


BEST = sa.text("place <= 3 AND copy_of = ''")


def upgrade() -> None:
    columns = ["total", "demand_uid", "offer_uid"]
    op.create_index("ix_matches_best", "matches", columns, sqlite_where=BEST, postgresql_where=BEST)


def downgrade() -> None:
    op.drop_index("ix_matches_best", table_name="matches")
