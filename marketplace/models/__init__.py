"""The tables, one noun per file. Importing this package makes `Table.metadata` complete."""

from marketplace.models import (
    accounts,
    audit,
    brokers,
    clusters,
    deals,
    erasures,
    exchanges,
    facts,
    feed,
    files,
    jobs,
    layers,
    learning,
    listings,
    matches,
    notices,
    outcomes,
    peers,
    review,
    rooms,
    sources,
    terms,
)

APPEND_ONLY = frozenset(
    model.__tablename__
    for model in (
        audit.AuditEntry,
        clusters.MergeLine,
        deals.DealEvent,
        facts.CurrencyRate,
        outcomes.Disclosure,
        outcomes.LedgerEntry,
        outcomes.Survey,
        peers.PeerApproval,
    )
)
"""Tables that are evidence: rows are added, and none is ever changed or removed. On PostgreSQL the role of an exchange that
serves has no right to, see `marketplace.privileges`. Code of the version before works beside, so a table joins one version
after the code has stopped changing it."""

__all__ = [
    "APPEND_ONLY",
    "accounts",
    "audit",
    "brokers",
    "clusters",
    "deals",
    "erasures",
    "exchanges",
    "facts",
    "feed",
    "files",
    "jobs",
    "layers",
    "learning",
    "listings",
    "matches",
    "notices",
    "outcomes",
    "peers",
    "review",
    "rooms",
    "sources",
    "terms",
]
