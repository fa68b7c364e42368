"""A listing read from its bytes is compared as the one that was built: in every score, and in what is said of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from sys import getrefcount
from zlib import decompress

from hypothesis import given
from hypothesis import strategies as st

from matching.building import profile
from matching.compiled import FORM, LENGTHS, compiled, version
from matching.engine import best, rank
from matching.facts import Facts
from matching.likeness import copies
from matching.model import MODEL_VERSION
from matching.opened import opened
from matching.prepared import Ready
from matching.profile import Profile
from matching.statistics import DEFAULT, Statistics, collect, speaking
from tests.matching.listings import ROWS, demand, demands, offer, offers
from vocabulary.bilingual import Entry, TermTable
from vocabulary.listing import Content, Price, Right, Text

FORM_AND_BYTES = (2, "90e99930c853")
"""The form, and the beginning of the SHA-256 of what it makes of `FULL`."""


def read(listing: Profile, statistics: Statistics) -> Ready:
    """As it comes back from its bytes."""
    body = compiled(listing, statistics)
    return opened(
        body, statistics, uid=listing.uid, rev=listing.rev, owner=listing.owner, embedding=listing.embedding
    )


def everything(kind: str, uid: str, *, language: str = "vi", **texts: str) -> Profile:
    """A listing that says something of everything, in these languages."""
    content = Content("offer" if kind == "offer" else "demand", language).revised(
        texts={name: Text(title=text[:30], description=text) for name, text in texts.items()},
        requirements=tuple(ROWS),
        rights=(Right("patent", "granted"),),
        price=Price(1, 2 * 10**9, "USD"),
        trl_min=4, trl_max=7, fields=("2.2",), ipc=("G01N",), transfer_forms=("exclusive_licence",), province="92",
        territory=("VN",), needed_by="2027-01-31",
    )  # fmt: skip
    grants = ({"territory": "VN", "use": "ao tôm", "until": "2030-01-01"},) if kind == "offer" else ()
    return profile(
        content, uid=uid, rev=3, owner=kind, prohibition="restricted", ground="giống cây", grants=grants
    )


SALINITY = "Cảm biến đo độ mặn cho ao tôm, sai số độ mặn 0,3 ‰. Cảnh báo trước 6 giờ. Nặng 5 kg."
FULL = everything("offer", "o", vi=SALINITY, en="A salinity sensor for shrimp ponds. It weighs 5 kg.")


@given(demands, st.lists(offers, max_size=6, unique_by=lambda one: one.uid))
def test_what_was_read_is_ranked_as_what_was_built(asking: Profile, others: list[Profile]) -> None:
    known = collect([asking, *others])
    candidates = [read(one, known) for one in others]
    assert best(read(asking, known), candidates) == rank(asking, others, known)
    assert copies([one.profile for one in candidates]) == copies(others)


@given(st.lists(demands, max_size=6, unique_by=lambda one: one.uid), offers)
def test_the_other_direction_too(others: list[Profile], offering: Profile) -> None:
    known = collect([offering, *others])
    assert best(read(offering, known), [read(one, known) for one in others]) == rank(offering, others, known)


def test_all_that_can_be_said_is_read_back() -> None:
    asking = replace(everything("demand", "d", vi=SALINITY), embedding=bytes([3, 250]))
    offering = replace(FULL, embedding=bytes([9, 7]))
    known = speaking(collect([asking, offering]), TermTable(), "model", Facts(records={"offer": 3}))
    (scored,) = best(read(asking, known), [read(offering, known)])
    assert [scored] == rank(asking, [offering], known)
    assert all(one.of for one in scored.signals)
    assert {one.detail.code for one in scored.gates} >= {"said.restricted", "said.licensed_for_use"}


def test_a_translation_is_compared_where_the_other_side_speaks_it() -> None:
    asking = everything("demand", "d", language="en", en="A salinity sensor for shrimp ponds, at most 6 kg.")
    known = collect([asking, FULL])
    assert best(read(asking, known), [read(FULL, known)]) == rank(asking, [FULL], known)
    assert best(read(FULL, known), [read(asking, known)]) == rank(FULL, [asking], known)


def test_a_demand_that_was_read_is_put_into_another_language_too() -> None:
    asking, offering = demand("Cảm biến độ mặn", "Đo độ mặn."), offer("Salinity sensor", language="en")
    table = TermTable(
        (Entry(("vi", "en"), ("độ mặn", "salinity")), Entry(("vi", "en"), ("cảm biến", "sensor")))
    )
    known = speaking(DEFAULT, table)
    (scored,) = best(read(asking, known), [read(offering, known)])
    assert [scored] == rank(asking, [offering], known)
    assert scored.signals[0].points > 0


def test_every_word_and_sentence_can_be_asked_for() -> None:
    found = read(FULL, DEFAULT).profile
    for name in ("words", "heading", "sentences", "places"):
        said, meant = getattr(found, name), getattr(FULL, name)
        assert len(said) == len(meant)
        assert type(meant)(said) == (meant if name != "places" else {w: list(at) for w, at in meant.items()})
    assert dict(found.translations["en"].words) == FULL.translations["en"].words
    assert (found.asked, found.requirements) == (FULL.asked, FULL.requirements)


def test_other_bytes_have_another_form() -> None:
    """Stored bytes are read by later code: whatever changes them, the cutting of words included, counts up `FORM`."""
    body = compiled(FULL, collect([FULL, FULL]))
    last = LENGTHS.size + sum(LENGTHS.unpack_from(body))
    # Two libraries may compress to other bytes.
    made = sha256(body[LENGTHS.size : last] + decompress(body[last:])).hexdigest()[:12]
    assert (FORM, made) == FORM_AND_BYTES, (
        "count up FORM in matching/compiled.py, and write here what this says"
    )


def test_what_stands_beside_the_words_makes_no_other_version() -> None:
    known = collect([FULL, FULL])
    more = speaking(
        known, TermTable((Entry(("vi", "en"), ("lúa", "rice")),)), "model", Facts(records={"a": 3})
    )
    assert version(more) == version(known) != version(DEFAULT)
    assert version(known).startswith(MODEL_VERSION)
    assert compiled(FULL, more) == compiled(FULL, known)


def test_nothing_keeps_hold_of_a_listing_that_was_compiled() -> None:
    """A listing as it is built takes fifty kilobytes, and thousands are compiled in a row."""
    listing = everything("offer", "a", vi="Trạm đo độ mặn cho ao tôm")
    before = getrefcount(listing)
    compiled(listing, DEFAULT)
    assert getrefcount(listing) == before
