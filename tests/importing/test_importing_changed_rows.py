"""A row of a known listing changes what it speaks of, and nothing that its owner had added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.services import listings, steps
from marketplace.services.policy import SYSTEM, Actor
from marketplace.work import Work, begin, look
from tests.importing.conftest import Importing, row
from tests.support.people import person
from vocabulary.listing import Contact, Content, Localisation, Price, Right, Text, from_record


def test_a_row_that_says_something_else_becomes_a_revision(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1), row(2)]))
    tally = importing.run(importing.file("offers.jsonl", [row(1), row(2, text="Nay đã khác.")]))
    assert tally.counts == {"unchanged": 1, "revised": 1}
    assert importing.counts()["revisions"] == 3


@contextmanager
def owners_change(importing: Importing, **changes: Any) -> Iterator[tuple[Work, Actor, Listing]]:
    """Somebody of the organisation changes the one listing there is."""
    with begin(importing.runtime) as work:
        listing = work.session.scalars(select(Listing)).one()
        editor = person(work, "Người Sửa", {listing.organisation_id: ("editor",)})
        content = steps.content(steps.working(work, listing)).revised(**changes)
        listings.revise(work, editor, listing.uid, content, version=listing.version)
        yield work, editor, listing


def publicly(importing: Importing) -> Content:
    with look(importing.runtime) as work:
        return from_record(work.session.scalars(select(Published)).one().body["content"])


def working(importing: Importing) -> Content:
    with look(importing.runtime) as work:
        return steps.content(steps.working(work, work.session.scalars(select(Listing)).one()))


ADDED: dict[str, Any] = {
    "anonymous": True, "trl_min": 7, "trl_max": 7, "province": "92", "contact": Contact("Lan", "lan@example.vn"),
    "rights": (Right("patent"),), "price": Price(5, 9, "USD", "firm"), "localisation": Localisation(40, None, 3),
}  # fmt: skip


def test_what_a_changed_row_has_no_name_for_stays_as_its_owner_left_it(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    texts = {"vi": Text("Máy số 1", "Gọn", "Mô tả số 1.", problem="Ẩm"), "en": Text("Machine", problem="Wet")}
    with owners_change(importing, texts=texts, **ADDED) as (work, _, listing):
        steps.take(work, SYSTEM, listing, "publish")
    path = importing.file("offers.jsonl", [row(1, text="Nay đã khác.")])
    assert importing.run(path).counts == {"revised": 1}
    texts["vi"] = replace(texts["vi"], description="Nay đã khác.")
    assert working(importing) == Content("offer", texts=texts, **ADDED)
    assert publicly(importing).anonymous
    before = importing.counts()
    assert importing.run(path).counts == {"unchanged": 1}
    assert importing.counts() == before


def test_an_empty_cell_clears_and_so_does_null(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    with owners_change(importing, **ADDED) as (work, _, listing):
        steps.take(work, SYSTEM, listing, "publish")
    path = importing.folder / "offers.csv"
    path.write_text("id,title,text,anonymous,trl,rights,contact_email,price_max\nr1,Máy,Mô tả.,không,,,\n")
    assert importing.run(path, kind="offer").counts == {"revised": 1}
    now = working(importing)
    assert (now.anonymous, now.trl_min, now.rights, now.contact) == (False, None, (), Contact("Lan"))
    assert (now.province, now.price) == ("92", Price(5, None, "USD", "firm"))
    importing.run(importing.file("offers.jsonl", [row(1, province=None)]))
    assert working(importing).province == ""


def test_what_its_owner_had_begun_is_not_made_public_and_is_told(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1, anonymous="1")]))
    with owners_change(importing, anonymous=False, province="92"):
        pass
    path = importing.file("offers.jsonl", [row(1, text="Nay đã khác.")])
    assert importing.run(path).counts == {"revised": 1}
    assert publicly(importing).anonymous
    assert working(importing).province == ""
    assert importing.told() == [(1, "id", "r1", "draft.laid_by")]
    assert importing.run(path).counts == {"unchanged": 1}
    assert importing.told() == []


def test_a_draft_goes_on_with_what_its_owner_wrote(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    with owners_change(importing, province="92"):
        pass
    path = importing.file("offers.jsonl", [row(1, text="Nay đã khác.")])
    assert importing.run(path, publish=False).counts == {"revised": 1}
    assert (working(importing).province, working(importing).text.description) == ("92", "Nay đã khác.")
    assert importing.told() == [(1, "id", "r1", "draft.laid_by")]


def test_a_part_of_a_listing_is_enough_for_one_that_is_here(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    path = importing.folder / "levels.jsonl"
    path.write_text('{"id": "r1", "kind": "offer", "trl": 7}\n{"id": "r2", "kind": "offer", "trl": 7}\n')
    assert importing.run(path).counts == {"revised": 1, "refused": 1}
    assert (working(importing).trl_max, working(importing).title) == (7, "Máy số 1")


def test_a_title_that_is_kept_is_not_said_to_be_made(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    importing.run(importing.file("texts.jsonl", [{"id": "r1", "kind": "offer", "text": "Nay đã khác."}]))
    assert (working(importing).title, importing.told()) == ("Máy số 1", [])


def test_of_a_record_too_only_what_it_names_is_changed(importing: Importing) -> None:
    importing.run(importing.file("offers.jsonl", [row(1)]))
    with owners_change(importing, **ADDED) as (work, _, listing):
        steps.take(work, SYSTEM, listing, "publish")
    said = {"language": "vi", "texts": {"vi": {"description": "Nay đã khác."}}, "province": None}
    importing.run(importing.file("offers.jsonl", [{"id": "r1", "kind": "offer", "content": said}]))
    texts = {"vi": Text("Máy số 1", description="Nay đã khác.")}
    assert working(importing) == Content("offer", texts=texts, **{**ADDED, "province": ""})


def test_drafts_become_public_by_a_later_run_unless_somebody_works_on_them(importing: Importing) -> None:
    path = importing.file("offers.jsonl", [row(1), row(2)])
    importing.run(path, publish=False)
    with begin(importing.runtime) as work:
        touched = work.session.scalars(select(Listing).where(Listing.source_id == "r2")).one()
        touched.version += 1
    assert importing.run(path).counts == {"revised": 1, "unchanged": 1}
    assert importing.counts()["published"] == 1
    assert importing.run(path).counts == {"unchanged": 2}
