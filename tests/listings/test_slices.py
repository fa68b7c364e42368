"""Who sees what of a listing; and that nothing sealed, and no name of a hidden organisation, gets out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.canonical import canonical
from marketplace.models.accounts import Organisation
from marketplace.models.listings import Listing
from marketplace.services import (
    drafts,
    feed,
    indexing,
    listings,
    profiles,
    sealed_files,
    slices,
    statistics,
    steps,
    timeline,
)
from marketplace.services.slices import CLASSES, READERS, Party, Reader
from marketplace.work import begin, look
from search.query import Query
from tests.listings.conftest import Market
from tests.support.market import settle
from vocabulary.listing import Contact, Content, Price, Sealed, Text
from vocabulary.text import fold

PARTY = Party(
    "o1", "Viện Kín", "Hidden Institute", "institute", "92", "0312345678", "https://kin.example.org"
)
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
SECRET = "Xiqozwatkun"
"""A word no text has, so that search finds nothing near it either."""


def columns(table: type[Organisation] | type[Listing]) -> set[str]:
    return {column.key for column in table.__table__.columns}


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("content", {item.name for item in fields(Content)}),
        ("text", {item.name for item in fields(Text)}),
        ("sealed", {item.name for item in fields(Sealed)}),
        ("listing", columns(Listing)),
        ("organisation", columns(Organisation)),
    ],
)
def test_every_field_has_a_class_and_every_class_a_field(shape: str, names: set[str]) -> None:
    assert set(CLASSES[shape]) == names


@pytest.fixture
def full(offer: Content) -> Content:
    return offer.revised(contact=Contact("Chị Liên", "lien@example.org", "0911"), broker="Môi giới X")


@pytest.mark.parametrize(
    ("reader", "contact", "sealed_text", "reserve"),
    [
        ("public", False, False, False),
        ("member", True, False, False),
        ("nda", True, True, False),
        ("owner", True, True, True),
    ],
)
def test_four_readers_see_four_slices(
    full: Content, reader: Reader, contact: bool, sealed_text: bool, reserve: bool
) -> None:
    seen = slices.view(full, Sealed(SECRET, Price(5, None)), PARTY, reader)
    assert bool(seen.content.contact.email) is contact
    assert bool(seen.sealed.text) is sealed_text
    assert (seen.sealed.reserve_price is not None) is reserve
    assert seen.party is not None
    assert bool(seen.party.website) is (reader != "public")


@pytest.mark.parametrize("reader", READERS)
def test_a_hidden_organisation_shows_itself_only_under_an_agreement(full: Content, reader: Reader) -> None:
    seen = slices.view(full.revised(anonymous=True), Sealed(), PARTY, reader)
    trusted = reader in ("nda", "owner")
    assert (seen.party is not None) is trusted
    assert bool(seen.content.contact.name) is trusted
    assert bool(seen.content.broker) is trusted


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)
    else:
        yield str(value)


def test_the_published_body_is_an_allow_list_that_can_be_exchanged(full: Content) -> None:
    body = slices.public_body(full, PARTY, published_at=NOON, updated_at=NOON, expires_at=NOON)
    canonical(body)
    assert set(body) == {
        "content", "organisation", "published_at", "updated_at", "expires_at", "mark", "ground",
    }  # fmt: skip
    assert set(body["organisation"]) == {"id", "name", "name_en", "kind", "province"}
    assert not {"lien@example.org", "0911", "Chị Liên"} & set(strings(body))


def test_an_anonymous_body_names_nobody(full: Content) -> None:
    anonymous = full.revised(anonymous=True)
    body = slices.public_body(anonymous, PARTY, published_at=NOON, updated_at=NOON, expires_at=NOON)
    said = json.dumps(body, ensure_ascii=False)
    for canary in (
        PARTY.id,
        PARTY.name,
        PARTY.name_en,
        PARTY.code,
        PARTY.website,
        "lien@example.org",
        "Môi giới X",
    ):
        assert f'"{canary}"' not in said, canary
    assert "organisation" not in body


def test_what_is_sealed_is_nowhere_in_the_clear(
    market: Market, offer: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Post, revise, autosave, attach, publish and index with the secret; then read every byte there is."""
    caplog.set_level("DEBUG")
    runtime, owner = market.runtime, market.owner
    with begin(runtime) as work:
        listing = listings.post(work, owner, market.institute, offer, sealed=Sealed(SECRET))
        listings.revise(work, owner, listing.uid, offer.revised(trl_min=8, trl_max=8), version=1)
        drafts.save(work, "visitor:abc", "new:offer", [("sealed_text", SECRET)])
        file = sealed_files.received(runtime, f"{SECRET}.pdf", b"%PDF-1.7 " + SECRET.encode())
        sealed_files.attach(work, owner, listing.uid, file)
        listings.submit(work, owner, listing.uid)
        steps.take(work, market.moderator, listing, "approve")
        told = [*timeline.public(work, listing.uid), *timeline.whole(work, listing)]
    settle(runtime)
    with look(runtime) as work:
        row = feed.row(work, listing.uid)
        assert row is not None
        assert SECRET not in repr(indexing.document(row))
        # Compressed, so that the bytes read below would not show it.
        (kept,), made_anew = profiles.ready(work, [listing.uid], statistics.current(work), {})
        assert not made_anew
        assert SECRET not in repr([kept.profile.title, *kept.profile.sentences, *kept.profile.words])
        assert SECRET not in json.dumps(
            [row.body, [dict(event.params) for event in told]], ensure_ascii=False
        )
    assert runtime.engine.count() == 1
    assert runtime.engine.search(Query(text=SECRET, forgiving=False)).total == 0
    assert SECRET not in caplog.text
    runtime.close()
    read = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("giao.db") for path in read)
    assert any("index" in path.parts for path in read)
    for path in read:
        for written in (SECRET, SECRET.lower(), json.dumps(SECRET)[1:-1], fold(SECRET)):
            assert written.encode() not in path.read_bytes(), path


