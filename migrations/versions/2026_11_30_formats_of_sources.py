"""how a catalogue is read: OAI-PMH or DCAT"""

import sqlalchemy as sa
from alembic import op

revision = "formats_of_sources"
down_revision = "changes_of_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("format", sa.String(), nullable=False, server_default="oai"))


def downgrade() -> None:
    op.drop_column("sources", "format")
