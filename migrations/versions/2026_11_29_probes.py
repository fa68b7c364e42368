"""probes: how long until what is published elsewhere can be found here"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "probes"
down_revision = "refused_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "probe_arrivals",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("searchable_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "rev", name=op.f("pk_probe_arrivals")),
    )
    op.create_index("ix_probe_arrivals_searchable_at", "probe_arrivals", ["searchable_at"])
    for table in ("in_batches", "out_batches"):
        op.add_column(table, sa.Column("probe", sa.Boolean(), nullable=True))
    op.add_column("inbound", sa.Column("clock_ahead", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbound") as inbound:
        inbound.drop_column("clock_ahead")
    for table in ("out_batches", "in_batches"):
        with op.batch_alter_table(table) as batches:
            batches.drop_column("probe")
    op.drop_index("ix_probe_arrivals_searchable_at", table_name="probe_arrivals")
    op.drop_table("probe_arrivals")
