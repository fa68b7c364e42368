"""what one person has brought into deal rooms is counted from an index, not from rows of ten megabytes"""

from alembic import op

revision = "files_of_a_person"
down_revision = "places"
branch_labels = None
depends_on = None

INDEX = "ix_deal_files_added_by_deal_id_size"


def upgrade() -> None:
    op.create_index(INDEX, "deal_files", ["added_by", "deal_id", "size"])


def downgrade() -> None:
    op.drop_index(INDEX, "deal_files")
