"""What only the owner and parties under an agreement may read: sealed texts and reserve prices, encrypted."""

from __future__ import annotations

import json
from dataclasses import asdict

from marketplace.models.listings import Revision
from marketplace.seal import SealedValue
from marketplace.work import Work
from vocabulary.listing import Price, Sealed

NOTHING = Sealed()


def put(work: Work, revision: Revision, sealed: Sealed) -> None:
    """Keep the confidential part of a revision; nothing is stored where there is nothing to hide."""
    if sealed == NOTHING:
        revision.sealed, revision.sealed_key = None, ""
        return
    written = json.dumps(asdict(sealed), ensure_ascii=False).encode()
    closed = work.runtime.seal.close(written, place(revision.id))
    revision.sealed, revision.sealed_key = closed.data, closed.key_id


def read(work: Work, revision: Revision) -> Sealed:
    """The confidential part of a revision. Who may see it is for the caller to have asked."""
    if revision.sealed is None:
        return NOTHING
    opened = work.runtime.seal.open(SealedValue(revision.sealed_key, revision.sealed), place(revision.id))
    record = json.loads(opened)
    price = record["reserve_price"]
    return Sealed(record["text"], Price(**price) if price else None)


def place(revision_id: str) -> str:
    return f"revision:{revision_id}"
