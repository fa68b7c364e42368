"""A key is followed by another only on the word of one that is believed, however long the chain."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.handovers import MOST, Broken, Handover, KeySet, follow
from exchange.keys import DAY, LONGEST_LIFE, OVERLAP, KeyRecord, KeyState, PrivateKey
from exchange.problems import Refused
from tests.exchange.making import NOW

KEYS = [PrivateKey.generated() for _ in range(7)]
THIEF = PrivateKey.generated()
YEAR = 300 * DAY
"""How long each key was in use."""
CHAIN = [Handover.made("national", KEYS[n], KEYS[n + 1], at=NOW + n * YEAR) for n in range(6)]


def pinned(number: int, *, at: int | None = None, **more: int) -> KeyRecord:
    """The key of this number as an exchange has pinned it that enrolled `at`."""
    since = NOW + (number - 1) * YEAR if at is None else at
    return KeyRecord("national", KEYS[number].public, since, since + LONGEST_LIFE, **more)


def led(chain: list[Handover], *known: KeyRecord, tip: PrivateKey, now: int) -> dict[str, KeyRecord]:
    return {one.kid: one for one in follow(chain, known, tip.kid, node="national", now=now)}


def why(chain: list[Handover], *known: KeyRecord, tip: PrivateKey, now: int = NOW + DAY) -> str:
    with pytest.raises(Broken) as broken:
        led(chain, *known, tip=tip, now=now)
    return broken.value.code


def test_a_new_key_is_believed_on_the_word_of_the_pinned_one_which_counts_for_seven_days_more() -> None:
    found = led(CHAIN[:1], pinned(0, at=NOW - DAY), tip=KEYS[1], now=NOW + DAY)
    old, new = found[KEYS[0].kid], found[KEYS[1].kid]
    assert (old.state(NOW + DAY), new.state(NOW + DAY)) == (KeyState.RETIRING, KeyState.ACTIVE)
    assert (old.state(NOW + OVERLAP), new.state(NOW + OVERLAP)) == (KeyState.ENDED, KeyState.ACTIVE)
    assert new.ends_at == NOW + LONGEST_LIFE


def test_what_is_known_already_changes_nothing() -> None:
    known = [
        pinned(0, at=NOW - DAY, replaced_at=NOW),
        KeyRecord("national", KEYS[1].public, NOW, NOW + LONGEST_LIFE),
    ]
    assert led(CHAIN[:1], *known, tip=KEYS[1], now=NOW + DAY) == {}
    assert led([], pinned(0, at=NOW), tip=KEYS[0], now=NOW + DAY) == {}


@given(st.integers(0, 5), st.integers(0, 92))
def test_who_was_away_for_longer_than_the_overlap_follows_the_chain(first: int, days: int) -> None:
    """From any link, as long as the pinned key is within its own life."""
    now = NOW + first * YEAR + OVERLAP + days * DAY
    chain = [one for one in CHAIN if one.at <= now]
    found = led(chain, pinned(first), tip=KEYS[first + 1], now=now)
    assert set(found) == {KEYS[first].kid, KEYS[first + 1].kid}


def test_several_keys_that_followed_each_other_within_the_life_of_the_first_are_followed_to_the_last() -> (
    None
):
    chain = [Handover.made("national", KEYS[n], KEYS[n + 1], at=NOW + n * 60 * DAY) for n in range(5)]
    found = led(chain, pinned(0, at=NOW - DAY), tip=KEYS[5], now=NOW + 260 * DAY)
    usable = {kid for kid, one in found.items() if one.usable(NOW + 260 * DAY)}
    assert usable == {KEYS[5].kid}


def test_a_pinned_key_that_has_come_to_its_end_vouches_for_nobody() -> None:
    """Nobody could tell when it has signed, nor who holds it."""
    assert why(CHAIN[:1], pinned(0, at=NOW - DAY), tip=KEYS[1], now=NOW + 399 * DAY) == "expired"


def test_a_hand_over_whose_own_key_has_ended_is_refused() -> None:
    late = Handover.made("national", KEYS[0], KEYS[1], at=NOW - 401 * DAY)
    assert why([late], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "expired"


def test_a_life_longer_than_four_hundred_days_is_refused() -> None:
    bare = replace(CHAIN[0], until=NOW + LONGEST_LIFE + 1)
    long = replace(bare, by_old=KEYS[0].loaded().sign(bare.signed), by_new=KEYS[1].loaded().sign(bare.signed))
    assert long.is_signed()
    assert why([long], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "expired"


def test_a_hand_over_that_the_future_has_made_is_refused() -> None:
    assert why(CHAIN[:1], pinned(0, at=NOW - 9 * DAY), tip=KEYS[1], now=NOW - DAY) == "not_yet"


def test_a_hand_over_by_a_key_that_is_not_believed_is_refused() -> None:
    forged = Handover.made("national", THIEF, KEYS[1], at=NOW)
    assert why([forged], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "unknown_key"


def test_a_hand_over_in_the_name_of_a_believed_key_that_has_not_signed_it_is_refused() -> None:
    forged = Handover.made("national", THIEF, KEYS[1], at=NOW)
    assert why([replace(forged, old=KEYS[0].public)], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "bad_signature"


def test_a_new_key_that_has_not_signed_for_itself_is_refused() -> None:
    """Else somebody could have the key of another exchange believed as theirs."""
    alone = replace(CHAIN[0], by_new=CHAIN[0].by_old)
    assert why([alone], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "bad_signature"


def test_a_hand_over_of_another_node_is_refused() -> None:
    other = Handover.made("can-tho", KEYS[0], KEYS[1], at=NOW)
    assert why([other], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "wrong_node"


def test_a_revoked_key_breaks_the_chain() -> None:
    revoked = pinned(0, at=NOW - DAY, revoked_at=NOW - 60)
    assert why(CHAIN[:1], revoked, tip=KEYS[1]) == "revoked"
    assert why([], revoked, tip=KEYS[0]) == "revoked"


def test_a_key_vouches_for_one_successor_only() -> None:
    """Whoever gets hold of a key that was replaced cannot name another heir."""
    stolen = Handover.made("national", KEYS[0], THIEF, at=NOW + 60)
    known = [
        pinned(0, at=NOW - DAY, replaced_at=NOW),
        KeyRecord("national", KEYS[1].public, NOW, NOW + LONGEST_LIFE),
    ]
    assert why([*CHAIN[:1], stolen], *known, tip=THIEF) == "forked"
    assert why([*CHAIN[:1], stolen], pinned(0, at=NOW - DAY), tip=KEYS[1]) == "forked"


@st.composite
def spoilt(draw: st.DrawFn) -> list[Handover]:
    """Some hand-overs of this and other nodes, in any order, some of them changed after they were signed."""
    holders = st.sampled_from([*KEYS[:4], THIEF])
    chain = []
    for _ in range(draw(st.integers(1, 5))):
        old, new = draw(holders), draw(holders)
        link = Handover.made(
            draw(st.sampled_from(["national", "can-tho"])), old, new, at=NOW + draw(st.integers(-9, 9))
        )
        change = draw(st.sampled_from(["", "", "old", "new", "until"]))
        if change == "until":
            link = replace(link, until=link.until - 1)
        elif change:
            link = replace(link, **{change: draw(holders).public})
        chain.append(link)
    return chain


@given(spoilt(), st.sampled_from([*KEYS[:4], THIEF]))
def test_whatever_is_served_only_what_a_believed_key_has_signed_is_believed(
    chain: list[Handover], tip: PrivateKey
) -> None:
    try:
        found = led(chain, pinned(0, at=NOW - DAY), tip=tip, now=NOW + DAY)
    except Broken:
        return
    sound = {(one.old.kid, one.new.kid) for one in chain if one.node == "national" and one.is_signed()}
    reached, heirs = {KEYS[0].kid}, [kid for kid in found if kid != KEYS[0].kid]
    for _ in heirs:
        reached |= {new for old, new in sound if old in reached}
    assert {tip.kid, *heirs} <= reached
    assert sum(one.replaced_at is None for one in found.values()) <= 1, "one is in use"


def test_a_key_set_is_read_as_it_was_written() -> None:
    said = KeySet(KEYS[2].kid, (KEYS[1].public, KEYS[2].public), tuple(CHAIN[:2]))
    assert KeySet.read(json.loads(json.dumps(said.as_record()))) == said
    assert KeySet.read({"keys": [KEYS[0].public.jwk]}).newest == KEYS[0].kid, (
        "of a node that hands over nothing"
    )


@pytest.mark.parametrize(
    "change",
    [{"handovers": [{}] }, {"handovers": [1]}, {"handovers": [CHAIN[0].as_record()] * (MOST + 1)}, {"keys": 5},
     {"handovers": [{**CHAIN[0].as_record(), "signatures": {"old": "!", "new": "!"}}]}],
)  # fmt: skip
def test_a_key_set_that_cannot_be_read_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        KeySet.read({"keys": [KEYS[0].public.jwk], **change})
    assert refused.value.problem.code == "malformed"
