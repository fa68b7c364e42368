"""What people are told on their desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table, new_id


class Notice(Table):
    """One message to one person. `key` makes it exactly one, however often its cause is handled."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notices_user_id_created_at", "user_id", "created_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str]
    what: Mapped[str]
    """The message `notice.<what>`."""
    params: Mapped[Any] = mapped_column(Json, default=dict)
    target: Mapped[str] = mapped_column(default="")
    """Of what `services.leading` makes a page: a listing's uid, `deal:<id>`, `erasure:<id>`, `board`, or nothing."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
