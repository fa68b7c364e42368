"""What the server keeps of a form nobody has sent yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.errors import Invalid, Stale
from marketplace.models.listings import Autosave
from marketplace.runtime import Runtime
from marketplace.services import drafts
from marketplace.work import Work, begin
from tests.support.clock import HandMovedClock

TYPED = (("title", "Máy sấy lạnh"), ("requirements.0.name", "Ẩm độ"), ("fields", "2.11"), ("fields", "4.1"))
VISITOR, PERSON = "visitor:aa", "user:bb"


def test_a_draft_comes_back_as_it_was_typed(work: Work) -> None:
    drafts.save(work, VISITOR, "new:offer", TYPED)
    found = drafts.find(work, VISITOR, "new:offer")
    assert found is not None
    assert (found.fields, found.saved_at) == (TYPED, work.now)
    assert drafts.find(work, "visitor:other", "new:offer") is None


def test_a_draft_survives_signing_in(work: Work) -> None:
    drafts.save(work, VISITOR, "new:offer", TYPED)
    assert drafts.adopt(work, VISITOR, PERSON) == 1
    found = drafts.find(work, PERSON, "new:offer")
    assert found is not None
    assert found.fields == TYPED
    assert drafts.held(work, VISITOR) == []


def test_signing_in_loses_neither_of_two_drafts_of_the_same_form(work: Work) -> None:
    drafts.save(work, PERSON, "new:offer", [("title", "cũ")])
    drafts.save(work, VISITOR, "new:offer", [("title", "mới")])
    drafts.adopt(work, VISITOR, PERSON)
    held = drafts.held(work, PERSON)
    assert {draft.fields for draft in held} == {(("title", "cũ"),), (("title", "mới"),)}
    newest = drafts.find(work, PERSON, "new:offer")
    assert newest is not None
    assert newest.fields == (("title", "mới"),)
    assert all(draft.form.split(":")[:2] == ["new", "offer"] for draft in held)


def test_an_older_window_does_not_overwrite_a_newer_one(work: Work) -> None:
    drafts.save(work, PERSON, "listing:x", [("title", "từ bản 3")], base_version=3)
    with pytest.raises(Stale) as refusal:
        drafts.save(work, PERSON, "listing:x", [("title", "từ bản 2")], base_version=2)
    assert refusal.value.current_version == 3
    drafts.save(work, PERSON, "listing:x", [("title", "bản 3 nữa")], base_version=3)


def test_a_form_too_large_to_be_true_is_refused(work: Work) -> None:
    with pytest.raises(Invalid):
        drafts.save(work, VISITOR, "new:offer", [("title", "x" * drafts.LARGEST)])
    assert drafts.held(work, VISITOR) == []


def test_only_so_many_drafts_are_kept(runtime: Runtime, clock: HandMovedClock) -> None:
    for n in range(drafts.MOST + 3):
        with begin(runtime) as work:
            drafts.save(work, PERSON, f"listing:{n}", [("n", str(n))])
        clock.move(timedelta(seconds=1))
    with begin(runtime) as work:
        held = [draft.form for draft in drafts.held(work, PERSON)]
    assert len(held) == drafts.MOST
    assert held[0] == f"listing:{drafts.MOST + 2}"
    assert "listing:2" not in held


def test_what_a_browser_left_behind_goes_after_a_month(runtime: Runtime, clock: HandMovedClock) -> None:
    with begin(runtime) as work:
        drafts.save(work, VISITOR, "new:offer", TYPED)
        drafts.save(work, PERSON, "new:offer", TYPED)
    clock.move(timedelta(days=30, seconds=1))
    with begin(runtime) as work:
        assert drafts.forget_old(work) == 1
        assert list(work.session.scalars(select(Autosave.holder))) == [PERSON]
