"""decisions about matches, learned weights, places of matches"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "decisions"
down_revision = "0004_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("demand_uid", sa.String(), nullable=False),
        sa.Column("offer_uid", sa.String(), nullable=False),
        sa.Column("demand_rev", sa.Integer(), nullable=False),
        sa.Column("offer_rev", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("undone_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("ratings", marketplace.db.Json(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("statistics_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_decisions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_decisions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index("ix_decisions_pair", ["demand_uid", "offer_uid"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_offer_uid"), ["offer_uid"], unique=False)
        batch_op.create_index("ix_decisions_organisation_id_at", ["organisation_id", "at"], unique=False)
    op.create_table(
        "weight_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("weights", marketplace.db.Json(), nullable=False),
        sa.Column("calibration", marketplace.db.Json(), nullable=False),
        sa.Column("figures", marketplace.db.Json(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("adopted_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_weight_versions")),
    )
    op.add_column("matches", sa.Column("shadow_total", sa.Integer(), nullable=True))
    op.add_column("matches", sa.Column("shadow_version", sa.String(), nullable=False, server_default=""))
    op.add_column("matches", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("matches", sa.Column("lowered", sa.String(), nullable=False, server_default=""))
    op.add_column("matches", sa.Column("copy_of", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("matches", schema=None) as batch_op:
        for name in ("copy_of", "lowered", "place", "shadow_version"):
            batch_op.drop_column(name)
        batch_op.drop_column("shadow_total")
    op.drop_table("weight_versions")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_decisions_organisation_id_at")
        batch_op.drop_index(batch_op.f("ix_decisions_offer_uid"))
        batch_op.drop_index("ix_decisions_pair")
    op.drop_table("decisions")
