"""Operators see what waits, fails and sticks, and can stop it or let it run again; others see only their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import jobs, tasks
from marketplace.languages import catalogue
from marketplace.models.audit import AuditEntry
from marketplace.models.jobs import Job
from marketplace.runtime import Runtime
from marketplace.work import begin, look
from marketplace.working import Timekeeping
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.members import PASSWORD, enterprise, join
from tests.support.people import organisation
from tests.support.visitor import Visitor, words_of

OPERATOR, MEMBER = "van-hanh@example.org", "lan@example.org"


@pytest.fixture
def operator(embedded: Runtime) -> Visitor:
    with begin(embedded) as work:
        own = organisation(work, "Sàn thử nghiệm", is_exchange=True)
    join(embedded, OPERATOR, "operator", own, name="Phạm Vận")
    return signed_in(embedded, OPERATOR)


def signed_in(runtime: Runtime, email: str) -> Visitor:
    visitor = Visitor(application(runtime))
    visitor.sign_in(email, PASSWORD)
    return visitor


def ask(runtime: Runtime, name: str = "send_letter", asked_by: str | None = None) -> str:
    with begin(runtime) as work:
        return work.ask(name, asked_by=asked_by)


def dead(runtime: Runtime, error: str = "SMTPServerDisconnected: nobody answers") -> str:
    job_id = ask(runtime)
    with begin(runtime) as work:
        work.session.get_one(Job, job_id).max_attempts = 1
    with begin(runtime) as work:
        held = jobs.claim(work.session, work.now, job_id=job_id, holder="máy-1:42:abc")
        assert held
        jobs.fail(work.session, held, work.now, error=error, jitter=0.5)
    return job_id


def state(runtime: Runtime, job_id: str) -> str:
    with look(runtime) as work:
        return work.session.get_one(Job, job_id).state


def audited(runtime: Runtime) -> list[tuple[str, str]]:
    with look(runtime) as work:
        entries = select(AuditEntry.action, AuditEntry.object).where(AuditEntry.action.startswith("job."))
        return [(action, thing) for action, thing in work.session.execute(entries)]


def test_a_dead_job_is_listed_with_its_error_and_run_again(embedded: Runtime, operator: Visitor) -> None:
    job_id = dead(embedded)
    listed = words_of(operator.get("/vi/jobs?show=dead"))
    assert "Gửi thư" in listed
    assert "SMTPServerDisconnected: nobody answers" in listed
    shown = operator.get(f"/vi/jobs/{job_id}")
    assert "quá số lần cho phép" in words_of(shown)
    assert "máy-1:42:abc" in words_of(shown)
    assert operator.post(f"/vi/jobs/{job_id}/resume").headers["Location"].endswith(f"/vi/jobs/{job_id}")
    assert state(embedded, job_id) == "waiting"
    assert audited(embedded) == [("job.resume", job_id)]
    embedded.queue.work_off(lambda job_id: None)
    assert state(embedded, job_id) == "done"
    assert "Việc đã xong" in words_of(operator.get(f"/vi/jobs/{job_id}"))


def test_a_waiting_job_is_stopped_and_resumed(embedded: Runtime, operator: Visitor) -> None:
    job_id = ask(embedded)
    operator.post(f"/vi/jobs/{job_id}/stop")
    assert state(embedded, job_id) == "stopped"
    assert operator.post(f"/vi/jobs/{job_id}/stop").status_code == 409
    operator.post(f"/vi/jobs/{job_id}/resume")
    assert state(embedded, job_id) == "waiting"
    assert [action for action, _ in audited(embedded)] == ["job.stop", "job.resume"]


def test_a_job_that_waits_for_its_next_attempt_can_be_tried_now(
    embedded: Runtime, operator: Visitor, clock: HandMovedClock
) -> None:
    job_id = ask(embedded)
    with begin(embedded) as work:
        held = jobs.claim(work.session, work.now, job_id=job_id)
        assert held
        jobs.fail(work.session, held, work.now, error="no", jitter=0.5)
        assert jobs.due(work.session, work.now) == []
    assert "Thử lại ngay" in operator.get(f"/vi/jobs/{job_id}").text
    operator.post(f"/vi/jobs/{job_id}/resume")
    with begin(embedded) as work:
        assert jobs.due(work.session, work.now) == [job_id]


def test_a_job_that_runs_shows_how_far_it_is_and_when_it_will_be_over(
    embedded: Runtime, operator: Visitor, clock: HandMovedClock
) -> None:
    job_id = ask(embedded, "show_listings_again")
    with begin(embedded) as work:
        held = jobs.claim(work.session, work.now, job_id=job_id)
        assert held
        jobs.report(work.session, job_id, {"done": 1240, "total": 5000, "wrong": 12})
    clock.move(timedelta(seconds=5))
    early = operator.get(f"/vi/jobs/{job_id}")
    assert "1.240 / 5.000 mục. 12 mục lỗi." in words_of(early)
    assert "Còn khoảng" not in early.text, "an estimate so early would be a guess"
    assert f'data-poll="/vi/jobs/{job_id}"' in early.text
    assert 'http-equiv="refresh" content="10"' in early.text
    clock.move(timedelta(seconds=35))
    assert "Còn khoảng 3 phút." in words_of(operator.get(f"/vi/jobs/{job_id}"))
    assert "1,240 of 5,000 items. 12 items were wrong." in words_of(operator.get(f"/en/jobs/{job_id}"))


def test_a_job_whose_process_is_silent_is_shown_as_stuck_with_its_owner(
    embedded: Runtime, operator: Visitor, clock: HandMovedClock
) -> None:
    asker = join(embedded, MEMBER, "owner", enterprise(embedded), name="Nguyễn Lan")
    job_id = ask(embedded, asked_by=asker)
    with begin(embedded) as work:
        assert jobs.claim(work.session, work.now, job_id=job_id, holder="máy-1:42:abc")
    clock.move(timedelta(seconds=61))
    listed = words_of(operator.get("/vi/jobs"))
    assert "Bị kẹt" in listed
    assert "Nguyễn Lan" in listed
    assert "không còn phản hồi" in words_of(operator.get(f"/vi/jobs/{job_id}"))


def test_whoever_asked_sees_his_job_without_what_is_for_operators(embedded: Runtime) -> None:
    home = enterprise(embedded)
    asker = join(embedded, MEMBER, "owner", home)
    join(embedded, "hoa@example.org", "owner", home)
    own, foreign = ask(embedded, asked_by=asker), dead(embedded)
    lan, hoa = signed_in(embedded, MEMBER), signed_in(embedded, "hoa@example.org")
    assert lan.get("/vi/jobs").status_code == 403
    assert lan.get(f"/vi/jobs/{own}").status_code == 200
    assert '/vi/jobs"' not in lan.get(f"/vi/jobs/{own}").text
    assert lan.get(f"/vi/jobs/{foreign}").status_code == 404
    assert lan.post(f"/vi/jobs/{foreign}/resume").status_code == 404
    assert hoa.get(f"/vi/jobs/{own}").status_code == 404
    assert hoa.post(f"/vi/jobs/{own}/stop").status_code == 404
    assert state(embedded, own) == "waiting"
    assert lan.post(f"/vi/jobs/{own}/stop").status_code == 303
    assert state(embedded, own) == "stopped"


def test_a_job_of_another_version_is_shown_by_its_own_name(embedded: Runtime, operator: Visitor) -> None:
    ask(embedded, "invented_next_year")
    assert "invented_next_year" in words_of(operator.get("/vi/jobs"))


def test_the_page_says_whether_anybody_keeps_the_timetable(embedded: Runtime, operator: Visitor) -> None:
    assert "Không có tiến trình nào giữ lịch" in operator.get("/vi/jobs").text
    Timekeeping(embedded).look()
    assert "Tiến trình đang giữ lịch" in operator.get("/vi/jobs").text


def test_every_task_has_a_name_people_can_read() -> None:
    unnamed = [name for name in tasks.TASKS if not catalogue("vi").has(f"jobs.name_{name}")]
    assert unnamed == []
