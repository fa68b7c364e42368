"""what librarians of the national exchange have decided about listings"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "classifications"
down_revision = "sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "classifications",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("body", marketplace.db.Json(), nullable=False),
        sa.Column("decided_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("undone_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_classifications")),
    )
    op.create_index("ix_classifications_uid_n", "classifications", ["uid", "n"])


def downgrade() -> None:
    op.drop_index("ix_classifications_uid_n", table_name="classifications")
    op.drop_table("classifications")
