"""The tables, one noun per file. Importing this package makes `Table.metadata` complete."""

from marketplace.models import (
    accounts,
    audit,
    exchanges,
    feed,
    files,
    jobs,
    learning,
    listings,
    matches,
    notices,
    peers,
    review,
)

__all__ = [
    "accounts",
    "audit",
    "exchanges",
    "feed",
    "files",
    "jobs",
    "learning",
    "listings",
    "matches",
    "notices",
    "peers",
    "review",
]
