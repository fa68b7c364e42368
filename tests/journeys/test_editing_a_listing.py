"""Opening the form of a listing and sending it as it is changes nothing, whatever the listing says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from marketplace.demo.loading import DATA
from marketplace.models.listings import Listing, Revision
from marketplace.work import look
from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.members import enterprise, join, send_for_review
from vocabulary.listing import Content, Localisation, Requirement, Right, Text, from_record

pytestmark = pytest.mark.browser

OWNER = "lan@example.org"


def full(kind: str) -> Content:
    """The wordiest listing of the demonstration, and beside it what the form of its kind does not ask about."""
    rows = [json.loads(line) for line in (DATA / f"{kind}s.jsonl").read_text(encoding="utf-8").splitlines()]
    said = from_record(max(rows, key=lambda row: len(json.dumps(row, ensure_ascii=False))))
    return replace(
        said,
        texts={
            **said.texts,
            "fr": Text(title="Mesure de la salinité", problem="L’eau salée arrive la nuit."),
        },
        requirements=said.requirements or (Requirement("Công suất", ">=", "2.5", "kW"),),
        rights=said.rights or (Right("patent", "filed", "1-2026-01234", "VN"),),
        industries=("03", "26"),
        strategic=said.strategic[:1],
        localisation=Localisation(60, 40, 3),
    )


@pytest.mark.parametrize("kind", ["offer", "demand", "initiative"])
def test_a_form_sent_as_it_was_opened_changes_nothing(live: Live, browser: Browser, kind: str) -> None:
    home = enterprise(live.runtime)
    join(live.runtime, OWNER, "owner", home)
    before = full(kind)
    uid = send_for_review(live.runtime, home, before)
    with person(browser) as page:
        steps.be_signed_in(page, live, OWNER)
        page.goto(f"{live.address}/vi/desk/listings/{uid}")
        page.get_by_role("button", name="Lấy lại để sửa").click()
        page.get_by_role("link", name="Sửa hồ sơ").click()
        page.get_by_role("button", name="Lưu bản nháp").click()
        page.wait_for_url("**/check")
    with look(live.runtime) as work:
        newest = select(Revision.content).join(Listing, Listing.working_id == Revision.id)
        after = from_record(work.session.scalars(newest.where(Listing.uid == uid)).one())
    assert after == before
