"""The classification layer: said nationally, laid beside the listing at home, shown and found on both, taken back again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from marketplace.errors import Conflict, Forbidden, Gone, Invalid, Stale
from marketplace.models.exchanges import Overlay, Replica
from marketplace.models.feed import Published
from marketplace.models.layers import Classification
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.review import ReviewItem
from marketplace.readers import Sequencer, drain
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import catalogue, comparing, erasure, feed, listings, moderation
from marketplace.services.classification import arriving, deciding, layer, working
from marketplace.services.classification.deciding import Case
from marketplace.services.classification.layer import Layer
from marketplace.services.policy import SYSTEM, VISITOR, Actor
from marketplace.services.sync import changes
from marketplace.services.sync.changes import as_item
from marketplace.uplink import Uplink
from marketplace.work import begin, look
from search.query import Query
from tests.support.market import content, publish, settle
from tests.sync.conftest import Pair
from tests.sync.test_erasing import everything_written
from tests.sync.test_faults import later
from tests.sync.test_proof import compared
from tests.sync.test_pushing import found, owner, withdraw
from tests.sync.test_reading_of_changes import shape, unfit
from vocabulary.listing import Text

LIBRARIAN = Actor(user_id="thu-thu", name="Lê Thu", staff=frozenset({"moderator"}), confirmed=True)
TRAM = "Trạm đo độ mặn tự động"
AQUACULTURE = "03"
SAYS = Layer(
    fields=("4.1",), ipc=("A01K 61/59",), industries=(AQUACULTURE,), strategic=("1",),
    texts={"en": Text(title="Sluicewatch station", summary="Warns shrimp farmers by telephone.")},
)  # fmt: skip


def classify(runtime: Runtime, uid: str, said: Layer = SAYS, *, actor: Actor = LIBRARIAN) -> None:
    with begin(runtime) as work:
        version = deciding.case(work, actor, uid).version
        assert deciding.decide(work, actor, uid, said, version=version)


def case(runtime: Runtime, uid: str) -> Case:
    with look(runtime) as work:
        return deciding.case(work, LIBRARIAN, uid)


def undo(runtime: Runtime, uid: str) -> None:
    with begin(runtime) as work:
        deciding.undo(work, LIBRARIAN, uid, version=deciding.case(work, LIBRARIAN, uid).version)


def settled(pair: Pair) -> None:
    """All is sent, and what the national exchange says of it has come down and into both indices."""
    pair.push()
    settle(pair.local)
    later(pair)
    pair.push()
    settle(pair.local)


def sent(pair: Pair, *titles: str) -> list[str]:
    uids = pair.publish(*titles)
    settled(pair)
    return uids


def at_home(runtime: Runtime, uid: str) -> Layer | None:
    with look(runtime) as work:
        laid = layer.laid(work, [uid]).get(uid)
    return laid.layer if laid else None


def filtered(runtime: Runtime, **filters: tuple[str, ...]) -> list[str]:
    with look(runtime) as work:
        return [one.listing.uid for one in catalogue.search(work, Query(filters=filters)).findings]


def facets(runtime: Runtime, name: str) -> dict[str, int]:
    with look(runtime) as work:
        return dict(catalogue.search(work, Query(facets=(name,))).results.facets[name])


def rows(runtime: Runtime) -> list[tuple[object, ...]]:
    """The listings as they stand in the feed, with their places."""
    columns = (Published.id, Published.rev, Published.hash, Published.body, Published.pub_seq)
    with look(runtime) as work:
        told = work.session.execute(select(*columns).where(Published.kind == "offer").order_by(Published.id))
        return [tuple(row) for row in told]


def waiting(runtime: Runtime) -> int:
    with look(runtime) as work:
        dirty = select(func.count()).select_from(Published).where(Published.pub_seq.is_(None))
        return work.session.scalar(dirty) or 0


def equal(*runtimes: Runtime) -> None:
    """The index holds what the database says, by digests and by name."""
    for runtime in runtimes:
        with look(runtime) as work:
            told = comparing.compare(work)
        assert told.differences == ()
        assert told.database == told.index


def test_what_a_librarian_says_finds_the_listing_nationally_and_at_home(pair: Pair) -> None:
    uid, other = sent(pair, TRAM, "Máy sấy thăng hoa")
    classify(pair.national, uid)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert filtered(runtime, field=("4",)) == [uid]
        assert filtered(runtime, industry=(AQUACULTURE,)) == [uid]
        assert facets(runtime, "field") == {"4": 1, "4.1": 1}
        assert found(runtime, "sluicewatch station") == [uid]
        assert found(runtime, "shrimp farmers") == [uid]
        assert found(runtime, "thuỷ sản") == [uid]
        assert found(runtime, "thăng hoa") == [other]
    equal(pair.national, pair.local)


def test_nothing_the_home_did_not_say_is_shown_as_its_passage(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    with look(pair.local) as work:
        (one,) = catalogue.search(work, Query(text="sluicewatch shrimp", highlight=True)).findings
    assert one.listing.content.title == TRAM
    assert not [
        passage
        for passage in one.passages.values()
        if "luicewatch" in passage.text or "shrimp" in passage.text
    ]


def test_i9_the_layer_dirties_no_published_row_and_touches_no_listing(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    before, copies = rows(pair.local), _copies(pair)
    classify(pair.national, uid)
    settle(pair.national)
    # A row of ours that waits for its number waits on: what comes down numbers itself and nothing else.
    publish(pair.local, content("offer", "Máy cấy"), start=50)
    assert waiting(pair.local) == 1
    with look(pair.national) as work:
        said = work.session.scalars(select(Published).where(Published.kind == layer.KIND)).one()
        item = as_item(said)
    with begin(pair.local) as work:
        arriving.take(work, item, {}, "e")
    assert waiting(pair.local) == 1
    assert at_home(pair.local, uid) == replace(SAYS, **_of(pair, uid))
    assert [row for row in rows(pair.local) if row[0] == uid] == before
    settled(pair)
    assert waiting(pair.local) == 0
    assert [row for row in rows(pair.local) if row[0] == uid] == before
    assert [row for row in _copies(pair) if row[0] == uid] == copies
    assert compared(pair)["equal"]


def _of(pair: Pair, uid: str) -> dict[str, object]:
    now = case(pair.national, uid).layer
    return {"of_rev": now.of_rev, "of_text": now.of_text, "decided_at": now.decided_at}


def _copies(pair: Pair) -> list[tuple[object, ...]]:
    columns = (Replica.uid, Replica.rev, Replica.hash, Replica.body)
    with look(pair.national) as work:
        return [tuple(row) for row in work.session.execute(select(*columns).order_by(Replica.uid))]


def test_undone_the_decision_before_counts_again_everywhere(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid, Layer(fields=("2.7",)))
    classify(pair.national, uid)
    settled(pair)
    assert filtered(pair.local, field=("2.7",)) == []
    undo(pair.national, uid)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert filtered(runtime, field=("2.7",)) == [uid]
        assert found(runtime, "sluicewatch") == []
    undo(pair.national, uid)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert facets(runtime, "field") == {}
    assert at_home(pair.local, uid) is None
    equal(pair.national, pair.local)
    told = [(one.layer.fields, one.undone_by) for one in case(pair.national, uid).history]
    assert told == [(("4.1",), "thu-thu"), (("2.7",), "thu-thu")]
    with pytest.raises(Conflict):
        undo(pair.national, uid)


def test_a_decision_that_says_nothing_takes_the_layer_away_and_can_be_undone(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    classify(pair.national, uid, Layer())
    settled(pair)
    assert at_home(pair.local, uid) is None
    undo(pair.national, uid)
    settled(pair)
    assert filtered(pair.local, field=("4.1",)) == [uid]
    equal(pair.national, pair.local)


def test_who_decides_on_an_older_state_is_told_and_changes_nothing(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    now = case(pair.national, uid)
    for version in (0, now.version + 1):
        with pytest.raises(Stale), begin(pair.national) as work:
            deciding.decide(work, LIBRARIAN, uid, Layer(fields=("2.7",)), version=version)
        with pytest.raises(Stale), begin(pair.national) as work:
            deciding.undo(work, LIBRARIAN, uid, version=version)
    assert case(pair.national, uid).layer == now.layer
    with begin(pair.national) as work:
        assert not deciding.decide(work, LIBRARIAN, uid, SAYS, version=now.version), "it says so already"


def test_what_no_list_has_is_refused_by_name(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    for said, path, code in (
        (Layer(fields=("9.9",)), "fields.0", "code.unknown"),
        (Layer(industries=("ZZ",)), "industries.0", "code.unknown"),
        (Layer(strategic=("12",)), "strategic.0", "code.unknown"),
        (Layer(ipc=("a01k61/59",)), "ipc.0", "ipc.form"),
        (Layer(texts={"en": Text(title="x" * 301)}), "texts.en.title", "text.too_long"),
        (Layer(texts={"vi": Text(title="Trạm khác")}), "texts.vi.title", "translation.at_home"),
    ):
        with pytest.raises(Invalid) as refused, begin(pair.national) as work:
            deciding.decide(work, LIBRARIAN, uid, said, version=0)
        assert [(one.path, one.code) for one in refused.value.problems] == [(path, code)]
    with look(pair.national) as work:
        assert work.session.scalar(select(func.count()).select_from(Classification)) == 0


def test_only_librarians_classify(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    member = replace(owner(pair.local, uid), user_id="chu")
    for actor in (member, VISITOR):
        with pytest.raises(Exception) as refused, begin(pair.national) as work:
            deciding.decide(work, actor, uid, SAYS, version=0)
        assert refused.value.status in (Forbidden.status, 401)  # type: ignore[attr-defined]
    for role in ("operator", "admin"):
        classify(
            pair.national, uid, Layer(fields=("2.7",)), actor=replace(LIBRARIAN, staff=frozenset({role}))
        )
        undo(pair.national, uid)


def test_a_later_revision_keeps_the_layer_and_says_that_it_is_of_an_earlier_one(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    assert not case(pair.national, uid).outdated
    with begin(pair.local) as work:
        listing = work.session.scalars(select(Listing).where(Listing.uid == uid)).one()
        said = content("offer", TRAM, "Báo qua điện thoại.")
        listings.revise(work, owner(pair.local, uid), uid, said, version=listing.version)
    _approve(pair.local, uid)
    settled(pair)
    assert case(pair.national, uid).outdated
    for runtime in (pair.national, pair.local):
        assert filtered(runtime, field=("4.1",)) == [uid]
        assert found(runtime, "điện thoại") == [uid]
    with look(pair.local) as work:
        public = catalogue.listing(work, uid)
    now = at_home(pair.local, uid)
    assert now is not None
    assert (now.of_rev, public.rev) == (1, 2)
    assert now.of_text != layer.text_mark(public.content)
    equal(pair.national, pair.local)
    classify(pair.national, uid)
    assert not case(pair.national, uid).outdated, "the same codes, looked at once more"


def _approve(runtime: Runtime, uid: str) -> None:
    with begin(runtime) as work:
        listings.submit(work, owner(runtime, uid), uid)
        item = work.session.scalars(select(ReviewItem.id).where(ReviewItem.decided_at.is_(None))).one()
        moderation.approve(work, SYSTEM, item)


def test_a_withdrawn_listing_takes_its_layer_along_and_brings_it_back(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    withdraw(pair.local, uid)
    settled(pair)
    with look(pair.national) as work:
        said = work.session.scalars(select(Published).where(Published.kind == layer.KIND)).one()
        assert (said.op, said.body) == ("delete", "withdrawn")
        with pytest.raises(Gone):
            deciding.case(work, LIBRARIAN, uid)
    assert at_home(pair.local, uid) is None
    equal(pair.national, pair.local)
    with begin(pair.local) as work:
        listing = work.session.scalars(select(Listing).where(Listing.uid == uid)).one()
        listings.unwithdraw(work, owner(pair.local, uid), uid, version=listing.version)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert filtered(runtime, field=("4.1",)) == [uid]
    equal(pair.national, pair.local)


def test_what_is_erased_leaves_no_word_of_its_layer_anywhere(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert "Sluicewatch" in everything_written(runtime)
    with begin(pair.local) as work:
        erasure.erase(work, SYSTEM, uid)
    settle(pair.local)
    assert "Sluicewatch" not in everything_written(pair.local)
    settled(pair)
    for runtime in (pair.national, pair.local):
        assert "Sluicewatch" not in everything_written(runtime)
        assert found(runtime, "sluicewatch") == []
        with look(runtime) as work:
            assert work.session.scalar(select(func.count()).select_from(Overlay)) == 0
            assert work.session.scalar(select(func.count()).select_from(Classification)) == 0
    equal(pair.national, pair.local)


def test_a_layer_that_was_on_its_way_does_not_rise_after_an_erasure(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settle(pair.national)
    with begin(pair.local) as work:
        erasure.erase(work, SYSTEM, uid)
    later(pair)
    pair.uplink.turn()
    assert "Sluicewatch" not in everything_written(pair.local)


def test_no_sealed_word_gets_into_a_layer(pair: Pair) -> None:
    """What is published of it is what the librarian said, and nothing of the listing."""
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settle(pair.national)
    with look(pair.national) as work:
        body = work.session.scalars(select(Published.body).where(Published.kind == layer.KIND)).one()
    assert set(body) == {"about", "codes", "catalogues", "texts", "of_rev", "of_text", "decided_at"}
    assert TRAM not in str(body)
    assert "Lê Thu" not in str(body)
    assert LIBRARIAN.user_id not in str(body)


def test_other_readers_of_the_national_feed_get_it_in_the_shape_that_is_told(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settle(pair.national)
    status, told = shape(pair, "classification/1.1")
    assert status == 200
    with begin(pair.national) as work:
        (item,) = changes.page(work, "can-tho", since="", kinds=[layer.KIND]).items
    assert (item.schema, item.audience) == ("classification/1.1", "public")
    assert unfit(item.body, told) == []
    assert set(told["required"]) == set(item.body)


def test_what_is_about_another_homes_listing_is_not_laid(pair: Pair) -> None:
    sent(pair, TRAM)
    own = publish(pair.national, content("offer", "Máy gặt"), owner="Trung tâm")[0]
    settle(pair.national)
    classify(pair.national, own)
    settled(pair)
    assert filtered(pair.national, field=("4.1",)) == [own]
    with look(pair.local) as work:
        assert work.session.scalars(select(Overlay)).all() == []
        assert not work.session.scalars(select(Published).where(Published.kind == layer.KIND)).all()
    equal(pair.national)


def test_a_new_epoch_of_the_national_feed_drops_what_is_no_longer_said(pair: Pair) -> None:
    uid, kept = sent(pair, TRAM, "Máy sấy thăng hoa")
    classify(pair.national, uid)
    classify(pair.national, kept, Layer(fields=("2.7",)))
    settled(pair)
    with begin(pair.national) as work:  # As a back-up from before the first of them would have it.
        said = work.session.scalars(select(Overlay).where(Overlay.about == uid)).one()
        work.session.delete(work.session.get_one(Published, said.uid))
        work.session.delete(said)
        feed.begin_new_epoch(work)
    settled(pair)
    assert at_home(pair.local, uid) is None
    assert found(pair.local, "sluicewatch") == []
    assert filtered(pair.local, field=("2.7",)) == [kept]
    equal(pair.local)


def test_an_index_filled_anew_or_put_back_holds_the_layers(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    for runtime in (pair.national, pair.local):
        reindex(runtime)
    classify(pair.national, uid)
    settled(pair)
    for runtime in (pair.national, pair.local):
        runtime.engine.back()
        settle(runtime)
        assert filtered(runtime, field=("4.1",)) == [uid]
        reindex(runtime)
        settle(runtime)
        assert filtered(runtime, field=("4.1",)) == [uid]
    equal(pair.national, pair.local)


def test_a_layer_changes_no_match(pair: Pair) -> None:
    wanted = publish(pair.national, content("demand", "Cần trạm đo độ mặn tự động"), owner="Hợp tác xã")[0]
    offer = sent(pair, TRAM)[0]
    before = _matches(pair.national)
    assert [(one[0], one[1]) for one in before] == [(wanted, offer)]
    classify(pair.national, offer)
    settled(pair)
    assert _matches(pair.national) == before


def _matches(runtime: Runtime) -> list[tuple[object, ...]]:
    columns = (Match.demand_uid, Match.offer_uid, Match.demand_rev, Match.offer_rev, Match.total)
    with look(runtime) as work:
        return [tuple(row) for row in work.session.execute(select(*columns))]


def test_the_list_of_what_waits_is_paged_and_filtered(pair: Pair) -> None:
    uids = sent(pair, *(f"Máy số {n}" for n in range(30)))
    own = publish(pair.national, content("demand", "Cần máy gặt"), owner="Trung tâm")[0]
    settle(pair.national)
    classify(pair.national, uids[3])
    with look(pair.national) as work:
        first = working.page(work, LIBRARIAN)
        last = working.page(work, LIBRARIAN, number=99)
        demands = working.page(work, LIBRARIAN, kind="demand")
        here = working.page(work, LIBRARIAN, home="national")
        done = working.page(work, LIBRARIAN, which="done")
        with pytest.raises(Forbidden):
            working.page(work, Actor("ai", confirmed=True))
    assert (first.counts, first.pages, first.homes) == (
        {"waiting": 30, "done": 1},
        2,
        ("can-tho", "national"),
    )
    seen = [line.listing.uid for line in (*first.lines, *last.lines)]
    assert sorted(seen) == sorted({*uids, own} - {uids[3]})
    assert [line.listing.uid for line in demands.lines] == [own]
    assert [line.listing.uid for line in here.lines] == [own]
    (line,) = done.lines
    assert (line.listing.uid, line.outdated) == (uids[3], False)


def test_a_sender_that_has_only_a_layer_to_pass_sends_no_listing_again(pair: Pair) -> None:
    uid = sent(pair, TRAM)[0]
    classify(pair.national, uid)
    settled(pair)
    drain([Sequencer(pair.local), Uplink(pair.local, chance=lambda: 0.0)])
    with look(pair.national) as work:
        assert work.session.get_one(Replica, uid).rev == 1
    assert compared(pair)["equal"]
