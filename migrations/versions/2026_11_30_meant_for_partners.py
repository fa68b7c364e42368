"""what other exchanges publish for their partners only is shown to nobody here any more

Takes out of the feed what was shown so before: it becomes a tombstone, and the readers take it out of the index. There is
nothing to take back: the copies are what they were.
"""

import sqlalchemy as sa
from alembic import op

from marketplace.db import Json

revision = "meant_for_partners"
down_revision = "formats_of_sources"
branch_labels = None
depends_on = None

published = sa.table(
    "published",
    sa.column("origin", sa.String()),
    sa.column("op", sa.String()),
    sa.column("audience", sa.String()),
    sa.column("body", Json()),
    sa.column("pub_seq", sa.Integer()),
)
peers = sa.table("peers", sa.column("node_id", sa.String()))


def upgrade() -> None:
    of_others = published.c.origin.in_(sa.select(peers.c.node_id))
    shown = published.update().where(of_others, published.c.audience != "public", published.c.op == "upsert")
    op.execute(shown.values(op="delete", body="unshared", pub_seq=None))


def downgrade() -> None:
    pass
