"""why the national exchange's key in use is not believed"""

import sqlalchemy as sa
from alembic import op

revision = "refused_keys"
down_revision = "lag_samples"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbound", sa.Column("key_refused", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("outbound") as table:
        table.drop_column("key_refused")
