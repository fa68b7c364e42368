"""What one process counts of its own doing, for `marketplace.metrics` to show."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the classes in which answers are counted; the last is the limit of a statement."""


class Counted:
    """In a registry of its own: a process may hold several exchanges, as tests do."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "giao_request_seconds", "Time from the arrival of a request to its answer.",
            ("route", "method", "status"), buckets=SECONDS, registry=self.registry,
        )  # fmt: skip

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request. `route` is the name of a route, never an address: those are without number."""
        known = method if method in ("GET", "POST", "HEAD") else "other"
        self._requests.labels(route, known, f"{status // 100}xx").observe(seconds)
