"""industries of what is granted, as VSIC 2025 has them

Listings say themselves of which edition their codes are; what is proposed and granted on them does not.
"""

import json
from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "industries"
down_revision = "compiled_listings"
branch_labels = None
depends_on = None

SINCE_2018 = {
    "J": ("J", "K"), "45": ("46", "47", "95"),
    **{old: (new,) for old, new in zip("KLMNOPQRSTU", "LMNOPQRSTUV", strict=True)},
}  # fmt: skip
BEFORE = {"K": ("J",), **{new: (old,) for old, new in zip("KLMNOPQRSTU", "LMNOPQRSTUV", strict=True)}}

LICENCES = sa.table("licences", sa.column("id", sa.String), sa.column("uses", sa.Text))
PROPOSALS = sa.table("deal_proposals", sa.column("id", sa.String), sa.column("terms", sa.Text))


def upgrade() -> None:
    _read_through(SINCE_2018)


def downgrade() -> None:
    """As near as it goes: what was split stays so."""
    _read_through(BEFORE)


def _read_through(table: Mapping[str, tuple[str, ...]]) -> None:
    at = op.get_bind()
    for key, said in at.execute(sa.select(LICENCES.c.id, LICENCES.c.uses)).all():
        if said and (uses := json.loads(said)):
            written = _written(_codes(uses, table))
            at.execute(sa.update(LICENCES).where(LICENCES.c.id == key).values(uses=written))
    for key, said in at.execute(sa.select(PROPOSALS.c.id, PROPOSALS.c.terms)).all():
        terms = json.loads(said)
        if terms.get("uses"):
            terms["uses"] = _codes(terms["uses"], table)
            at.execute(sa.update(PROPOSALS).where(PROPOSALS.c.id == key).values(terms=_written(terms)))


def _codes(codes: list[str], table: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted({new for code in codes for new in table.get(code, (code,))})


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
