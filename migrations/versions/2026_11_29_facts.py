"""rates of currencies, and the facts that scores rest on"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "facts"
down_revision = "0014_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "currency_rates",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_currency_rates")),
    )
    op.create_index("ix_currency_rates_currency_day", "currency_rates", ["currency", "day", "n"])
    op.create_table(
        "facts",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_facts")),
    )


def downgrade() -> None:
    op.drop_table("facts")
    op.drop_index("ix_currency_rates_currency_day", table_name="currency_rates")
    op.drop_table("currency_rates")
