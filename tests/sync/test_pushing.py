"""A listing published on a local exchange is found on the national one, and what is withdrawn is gone everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.errors import Gone
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.runtime import Runtime
from marketplace.services import catalogue, steps
from marketplace.services.policy import Actor
from marketplace.work import begin, look
from search.query import Query
from tests.support.market import content, publish
from tests.sync.conftest import Pair

TRAM = "Trạm đo độ mặn tự động"


def found(runtime: Runtime, text: str) -> list[str]:
    with look(runtime) as work:
        return [one.listing.uid for one in catalogue.search(work, Query(text=text, forgiving=False)).findings]


def owner(runtime: Runtime, uid: str) -> Actor:
    with look(runtime) as work:
        organisation = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == uid))
    return Actor(name="chủ hồ sơ", roles={str(organisation): frozenset({"owner"})}, confirmed=True)


def withdraw(runtime: Runtime, uid: str) -> None:
    with begin(runtime) as work:
        listing = steps.hold(work, owner(runtime, uid), uid, "listing.edit")
        steps.take(work, owner(runtime, uid), listing, "withdraw")


def test_a_listing_is_found_nationally_and_gone_when_it_is_withdrawn(pair: Pair) -> None:
    uid = pair.publish(TRAM)[0]
    pair.push()
    assert found(pair.national, "độ mặn") == [uid]
    with look(pair.national) as work:
        listing = catalogue.listing(work, uid)
    assert (listing.origin, listing.content.title) == ("can-tho", TRAM)

    withdraw(pair.local, uid)
    pair.push()
    assert found(pair.national, "độ mặn") == []
    with pytest.raises(Gone) as gone, look(pair.national) as work:
        catalogue.listing(work, uid)
    assert gone.value.params["reason"] == "withdrawn"
    assert gone.value.params["exchange"] == "can-tho"


def test_a_listing_from_elsewhere_is_matched_like_one_of_our_own(pair: Pair) -> None:
    wanted = publish(
        pair.national, content("demand", "Cần trạm đo độ mặn tự động cho ao tôm"), owner="Hợp tác xã"
    )[0]
    offer = pair.publish(TRAM)[0]
    pair.push()
    with look(pair.national) as work:
        matched = work.session.execute(select(Match.demand_uid, Match.offer_uid)).all()
    assert (wanted, offer) in [tuple(one) for one in matched]
