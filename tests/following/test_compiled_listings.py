"""What matching reads of a listing is kept beside it: for one state of it, and no longer than it is public."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from marketplace.followers import Matchmaking
from marketplace.models.matches import CompiledListing, Match
from marketplace.runtime import Runtime
from marketplace.services import erasure, feed, matchmaking, profiles, sequencing, statistics
from marketplace.services.policy import SYSTEM
from marketplace.services.profiles import Compiled
from marketplace.tasks import forget_what_is_over, rematch_all
from marketplace.work import Work, begin, look
from matching.building import profile
from matching.compiled import compiled
from tests.support.market import content, publish, settle
from vocabulary.listing import Content, Kind, as_record

SALT = "Cảm biến đo độ mặn liên tục cho ao nuôi tôm, cảnh báo sớm qua điện thoại khi độ mặn vượt ngưỡng"
DRYER = "Máy sấy lúa tầng sôi công suất mười tấn một mẻ, tiết kiệm trấu và giữ hạt nguyên vẹn"


def listing(kind: Kind, text: str) -> Content:
    return content(kind, text[:60], text)


def matched(runtime: Runtime) -> tuple[str, str]:
    """A demand and an offer that were matched, and so are kept."""
    (offer,) = publish(runtime, listing("offer", SALT), owner="A")
    (demand,) = publish(runtime, listing("demand", SALT), owner="B")
    settle(runtime)
    assert kept(runtime) == {offer, demand}
    return demand, offer


def kept(runtime: Runtime) -> set[str]:
    with look(runtime) as work:
        return set(work.session.scalars(select(CompiledListing.uid)))


def totals(runtime: Runtime) -> dict[str, int]:
    """Offer -> the total of its match."""
    with look(runtime) as work:
        return dict(work.session.execute(select(Match.offer_uid, Match.total)).all())


def as_if_it_said(runtime: Runtime, uid: str, text: str) -> None:
    """Keep of this listing what another text would be kept as."""
    with begin(runtime) as work:
        made = profile(listing("offer", text), uid=uid, rev=1, owner="")
        body = compiled(made, statistics.current(work))
        work.session.execute(update(CompiledListing).where(CompiledListing.uid == uid).values(body=body))


def rematched(runtime: Runtime) -> None:
    rematch_all(runtime)
    settle(runtime)


def test_what_is_kept_is_read_and_not_built_again(runtime: Runtime) -> None:
    _, offer = matched(runtime)
    assert offer in totals(runtime)
    as_if_it_said(runtime, offer, DRYER)
    rematched(runtime)
    assert totals(runtime) == {}


def test_a_revision_is_never_compared_as_what_was_kept_of_the_one_before(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    with begin(runtime) as work:
        row = feed.row(work, offer)
        assert row is not None
        body = {**row.body, "content": as_record(listing("offer", DRYER))}
        feed.publish(work, uid=offer, kind="offer", body=body)
        found, made = profiles.ready(work, [offer, demand], statistics.current(work), {})
    assert made == (), "it has no number yet"
    assert {one.profile.uid: one.profile.title for one in found} == {demand: SALT[:60], offer: DRYER[:60]}
    settle(runtime)
    assert totals(runtime) == {}
    assert kept(runtime) == {demand, offer}


def test_under_a_new_snapshot_everything_is_built_anew(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    as_if_it_said(runtime, offer, DRYER)
    with_another_snapshot(runtime)
    settle(runtime)
    assert offer in totals(runtime)
    assert {demand, offer} <= kept(runtime)


def test_what_belongs_to_an_older_snapshot_goes(runtime: Runtime) -> None:
    matched(runtime)
    forget_what_is_over(runtime)
    assert len(kept(runtime)) == 2
    with_another_snapshot(runtime)
    forget_what_is_over(runtime)
    assert kept(runtime) == set()


def with_another_snapshot(runtime: Runtime) -> None:
    publish(runtime, listing("offer", DRYER), owner="C")
    with begin(runtime) as work:
        statistics.store(work, statistics.collected(work))


def test_nothing_made_of_a_text_outlives_it(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    with begin(runtime) as work:
        feed.retire(work, uid=offer, reason="withdrawn")
    settle(runtime)
    assert kept(runtime) == {demand}


def test_what_is_erased_is_gone_at_once(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    with begin(runtime) as work:
        erasure.erase(work, SYSTEM, offer)
    assert kept(runtime) == {demand}


def test_who_comes_late_keeps_nothing_of_what_is_gone_or_has_changed(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    with begin(runtime) as work:
        late = [Compiled(uid, sequence(work, uid), "late", b"late") for uid in (demand, offer)]
        feed.touch(work, [demand])
        erasure.erase(work, SYSTEM, offer)
    with begin(runtime) as work:
        profiles.keep(work, late)
    assert kept(runtime) == {demand}
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).where(CompiledListing.version == "late")) == 0


def test_what_came_too_late_all_the_same_is_swept_away(runtime: Runtime) -> None:
    demand, offer = matched(runtime)
    with begin(runtime) as work:
        erasure.erase(work, SYSTEM, offer)
        version = work.session.scalar(select(CompiledListing.version))
        work.session.add(CompiledListing(uid=offer, sequence=1, version=version or "", body=b"late"))
    forget_what_is_over(runtime)
    assert kept(runtime) == {demand}


def sequence(work: Work, uid: str) -> int:
    row = feed.row(work, uid)
    assert row is not None
    return row.sequence


def test_a_reader_that_dies_keeps_neither_matches_nor_what_it_built(runtime: Runtime) -> None:
    settled = set(matched(runtime))
    (demand,) = publish(runtime, listing("demand", DRYER), owner="D")
    with begin(runtime) as work:
        sequencing.number(work)
        row = feed.row(work, demand)
    assert row is not None
    keep = Matchmaking().handle(runtime, [row])

    def die() -> None:
        with begin(runtime) as work:
            keep(work)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert kept(runtime) == settled
    settle(runtime)
    assert kept(runtime) == {*settled, demand}


def test_looking_ahead_keeps_nothing(runtime: Runtime) -> None:
    publish(runtime, listing("offer", SALT), owner="A")
    settle(runtime)
    with begin(runtime) as work:
        work.session.execute(CompiledListing.__table__.delete())  # type: ignore[attr-defined]
    with begin(runtime) as work:
        assert matchmaking.preview(work, listing("demand", SALT), uid="draft", owner="B")
    assert kept(runtime) == set()
