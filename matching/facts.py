"""What the exchange knows beside the listings, frozen: what currencies are worth, and what organisations have achieved.

A score names the facts it rests on, as it names the snapshot of words. All figures are whole numbers.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from vocabulary.money import HOME
from vocabulary.rates import PARTS, Rate


@dataclass(frozen=True, eq=False)
class Facts:
    """`rates` are those in force, by currency; `records` the steps of `matching.track_record`, by organisation. `version` is
    the beginning of the SHA-256 of all; empty where nothing is known."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType({}))
    records: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    version: str = field(init=False)

    def __post_init__(self) -> None:
        version = sha256(_content(self)).hexdigest()[:12] if self.rates or self.records else ""
        object.__setattr__(self, "version", version)

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and other.version == self.version

    def step(self, currency: str) -> int | None:
        """What the smallest unit of a currency is worth, in `PARTS` of a đồng; None where no rate is known."""
        if currency == HOME:
            return PARTS
        rate = self.rates.get(currency)
        return rate.step if rate else None


NOTHING_KNOWN = Facts()


def to_bytes(facts: Facts) -> bytes:
    """Compressed: the same facts are the same bytes."""
    return gzip.compress(_content(facts), mtime=0)


def from_bytes(body: bytes) -> Facts:
    """The inverse of `to_bytes`. Raises ValueError when the bytes hold no facts."""
    try:
        read = json.loads(gzip.decompress(body))
        return Facts(dict(_rates(read["rates"])), dict(read.get("records", {})))
    except (OSError, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError("not the facts of an exchange") from error


def _rates(rows: Iterable[Any]) -> Iterable[tuple[str, Rate]]:
    for currency, amount, day, units in rows:
        yield currency, Rate(currency, amount, date.fromisoformat(day), units)


def _content(facts: Facts) -> bytes:
    rates = [
        [rate.currency, rate.amount, rate.day.isoformat(), rate.units]
        for _, rate in sorted(facts.rates.items())
    ]
    # Facts without records keep the bytes, and so the version, that they had before there were any.
    known = {"rates": rates} | ({"records": dict(facts.records)} if facts.records else {})
    return json.dumps(known, sort_keys=True, separators=(",", ":")).encode()
