"""who runs a job, and since when"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "jobs"
down_revision = "0010_brokers_and_deals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as table:
        table.add_column(sa.Column("holder", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("started_at", marketplace.db.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("jobs") as table:
        table.drop_column("started_at")
        table.drop_column("holder")
