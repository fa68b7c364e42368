"""terms of two languages: what librarians decide, and the tables scores were made with"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "0011_terms"
down_revision = "jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_decisions",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("first_language", sa.String(), nullable=False),
        sa.Column("first_term", sa.String(), nullable=False),
        sa.Column("second_language", sa.String(), nullable=False),
        sa.Column("second_term", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("decided_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("undone_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_term_decisions")),
    )
    op.create_index(op.f("ix_term_decisions_key"), "term_decisions", ["key"])
    op.create_table(
        "term_tables",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("made_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_term_tables")),
    )


def downgrade() -> None:
    op.drop_table("term_tables")
    op.drop_index(op.f("ix_term_decisions_key"), table_name="term_decisions")
    op.drop_table("term_decisions")