def test_a_hidden_organisation_is_in_no_record_that_leaves_the_house(market: Market, offer: Content) -> None:
    runtime, owner = market.runtime, market.owner
    anonymous = offer.revised(anonymous=True)
    with begin(runtime) as work:
        listing = listings.post(work, owner, market.institute, anonymous, submit=True)
        steps.take(work, market.moderator, listing, "approve")
    settle(runtime)
    with look(runtime) as work:
        row = feed.row(work, listing.uid)
        assert row is not None
        said = repr(row.body) + repr(indexing.document(row)) + repr(timeline.public(work, listing.uid))
        organisation = work.session.get_one(Organisation, market.institute)
        canaries = (organisation.id, organisation.name, organisation.name_en, organisation.code)
    for canary in (
        *canaries,
        "lienhe@example.org",
        "0900000000",
        "Người Liên Hệ",
        "Môi giới Thử",
        owner.name,
    ):
        assert canary not in said, canary
    named = Query(text="Viện Công nghệ Thử nghiệm", forgiving=False)
    assert runtime.engine.search(named).total == 0
    assert runtime.engine.search(Query(exclude_owner=market.institute)).total == 1


def test_the_owner_reads_back_what_was_sealed(market: Market, offer: Content) -> None:
    runtime, owner = market.runtime, market.owner
    price = Price(2_000_000_000, None, "VND", "floor")
    with begin(runtime) as work:
        listing = listings.post(work, owner, market.institute, offer, sealed=Sealed(SECRET, price))
        listings.revise(work, owner, listing.uid, offer.revised(trl_min=8, trl_max=8), version=1)
        uid = listing.uid
    with look(runtime) as work:
        assert steps.confidential(work, owner, uid) == Sealed(SECRET, price)
