"""The demonstration must keep what it promises: sixty offers, forty demands and twenty initiatives that can be
published as they are, in the languages and provinces it speaks of, and pairs that are worth explaining."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from marketplace.models.accounts import ROLES, STAFF_ROLES
from marketplace.services import addresses
from matching import engine
from matching.building import profile
from matching.model import BAR
from matching.profile import Profile
from matching.statistics import collect
from vocabulary.checks import problems
from vocabulary.listing import as_record, from_record
from vocabulary.regions import PROVINCES

DATA = Path(__file__).resolve().parents[2] / "marketplace" / "demo" / "data"
Row = dict[str, Any]
OWN_NAMES = {"id", "organisation", "sealed", "published_days_ago", "status"}
"""What a row says beside the content of the listing."""
WITHOUT_FIT = {"036", "037", "038", "039", "040"}
"""Demands that nothing on the demonstration answers, so that an empty list of matches is to be seen."""


def rows(kind: str) -> list[Row]:
    return [json.loads(line) for line in (DATA / f"{kind}s.jsonl").read_text(encoding="utf-8").splitlines()]


def table(name: str) -> list[Row]:
    loaded: list[Row] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


LISTINGS = [row for kind in ("offer", "demand", "initiative") for row in rows(kind)]
ORGANISATIONS = {row["id"]: row for row in table("organisations")}


def texts(row: Row) -> list[tuple[str, str]]:
    return [(name, value) for text in row["texts"].values() for name, value in text.items()]


@pytest.mark.parametrize("row", LISTINGS, ids=lambda row: str(row["id"]))
def test_every_listing_can_be_published_as_it_is(row: Row) -> None:
    content = from_record(row)
    assert problems(content, publishing=True) == []
    assert as_record(content) == {name: value for name, value in row.items() if name not in OWN_NAMES}


def test_there_are_sixty_offers_forty_demands_and_twenty_initiatives() -> None:
    assert [len(rows(kind)) for kind in ("offer", "demand", "initiative")] == [60, 40, 20]


def test_seven_in_ten_speak_vietnamese_two_both_languages_and_one_english() -> None:
    assert Counter(tuple(sorted(row["texts"])) for row in LISTINGS) == {
        ("vi",): 84,
        ("en", "vi"): 24,
        ("en",): 12,
    }


def test_no_two_listings_share_an_id_or_a_title() -> None:
    for told in (
        [row["id"] for row in LISTINGS],
        [value for row in LISTINGS for name, value in texts(row) if name == "title"],
    ):
        assert len(set(told)) == len(told)


def test_no_sentence_is_repeated_from_one_listing_to_another() -> None:
    """Boilerplate would make unlike listings look alike to search and matching."""
    said = Counter(value for row in LISTINGS for _, value in texts(row))
    assert [value for value, times in said.items() if times > 1] == []


def test_every_listing_says_enough_and_not_too_much() -> None:
    for row in LISTINGS:
        for name, value in texts(row):
            shortest = {"description": 600, "summary": 80}.get(name, 20)
            assert shortest <= len(value) <= (1_800 if name == "description" else 500), (row["id"], name)
        assert all(
            {"title", "summary", "description", "problem"} <= text.keys() for text in row["texts"].values()
        )


def test_both_languages_of_a_listing_say_the_same_parts() -> None:
    for row in LISTINGS:
        assert len({frozenset(text) for text in row["texts"].values()}) == 1, row["id"]


def test_every_file_is_composed_unicode() -> None:
    for file in DATA.iterdir():
        body = file.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", body), file.name


def test_listings_come_from_at_least_fifteen_provinces() -> None:
    assert len({row["province"] for row in LISTINGS}) >= 15
    assert {row["province"] for row in ORGANISATIONS.values()} <= {one.code for one in PROVINCES}


def test_every_listing_belongs_to_an_organisation_that_is_told() -> None:
    assert {row["organisation"] for row in LISTINGS} <= ORGANISATIONS.keys()
    assert {row["kind"] for row in ORGANISATIONS.values()} == {
        "institute", "university", "enterprise", "agency", "cooperative", "inventor", "intermediary",
    }  # fmt: skip


def test_nobody_real_can_be_reached_through_an_invented_address() -> None:
    """`.example` is kept free for ever (RFC 2606)."""
    reached = [row["contact"]["email"] for row in LISTINGS] + [row["email"] for row in table("people")]
    assert all(address.endswith(".example") for address in reached)
    assert all(row["website"].endswith(".example") for row in ORGANISATIONS.values())
    assert all(row["contact"]["phone"].startswith("0900 000 0") for row in LISTINGS)


def test_every_role_has_somebody_to_sign_in() -> None:
    people = table("people")
    assert {row["role"] for row in people} == set(ROLES)
    assert sum(row["role"] == "broker" for row in people) == 2
    for row in people:
        assert addresses.problems(row["email"], path="email") == []
        assert (row["organisation"] == "exchange") == (row["role"] in STAFF_ROLES)
        assert row["organisation"] in {*ORGANISATIONS, "exchange"}
        assert row["language"] in {"vi", "en"}
        assert "password" not in row


def test_the_states_of_a_listing_and_its_sealed_part_are_to_be_seen() -> None:
    states = Counter(row.get("status", "published") for row in LISTINGS)
    assert states.keys() == {"published", "draft", "in_review", "paused", "expired"}
    assert states["in_review"] >= 3
    assert sum(bool(from_record(row).anonymous) for row in LISTINGS) >= 10
    sealed = [row["sealed"]["text"] for row in LISTINGS if "sealed" in row]
    assert len(sealed) >= 8
    public = "\n".join(value for row in LISTINGS for _, value in texts(row))
    assert not any(text in public for text in sealed)


def test_days_of_publication_are_spread_over_the_year() -> None:
    days = [row["published_days_ago"] for row in LISTINGS if "published_days_ago" in row]
    assert min(days) <= 7
    assert 200 <= max(days) <= 300


def test_demands_say_what_they_require_and_by_when() -> None:
    for row in rows("demand"):
        assert 2 <= len(row["requirements"]) <= 6, row["id"]
        assert row["needed_by"].startswith("2027-"), row["id"]
        assert "trl_min" in row, row["id"]


def profiles(kind: str) -> list[Profile]:
    return [
        profile(from_record(row), uid=row["id"], rev=1, owner=row["organisation"], live="status" not in row)
        for row in rows(kind)
    ]


def test_published_demands_find_their_offers_and_some_find_none() -> None:
    """At least twenty-five have a match to explain; near things in the same words stay below the bar."""
    offers, demands = profiles("offer"), profiles("demand")
    statistics = collect([*offers, *demands])
    best = {
        demand.uid[-3:]: max(
            (engine.score(demand, offer, statistics).total for offer in offers if offer.live), default=0
        )
        for demand in demands
    }
    matched = {number for number, total in best.items() if total >= BAR}
    published = {demand.uid[-3:] for demand in demands if demand.live}
    assert len(matched & published) >= 25
    assert not matched & WITHOUT_FIT
