"""The doctor on the way to the servers. Addresses are written as numbers: no name is looked up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.commands.links import of_links
from tests.support.exchanges import embedded_settings

HERE = ("postgresql+psycopg://giao@127.0.0.1/giao", "http://127.0.0.1:9200", "redis://[::1]:6379/0")
INSIDE = ("postgresql+psycopg://giao@10.0.0.5/giao", "http://192.168.1.2:9200", "redis://172.16.0.9:6379/0")
OUTSIDE = ("postgresql+psycopg://giao@8.8.8.8/giao", "http://8.8.4.4:9200", "redis://1.1.1.1:6379/0")
ENCRYPTED = (
    "postgresql+psycopg://giao@8.8.8.8/giao?sslmode=verify-full",
    "https://8.8.4.4:9200",
    "rediss://1.1.1.1:6379/0",
)


def found(tmp_path: Path, urls: tuple[str, str, str]) -> list[tuple[str, bool, str]]:
    database, search, queue = urls
    settings = replace(embedded_settings(tmp_path), database_url=database, search_url=search, queue_url=queue)
    return [(one.what, one.well, one.detail) for one in of_links(settings)]


def test_nothing_is_said_of_what_stays_on_this_machine(tmp_path: Path) -> None:
    assert list(of_links(embedded_settings(tmp_path))) == []
    assert found(tmp_path, HERE) == []


def test_a_host_may_stand_in_the_query(tmp_path: Path) -> None:
    for host, said in (("/var/run/postgresql", []), ("127.0.0.1", []), ("8.8.8.8", [False])):
        urls = (f"postgresql+psycopg://giao@/giao?host={host}", HERE[1], HERE[2])
        assert [well for _, well, _ in found(tmp_path, urls)] == said


def test_within_a_private_network_it_is_said_what_that_rests_on(tmp_path: Path) -> None:
    assert {(well, "nobody else can enter" in detail) for _, well, detail in found(tmp_path, INSIDE)} == {
        (True, True)
    }


def test_a_link_in_the_clear_to_elsewhere_is_not_well(tmp_path: Path) -> None:
    assert [(what, well) for what, well, _ in found(tmp_path, OUTSIDE)] == [
        ("link of DATABASE_URL", False),
        ("link of SEARCH_URL", False),
        ("link of QUEUE_URL", False),
    ]


def test_an_encrypted_link_is_well(tmp_path: Path) -> None:
    assert {(well, detail.endswith("encrypted")) for _, well, detail in found(tmp_path, ENCRYPTED)} == {
        (True, True)
    }


@pytest.mark.parametrize("mode", ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=allow"])
def test_a_mode_under_which_postgresql_may_speak_in_the_clear_is_not_encrypted(
    tmp_path: Path, mode: str
) -> None:
    urls = (f"postgresql+psycopg://giao@8.8.8.8/giao{mode}", HERE[1], HERE[2])
    assert [(what, well) for what, well, _ in found(tmp_path, urls)] == [("link of DATABASE_URL", False)]
