"""The tables, one noun per file. Importing this package makes `Table.metadata` complete."""

from marketplace.models import (
    accounts,
    audit,
    brokers,
    deals,
    exchanges,
    feed,
    files,
    jobs,
    learning,
    listings,
    matches,
    notices,
    outcomes,
    peers,
    review,
    rooms,
)

__all__ = [
    "accounts",
    "audit",
    "brokers",
    "deals",
    "exchanges",
    "feed",
    "files",
    "jobs",
    "learning",
    "listings",
    "matches",
    "notices",
    "outcomes",
    "peers",
    "review",
    "rooms",
]
