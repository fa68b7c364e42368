"""The same technology on two exchanges: linked on hard keys, asked about otherwise, found once, and parted exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from exchange.canonical import content_hash
from marketplace.errors import Conflict, NotFound
from marketplace.followers import Clustering, Indexing
from marketplace.models.clusters import BlockKey, MergeLine, Print
from marketplace.models.exchanges import Overlay, Replica
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.notices import Notice
from marketplace.readers import Follower, Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import catalogue, comparing, feed
from marketplace.services.clusters import reviewing, showing
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.sync import decisions, verifying
from marketplace.work import begin, look
from search.query import Query
from tests.support.market import content, publish, settle
from tests.support.members import join
from tests.support.twins import PATENT, SAYS, TITLE
from tests.sync.conftest import Pair
from tests.sync.test_classification import classify, filtered
from tests.sync.test_pushing import found, withdraw
from tests.sync.trio import Trio, three
from vocabulary.listing import Right

REVIEWER = Actor(user_id="duyet", name="Lê Thu", staff=frozenset({"moderator"}), confirmed=True)


@pytest.fixture
def trio(pair: Pair, tmp_path: Path) -> Iterator[Trio]:
    with three(pair, tmp_path) as found_:
        yield found_


def decide(trio: Trio, decision: reviewing.Decision) -> None:
    with begin(trio.national) as work:
        reviewing.decide(work, REVIEWER, trio.candidate().id, decision)
    trio.settle()


def shown(runtime: Runtime) -> list[tuple[object, ...]]:
    """The listings as they stand in the feed."""
    columns = (Published.id, Published.rev, Published.hash, Published.body)
    with look(runtime) as work:
        rows = work.session.execute(select(*columns).where(Published.kind == "offer").order_by(Published.id))
        return [tuple(row) for row in rows]


def kept(runtime: Runtime) -> list[tuple[object, ...]]:
    """The listings of others as they are kept."""
    columns = (Replica.uid, Replica.rev, Replica.hash, Replica.body)
    with look(runtime) as work:
        rows = work.session.execute(select(*columns).where(Replica.kind == "offer").order_by(Replica.uid))
        return [tuple(row) for row in rows]


def equal(trio: Trio) -> None:
    """The index holds what is shown, and what is shown what is kept."""
    with look(trio.national) as work:
        assert comparing.compare(work).differences == ()
        assert [
            one for one in verifying.findings(work) if one.what in ("view", "index") and not one.well
        ] == []


def test_the_same_right_of_the_same_owner_is_linked_and_found_once(trio: Trio) -> None:
    one, other = trio.linked()
    assert found(trio.national, "độ mặn") == [one]
    assert {uid: stands for uid, (_, _, stands) in trio.known_as().items()} == {one: one, other: one}
    assert (trio.candidate().state, trio.candidate().by) == ("linked", "rule")
    with look(trio.national) as work:
        page = catalogue.search(work, Query(text="độ mặn", facets=("origin", "kind")))
        assert page.results.total == 1
        assert page.results.facets == {"origin": {"can-tho": 1, "hue": 1}, "kind": {"offer": 1}}
        assert page.findings[0].also == ("hue",)
        assert catalogue.listing(work, other).content.title == TITLE
    equal(trio)


def arrived(trio: Trio) -> Follower:
    """The same patent of the same owner has come from both and has its place in the feed; nothing else was done."""
    trio.settle()
    for home in (trio.one, trio.other):
        trio.offer(home, rights=(PATENT,), owner="Công ty TNHH Sao Mai")
    trio.talk()
    drain([Sequencer(trio.national)])
    return Follower(trio.national, Clustering(waiting=1))


def test_duplicates_are_looked_for_once_what_came_can_be_found(trio: Trio) -> None:
    looking = arrived(trio)
    assert not looking.turn()
    drain([Follower(trio.national, Indexing())])
    assert looking.turn()
    assert trio.candidate().state == "linked"


def test_where_listings_never_cease_to_come_duplicates_are_looked_for_all_the_same(trio: Trio) -> None:
    looking = arrived(trio)
    assert not looking.turn()
    trio.clock.move(Clustering.patience)
    assert looking.turn()
    assert trio.candidate().state == "linked"


def test_what_only_the_other_home_says_finds_the_technology_too(trio: Trio) -> None:
    one, other = trio.linked()
    trio.retitle(other, "Phao quan trắc xâm nhập mặn")
    trio.settle()
    assert found(trio.national, "quan trắc xâm nhập") == [one]
    equal(trio)


def test_what_is_said_of_either_finds_the_technology_and_parts_with_it(trio: Trio) -> None:
    one, other = trio.linked()
    classify(trio.national, other)
    trio.settle()
    assert found(trio.national, "sluicewatch") == [one]
    assert filtered(trio.national, field=("4.1",)) == [one]
    equal(trio)
    decide(trio, "undo")
    assert filtered(trio.national, field=("4.1",)) == [other]
    equal(trio)
    decide(trio, "link")
    withdraw(trio.other, other)
    trio.settle()
    assert found(trio.national, "sluicewatch") == []
    equal(trio)


def test_one_shared_number_asks_both_homes_and_links_nothing(trio: Trio) -> None:
    one = trio.offer(trio.one, rights=(PATENT,), owner="Viện Lúa")
    other = trio.offer(trio.other, "Phao báo mặn", rights=(PATENT,), owner="Sao Mai")
    trio.settle()
    assert sorted(found(trio.national, "đo độ mặn theo giờ")) == sorted((one, other))
    mine, theirs = trio.suggested(trio.one, one), trio.suggested(trio.other, other)
    assert (mine.other["uid"], theirs.other["uid"]) == (other, one)
    assert (mine.state, mine.waits, mine.other["title"]) == ("open", True, "Phao báo mặn")
    assert "right" in [reason["name"] for reason in mine.reasons]


def test_i9_what_comes_down_dirties_no_published_row(trio: Trio) -> None:
    one = trio.offer(trio.one, owner="Viện Lúa")
    trio.offer(trio.other, owner="Sao Mai")
    trio.settle()
    before = shown(trio.one)
    with look(trio.one) as work:
        dirty = select(func.count()).select_from(Published).where(Published.pub_seq.is_(None))
        head = select(func.max(Published.pub_seq))
        assert work.session.scalar(dirty) == 0
        last = work.session.scalar(head)
    trio.revise(next(uid for uid in trio.posted if uid != one), province="46")
    trio.settle()
    with look(trio.one) as work:
        assert work.session.scalar(select(func.count()).select_from(Overlay)) == 1
        assert work.session.scalar(dirty) == 0
        assert work.session.scalar(head) == last
    assert shown(trio.one) == before


def test_two_yeses_link_and_one_no_parts(trio: Trio) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    trio.answer(trio.one, one, "accept", "Cùng một hợp đồng.")
    trio.settle()
    assert (trio.candidate().state, len(found(trio.national, "độ mặn"))) == ("open", 2)
    assert trio.suggested(trio.other, other).note == "Cùng một hợp đồng."
    trio.answer(trio.other, other, "accept")
    trio.settle()
    assert (trio.candidate().by, found(trio.national, "độ mặn")) == ("homes", [one])
    assert trio.suggested(trio.one, one).state == "linked"
    trio.answer(trio.other, other, "reject")
    trio.settle()
    assert trio.candidate().state == "parted"
    assert sorted(found(trio.national, "độ mặn")) == sorted((one, other))
    equal(trio)


def test_an_answer_of_a_home_that_was_not_asked_changes_nothing(trio: Trio) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    suggestion = trio.suggested(trio.other, other)
    with begin(trio.one) as work:  # As if it had been told of the other's suggestion.
        told = work.session.scalars(select(Overlay).where(Overlay.layer == "suggestion")).one()
        work.session.add(Overlay(uid=suggestion.uid, about=one, layer="suggestion", rev=1, body=told.body,
                                 epoch=told.epoch, received_at=work.now))  # fmt: skip
        work.session.flush()
        decisions.answer(work, SYSTEM, suggestion.uid, "reject")
    trio.settle()
    assert (trio.candidate().state, trio.candidate().answers) == ("open", {})


def test_i11_c23_a_link_that_is_taken_back_leaves_everything_as_it_was(trio: Trio) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    ids, hits, before = trio.known_as(), sorted(found(trio.national, "độ mặn")), shown(trio.national)
    decide(trio, "link")
    assert found(trio.national, "độ mặn") == [one]
    with look(trio.national) as work:
        national = [ids[uid][0] for uid in (one, other)]
        assert [showing.by_national_id(work, name) for name in national] == [one, one]
    decide(trio, "undo")
    assert (trio.known_as(), sorted(found(trio.national, "độ mặn")), shown(trio.national)) == (
        ids,
        hits,
        before,
    )
    with look(trio.one) as work:
        assert work.session.scalars(select(Overlay).where(Overlay.layer == "cluster")).all() == []
    equal(trio)


def test_c23_linked_edited_on_both_sides_and_parted_each_is_what_its_home_says(trio: Trio) -> None:
    one, other = trio.linked()
    trio.revise(one, trl_min=8, trl_max=8)
    trio.revise(other, province="46")
    trio.settle()
    decide(trio, "part")
    assert kept(trio.national) == [*shown(trio.one), *shown(trio.other)]
    assert sorted(found(trio.national, "độ mặn")) == sorted((one, other))
    with look(trio.national) as work:
        assert [showing.by_national_id(work, trio.known_as()[uid][0]) for uid in (one, other)] == [one, other]
    equal(trio)


def test_when_the_one_that_stands_goes_the_other_stands_and_back_again(trio: Trio) -> None:
    one, other = trio.linked()
    withdraw(trio.one, one)
    trio.settle()
    assert found(trio.national, "độ mặn") == [other]
    assert trio.candidate().state == "gone"
    with look(trio.other) as work:
        assert work.session.scalars(select(Overlay)).all() == []
    equal(trio)


def test_what_is_gone_leaves_no_words_in_what_is_compared(trio: Trio) -> None:
    one, _ = trio.linked()
    withdraw(trio.one, one)
    trio.settle()
    with look(trio.national) as work:
        assert work.session.get(Print, one) is None
        assert work.session.scalars(select(BlockKey).where(BlockKey.uid == one)).all() == []
        assert trio.candidate().reasons == []


def test_a_no_is_asked_about_again_only_when_a_hard_key_changes(trio: Trio) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    trio.answer(trio.one, one, "reject")
    trio.settle()
    trio.retitle(other, f"{TITLE} và ao tôm")
    trio.settle()
    assert trio.candidate().state == "parted"
    for uid in (one, other):
        trio.revise(uid, rights=(PATENT,))
    trio.settle()
    assert (trio.candidate().state, trio.candidate().answers) == ("open", {})
    with look(trio.national) as work:
        ops = work.session.execute(select(MergeLine.op, MergeLine.reverses).order_by(MergeLine.n)).all()
    assert [tuple(line) for line in ops] == [("part", None), ("unlink", 1)]
    assert trio.suggested(trio.one, one).waits
    with begin(trio.national) as work:  # As if the feed were read from its beginning.
        feed.touch(work, work.session.scalars(select(Published.id).where(Published.kind == "decision")).all())
    trio.settle()
    assert trio.candidate().state == "open"
    trio.answer(trio.one, one, "reject")
    trio.settle()
    assert trio.candidate().state == "parted"


def test_a_rule_takes_its_own_link_back_when_the_number_was_wrong(trio: Trio) -> None:
    one, other = trio.linked()
    trio.revise(other, rights=(Right("patent", "granted", "1-2024-99999"),))
    trio.settle()
    assert (trio.candidate().state, trio.candidate().by) == ("open", "")
    assert sorted(found(trio.national, "độ mặn")) == sorted((one, other))


def test_fourteen_days_of_silence_bring_a_pair_to_a_reviewer(trio: Trio) -> None:
    trio.offer(trio.one, owner="Viện Lúa")
    trio.offer(trio.other)
    trio.settle()
    with look(trio.national) as work:
        assert reviewing.queue(work, REVIEWER).counts == {"waiting": 0, "asked": 1, "linked": 0, "parted": 0}
    trio.clock.move(timedelta(days=14))
    with look(trio.national) as work:
        queue = reviewing.queue(work, REVIEWER)
    assert queue.counts["waiting"] == 1
    (line,) = queue.lines
    assert line.due_at is not None
    assert not line.overdue


def test_what_a_reviewer_has_decided_a_home_can_contest_and_not_change(trio: Trio) -> None:
    one, _ = trio.offer(trio.one, owner="Viện Lúa"), trio.offer(trio.other)
    trio.settle()
    decide(trio, "link")
    with pytest.raises(Conflict), begin(trio.national) as work:
        reviewing.decide(work, REVIEWER, trio.candidate().id, "link")
    trio.answer(trio.one, one, "reject", "Đời máy khác.")
    trio.settle()
    assert trio.candidate().state == "review"
    assert found(trio.national, "độ mặn") == [one]


def test_a_demand_is_matched_with_a_technology_once(trio: Trio) -> None:
    wanted = publish(trio.national, content("demand", "Cần cảm biến đo độ mặn cho ruộng lúa"), owner="HTX")[0]
    one, _ = trio.linked()
    settle(trio.national)
    with look(trio.national) as work:
        offers = work.session.scalars(select(Match.offer_uid).where(Match.demand_uid == wanted)).all()
    assert offers == [one]


def test_the_people_of_a_listing_are_told_of_a_suggestion_once(trio: Trio) -> None:
    one = trio.offer(trio.one, owner="Viện Lúa")
    with look(trio.one) as work:
        home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == one))
    join(trio.one, "chu@example.org", "owner", str(home))
    other = trio.offer(trio.other)
    trio.settle()
    trio.retitle(other, f"{TITLE}, đời hai")
    trio.settle()
    with look(trio.one) as work:
        told = work.session.execute(select(Notice.target, Notice.params).where(Notice.what == "suggestion"))
        found_ = [tuple(one) for one in told]
    assert found_ == [(one, {"title": TITLE})]


def test_a_pair_with_a_listing_of_the_national_exchange_is_for_its_reviewers(trio: Trio) -> None:
    publish(trio.national, content("offer", TITLE, SAYS), owner="Trung tâm")
    trio.offer(trio.one)
    trio.settle()
    assert trio.candidate().state == "review"


def test_what_nobody_suggested_cannot_be_answered(trio: Trio) -> None:
    with pytest.raises(NotFound), begin(trio.one) as work:
        decisions.answer(work, SYSTEM, "national:suggestion:01ARZ3NDEKTSV4RRFFQ69G5FAV", "accept")


def test_c24_a_chain_over_three_homes_is_cut_where_one_says_no(trio: Trio) -> None:
    one, other = trio.linked()
    own = publish(trio.national, content("offer", TITLE, SAYS, rights=(PATENT,)), owner="Trung tâm")[0]
    trio.settle()
    with begin(trio.national) as work:
        pairs = {
            (line.sides[0].uid, line.sides[1].uid): line.id for line in reviewing.queue(work, REVIEWER).lines
        }
        assert set(pairs) == {tuple(sorted((own, uid))) for uid in (one, other)}
        reviewing.decide(work, REVIEWER, pairs[tuple(sorted((own, other)))], "link")  # type: ignore[index]
    settle(trio.national)
    assert found(trio.national, "độ mặn") == [one]
    with begin(trio.national) as work:
        reviewing.decide(work, REVIEWER, pairs[tuple(sorted((own, one)))], "part")  # type: ignore[index]
    settle(trio.national)
    assert sorted(found(trio.national, "độ mặn")) == sorted((one, own))
    equal(trio)


def test_c9_letters_that_only_look_alike_hide_no_duplicate(trio: Trio) -> None:
    one = trio.offer(trio.one, "Cảm biến đo độ mặn", owner="Viện Lúa")
    trio.offer(trio.other, "Cảm\u200b biến đо \u202eđộ\u202c mặn", owner="Viện Lúa")
    trio.settle()
    assert trio.suggested(trio.one, one).state == "open"
    assert [reason["name"] for reason in trio.suggested(trio.one, one).reasons] == ["owner", "title", "text"]


def test_a_listing_that_hides_its_organisation_is_not_named_by_a_link_its_home_did_not_want(
    trio: Trio,
) -> None:
    one, other = trio.offer(trio.one, owner="Viện Lúa", anonymous=True), trio.offer(trio.other)
    trio.settle()
    with look(trio.national) as work:
        assert reviewing.case(work, REVIEWER, trio.candidate().id).decisions == ("part",)
    with look(trio.one) as work:
        assert decisions.one(work, SYSTEM, trio.suggested(trio.one, one).uid).anonymous
    trio.answer(trio.one, one, "accept")
    trio.answer(trio.other, other, "contest")
    trio.settle()
    decide(trio, "link")
    assert found(trio.national, "độ mặn") == [one]


def test_what_is_erased_leaves_no_word_at_the_other_home_either(trio: Trio) -> None:
    one, other = trio.linked()
    with begin(trio.one) as work:
        work.session.execute(
            update(Published)
            .where(Published.id == one)
            .values(op="erase", body="legal", rev=9, pub_seq=None, hash=_erased(one))
        )
    trio.settle()
    with look(trio.national) as work:
        assert work.session.get_one(Replica, one).op == "erase"
        said = str(
            [list(map(str, row)) for row in work.session.execute(select(Published.body, Published.id))]
        )
        prints = work.session.scalars(select(Print.uid)).all()
    assert "Công ty TNHH Sao Mai" not in said
    assert prints == [other]
    with look(trio.other) as work:
        assert work.session.scalars(select(Overlay)).all() == []


def _erased(uid: str) -> str:
    return content_hash(
        uid=uid, kind="offer", schema=f"offer/{feed.SCHEMA_VERSION}", op="erase", body="legal"
    )
