"""The page of a running job renews itself, until somebody has had enough of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from marketplace import jobs
from marketplace.work import begin
from tests.support import steps
from tests.support.browser import person
from tests.support.live import Live
from tests.support.members import enterprise, join

pytestmark = pytest.mark.browser

OWNER = "lan@example.org"


def test_a_running_job_renews_itself_until_it_is_paused(live: Live, browser: Browser) -> None:
    asker = join(live.runtime, OWNER, "owner", enterprise(live.runtime))
    job_id = _running(live, asker)
    with person(browser) as page:
        steps.be_signed_in(page, live, OWNER)
        page.clock.install()
        page.goto(f"{live.address}/vi/jobs/{job_id}")
        for done in (1240, 2480):
            _reports(live, job_id, done)
            page.clock.run_for(3_100)
            expect(page.locator("#job")).to_contain_text(f"{done:,}".replace(",", "."))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_role("button", name="Tạm dừng").click()
        page.clock.run_for(10_000)
        expect(page.get_by_role("button", name="Tiếp tục cập nhật")).to_be_visible()
        assert asked == []


def _running(live: Live, asker: str) -> str:
    with begin(live.runtime) as work:
        job_id = work.ask("show_listings_again", asked_by=asker)
        assert jobs.claim(work.session, work.now, job_id=job_id)
    return job_id


def _reports(live: Live, job_id: str, done: int) -> None:
    with begin(live.runtime) as work:
        jobs.report(work.session, job_id, {"done": done, "total": 5000, "wrong": 0})
