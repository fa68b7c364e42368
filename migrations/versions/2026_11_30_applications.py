"""what comes with a key counts once it is approved, and kinds of records that an exchange may send are asked for

Until now nobody could narrow the kinds of an invitation, and they were not asked for: exchanges that enrolled before
there were decisions and probes go on sending them.
"""

import sqlalchemy as sa
from alembic import op

from marketplace.db import Json

revision = "applications"
down_revision = "meant_for_partners"
branch_labels = None
depends_on = None

KINDS = ("offer", "demand", "initiative", "decision", "probe")
peers = sa.table("peers", sa.column("role", sa.String()), sa.column("kinds", Json()))


def upgrade() -> None:
    op.add_column("peer_keys", sa.Column("application", Json(), nullable=True))
    op.execute(peers.update().where(peers.c.role == "local").values(kinds=list(KINDS)))


def downgrade() -> None:
    with op.batch_alter_table("peer_keys") as keys:
        keys.drop_column("application")
