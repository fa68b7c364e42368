"""The audit log: a chain of hashes, so that it cannot be edited unseen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Json, Table


class AuditEntry(Table):
    __tablename__ = "audit_entries"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    node: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    trace: Mapped[str] = mapped_column(default="")
    detail: Mapped[Any] = mapped_column(Json, default=dict)
    previous_hash: Mapped[str]
    hash: Mapped[str]
