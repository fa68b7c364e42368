"""Other exchanges as the public sees them: their names, and where they are."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from marketplace.models.peers import Peer
from marketplace.work import Work


def base_url(work: Work, node_id: str) -> str:
    """Where the exchange is reached; empty when it has not said so in a way a page may link to."""
    found = work.session.scalar(select(Peer.base_url).where(Peer.node_id == node_id)) or ""
    return found if found.startswith(("https://", "http://")) else ""


def names(work: Work) -> Mapping[str, Mapping[str, str]]:
    """Node -> its name in each language."""
    rows = work.session.execute(select(Peer.node_id, Peer.name_vi, Peer.name_en))
    return {node: {"vi": vi or node, "en": en or vi or node} for node, vi, en in rows}
