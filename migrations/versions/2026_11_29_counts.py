"""numbers that another exchange may choose"""

import sqlalchemy as sa
from alembic import op

revision = "0014_counts"
down_revision = "0013_clusters"
branch_labels = None
depends_on = None

COLUMNS = {
    "published": ("rev",),
    "inbound": ("acked_seq", "head_seq", "audit_n"),
    "matches": ("demand_rev", "offer_rev"),
    "out_batches": ("prev_seq", "to_seq"),
    "in_batches": ("prev_seq", "to_seq"),
    "acknowledged": ("rev",),
    "replicas": ("rev",),
    "issues": ("rev",),
    "overlays": ("rev",),
    "effects": ("rev",),
    "embeddings": ("rev",),
    "decisions": ("demand_rev", "offer_rev"),
}


def upgrade() -> None:
    _alter(sa.Integer(), sa.BigInteger())


def downgrade() -> None:
    _alter(sa.BigInteger(), sa.Integer())


def _alter(before: sa.types.TypeEngine[int], after: sa.types.TypeEngine[int]) -> None:
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.alter_column(column, existing_type=before, type_=after, existing_nullable=False)
