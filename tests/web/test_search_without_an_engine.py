"""While the engine is away a search page answers from the database, says so, and pages of listings work as ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from tests.commands.conftest import closed_port
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, publish

LIMITED = {"vi": "Tìm kiếm đang tạm thời bị hạn chế", "en": "Search is temporarily limited"}


@pytest.fixture
def away(tmp_path: Path, clock: HandMovedClock) -> Iterator[Runtime]:
    """An exchange whose engine should be where nobody listens."""
    settings = embedded_settings(tmp_path)
    with opened(settings, clock):
        runtime = Runtime(replace(settings, search_url=f"http://127.0.0.1:{closed_port()}"), clock)
        yield runtime
        runtime.close()


@pytest.fixture
def uids(away: Runtime) -> list[str]:
    uids = publish(
        away,
        content("offer", "Máy sấy lúa tầng sôi", province="92"),
        content("offer", "Máy gặt lúa", province="96"),
        content("demand", "Cần máy sấy lúa"),
    )
    drain([Sequencer(away)])
    return uids


@pytest.fixture
def client(away: Runtime) -> FlaskClient:
    return application(away).test_client()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_newest_listings_with_the_words_in_their_titles_are_shown_and_it_is_said(
    client: FlaskClient, uids: list[str], language: str
) -> None:
    answer = client.get(f"/{language}/offers?q=say+lua")
    assert answer.status_code == 200
    assert LIMITED[language] in answer.text
    assert uids[0] in answer.text
    assert uids[1] not in answer.text
    assert uids[2] not in answer.text


def test_filters_hold(client: FlaskClient, uids: list[str]) -> None:
    shown = client.get("/vi/offers?province=96").text
    assert uids[1] in shown
    assert uids[0] not in shown


def test_where_nothing_fits_it_is_said_that_there_may_be_more(client: FlaskClient, uids: list[str]) -> None:
    assert "Vui lòng thử lại khi bộ máy tìm kiếm hoạt động trở lại" in client.get("/vi/offers?q=tàu").text


def test_the_page_of_one_listing_works_as_ever(client: FlaskClient, uids: list[str]) -> None:
    answer = client.get(f"/vi/listings/{uids[0]}")
    assert answer.status_code == 200
    assert "Máy sấy lúa tầng sôi" in answer.text
