"""catalogues that are harvested"""

import sqlalchemy as sa
from alembic import op

import marketplace.db

revision = "sources"
down_revision = "probes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", marketplace.db.Instant(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("pass_no", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("progress", marketplace.db.Json(), nullable=False),
        sa.Column("counts", marketplace.db.Json(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("passed_at", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("last", marketplace.db.Json(), nullable=False),
        sa.Column("alarm", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("deciding", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["peers.node_id"], name=op.f("fk_sources_node_id_peers")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_sources")),
    )
    op.create_table(
        "harvested",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seen_pass", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("missed_pass", sa.BigInteger(), nullable=False),
        sa.Column("misses", sa.BigInteger(), nullable=False),
        sa.Column("missing_since", marketplace.db.Instant(timezone=True), nullable=True),
        sa.Column("judged_pass", sa.BigInteger(), nullable=False),
        sa.Column("same_as", sa.String(), nullable=False),
        sa.Column("body", marketplace.db.Json(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["sources.node_id"], name=op.f("fk_harvested_node_id_sources")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_harvested")),
        sa.UniqueConstraint("node_id", "identifier", name=op.f("uq_harvested_node_id_identifier")),
    )
    op.create_index("ix_harvested_node_id_state", "harvested", ["node_id", "state"])
    op.create_table(
        "harvest_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["harvested.uid"], name=op.f("fk_harvest_keys_uid_harvested")),
        sa.PrimaryKeyConstraint("key", "uid", name=op.f("pk_harvest_keys")),
    )
    op.create_index(op.f("ix_harvest_keys_uid"), "harvest_keys", ["uid"])


def downgrade() -> None:
    op.drop_table("harvest_keys")
    op.drop_table("harvested")
    op.drop_table("sources")
