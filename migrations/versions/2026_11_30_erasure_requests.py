"""erasing a listing for good takes two people"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "erasure_requests"
down_revision = "files_of_a_person"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_erasure_requests_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_erasure_requests_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_requests")),
    )
    op.create_index("ix_erasure_requests_uid", "erasure_requests", ["uid"])


def downgrade() -> None:
    op.drop_index("ix_erasure_requests_uid", table_name="erasure_requests")
    op.drop_table("erasure_requests")
