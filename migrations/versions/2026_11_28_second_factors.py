"""second factors"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "0004_second_factors"
down_revision = "0003_exchanges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.String(), nullable=False),
        sa.Column("created_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("confirmed_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("used_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_user_id"), ["user_id"], unique=False)
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        # Sessions that are open now were opened by a password, which was all there was. The default stays: an older
        # version that still runs opens sessions, too, and does not know the column.
        batch_op.add_column(sa.Column("awaits_code", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_column("awaits_code")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
