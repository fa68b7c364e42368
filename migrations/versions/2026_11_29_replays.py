"""batches that are sent once more"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "replays"
down_revision = "facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("answered_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index("ix_replays_batch_id", "replays", ["batch_id"])


def downgrade() -> None:
    op.drop_index("ix_replays_batch_id", table_name="replays")
    op.drop_table("replays")
