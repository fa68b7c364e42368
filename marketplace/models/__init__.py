"""The tables, one noun per file. Importing this package makes `Table.metadata` complete."""

from marketplace.models import accounts, audit, feed, files, jobs, listings, matches, notices, review

__all__ = ["accounts", "audit", "feed", "files", "jobs", "listings", "matches", "notices", "review"]
