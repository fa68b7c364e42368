"""duplicates across exchanges"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "0013_clusters"
down_revision = "0012_embeddings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "national_ids",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("national_id", sa.String(), nullable=False),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("stands", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_national_ids")),
        sa.UniqueConstraint("national_id", name=op.f("uq_national_ids_national_id")),
    )
    op.create_index("ix_national_ids_known_as", "national_ids", ["known_as"])
    op.create_index("ix_national_ids_stands", "national_ids", ["stands"])
    op.create_table(
        "prints",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("rights", marketplace.db.Json(), nullable=False),
        sa.Column("dois", marketplace.db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_prints")),
    )
    op.create_table(
        "block_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "uid", name=op.f("pk_block_keys")),
    )
    op.create_index("ix_block_keys_uid", "block_keys", ["uid"])
    op.create_table(
        "candidates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", marketplace.db.Json(), nullable=False),
        sa.Column("keys", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("answers", marketplace.db.Json(), nullable=False),
        sa.Column("told_a", sa.String(), nullable=False),
        sa.Column("told_b", sa.String(), nullable=False),
        sa.Column("asked_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint("a", "b", name=op.f("uq_candidates_a_b")),
    )
    op.create_index("ix_candidates_b", "candidates", ["b"])
    op.create_index("ix_candidates_state", "candidates", ["state"])
    op.create_table(
        "merge_log",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_merge_log")),
    )
    op.create_index("ix_merge_log_a", "merge_log", ["a"])
    op.create_index("ix_merge_log_b", "merge_log", ["b"])


def downgrade() -> None:
    for name in ("merge_log", "candidates", "block_keys", "prints", "national_ids"):
        op.drop_table(name)
