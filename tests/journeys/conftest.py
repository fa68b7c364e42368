"""Journeys: whole flows through a browser or over HTTP, on an exchange that runs as it would for its users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.live import Live, serving


@pytest.fixture
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("exchange")) as exchange:
        yield exchange
