"""leases: who keeps the timetable"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "0002_leases"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("until", marketplace.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def downgrade() -> None:
    op.drop_table("leases")
