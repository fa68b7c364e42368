"""what matching reads of a listing, kept beside it"""

import sqlalchemy as sa
from alembic import op

revision = "compiled_listings"
down_revision = "classifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compiled_listings",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_compiled_listings")),
    )


def downgrade() -> None:
    op.drop_table("compiled_listings")
