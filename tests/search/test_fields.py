"""What the table makes of a listing: codes to count by and numbers to put in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.document import Document
from search.fields import CODES, NUMBERS, ORDERS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CODE = {field.name: field.of for field in CODES}
NUMBER = {field.name: field.of for field in NUMBERS}
VERSIONS = st.integers(1, 2**40)
PRICES = st.integers(0, 10**13)


def listing(version: int = 1, **more: object) -> Document:
    return Document(uid="n:offer:1", version=version, kind="offer", title="Máy", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [(None, None, ""), (3, 5, "345"), (7, None, "789"), (None, 2, "12"), (4, 4, "4")],
)
def test_a_listing_counts_at_every_level_it_covers(low: int | None, high: int | None, levels: str) -> None:
    assert "".join(CODE["trl"](listing(trl_min=low, trl_max=high))) == levels


@pytest.mark.parametrize(
    ("low", "high", "bands"),
    [
        (None, None, []),
        (0, 99_999_999, ["under_100m"]),
        (100_000_000, 100_000_000, ["100m_500m"]),
        (400_000_000, 600_000_000, ["100m_500m", "500m_1b"]),
        (6_000_000_000, None, ["over_5b"]),
        (None, 200_000_000, ["under_100m", "100m_500m"]),
    ],
)
def test_a_price_stands_in_every_band_it_touches(low: int | None, high: int | None, bands: list[str]) -> None:
    assert list(CODE["price"](listing(price_min=low, price_max=high))) == bands


@given(PRICES, PRICES, VERSIONS, VERSIONS)
def test_the_price_decides_the_order_whatever_the_versions(
    one: int, other: int, first: int, second: int
) -> None:
    cheaper = NUMBER["by_cheapest"](listing(first, price_min=one, price_max=one))
    dearer = NUMBER["by_cheapest"](listing(second, price_min=other, price_max=other))
    assert cheaper is not None
    assert dearer is not None
    if one != other:
        assert (cheaper < dearer) == (one < other)


@given(PRICES)
def test_without_a_price_a_listing_stands_last_both_ways(price: int) -> None:
    priced, silent = listing(price_min=price + 1, price_max=price + 1), listing()
    assert (NUMBER["by_cheapest"](priced) or 0) < (NUMBER["by_cheapest"](silent) or 0)
    assert (NUMBER["by_dearest"](priced) or 0) > (NUMBER["by_dearest"](silent) or 0)


def test_what_never_expires_stands_behind_what_does() -> None:
    soon = NUMBER["by_expiry"](listing(expires_at=NOW + timedelta(days=9_000)))
    assert (soon or 0) < (NUMBER["by_expiry"](listing()) or 0)


@given(st.datetimes(datetime(1800, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)), VERSIONS)  # noqa: DTZ001
def test_every_number_fits_both_engines(moment: datetime, version: int) -> None:
    document = listing(version, updated_at=moment, expires_at=moment, price_min=0, price_max=10**18)
    assert all(0 <= (of(document) or 0) < 2**63 for of in NUMBER.values())


def test_every_order_has_its_number() -> None:
    assert {order.field for order in ORDERS.values()} <= set(NUMBER)
