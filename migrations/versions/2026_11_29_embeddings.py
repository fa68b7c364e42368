"""what a sentence model makes of listings"""

import sqlalchemy as sa
from alembic import op

revision = "0012_embeddings"
down_revision = "0011_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embeddings",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("direction", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "rev", "encoder", name=op.f("pk_embeddings")),
    )


def downgrade() -> None:
    op.drop_table("embeddings")
