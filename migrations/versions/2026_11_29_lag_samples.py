"""how far other exchanges were behind, for a day"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "lag_samples"
down_revision = "replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lag_samples",
        sa.Column("peer", sa.String(), nullable=False),
        sa.Column("at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("lag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("peer", "at", name=op.f("pk_lag_samples")),
    )


def downgrade() -> None:
    op.drop_table("lag_samples")
