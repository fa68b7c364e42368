"""from when on the changes of a catalogue are asked for"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "changes_of_sources"
down_revision = "industries"
branch_labels = None
depends_on = None
TEXTS = ("granularity", "deletions", "since")


def upgrade() -> None:
    op.add_column("sources", sa.Column("whole_at", marketplace.db.Instant(timezone=True), nullable=True))
    for name in TEXTS:
        op.add_column("sources", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("whole_at", *TEXTS):
        op.drop_column("sources", name)
