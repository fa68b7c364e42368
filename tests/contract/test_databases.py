"""What both databases do alike. Whatever services rely on and SQL leaves open is held here."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from marketplace.db import Written, insert_rows, rows_of
from marketplace.db_order import by_name
from marketplace.models.jobs import Job
from marketplace.models.notices import Notice
from marketplace.runtime import Runtime
from marketplace.work import begin, look
from tests.support.clock import MORNING
from vocabulary.regions import PROVINCES
from vocabulary.sorting import sort_key

HANOI = timezone(timedelta(hours=7))


def job(**values: Any) -> Job:
    return Job(**{"name": "work", "created_at": MORNING, "run_at": MORNING, **values})


def keep(runtime: Runtime, row: Job) -> str:
    with begin(runtime) as work:
        work.session.add(row)
        work.session.flush()
        return row.id


def kept(runtime: Runtime, job_id: str) -> Job:
    with runtime.sessions() as session:
        return session.get_one(Job, job_id)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"tiêu đề": "Máy sấy lúa 5 tấn/mẻ", "số": [1, 2.5, None, True], "trong": {"sâu": "đáy"}},
        "just words",
        [{"a": 1}, "\u0000 is allowed inside", "🌾"],
        0,
    ],
    ids=["empty", "nested", "text", "list", "zero"],
)
def test_plain_data_comes_back_as_it_went_in(runtime: Runtime, value: Any) -> None:
    assert kept(runtime, keep(runtime, job(arguments=value))).arguments == value


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(runtime: Runtime) -> None:
    moment = datetime(2026, 11, 24, 10, 30, 15, 123456, tzinfo=HANOI)
    row = kept(runtime, keep(runtime, job(run_at=moment)))
    assert row.run_at == moment
    assert row.run_at.utcoffset() == timedelta()
    assert row.finished_at is None


def test_a_moment_without_its_zone_is_refused(runtime: Runtime) -> None:
    with pytest.raises(StatementError, match="time zone"):
        keep(runtime, job(run_at=datetime(2026, 11, 24)))  # noqa: DTZ001 - it is what is refused


def test_moments_are_compared_whatever_zone_they_are_asked_in(runtime: Runtime) -> None:
    keep(runtime, job(run_at=MORNING))
    for asked, expected in ((MORNING, 1), (MORNING - timedelta(microseconds=1), 0)):
        with look(runtime) as work:
            early = select(func.count()).select_from(Job).where(Job.run_at <= asked.astimezone(HANOI))
            assert work.session.scalar(early) == expected


JOB_ROW: dict[str, Any] = {
    "id": "1", "name": "work", "arguments": {}, "state": "waiting", "asked_by": None, "created_at": MORNING,
    "run_at": MORNING, "lease_until": None, "attempts": 0, "max_attempts": 5, "progress": {}, "error": "",
    "finished_at": None, "started_at": None, "holder": "",
}  # fmt: skip


def test_many_rows_at_once_are_stored_like_each_by_itself(runtime: Runtime) -> None:
    rows = [
        JOB_ROW | {"id": "1", "arguments": {"đáy": [1, None]}, "run_at": MORNING + timedelta(microseconds=1)},
        JOB_ROW | {"id": "2", "asked_by": "100 %s", "finished_at": MORNING.astimezone(HANOI), "attempts": 3},
    ]
    with begin(runtime) as work:
        table = rows_of(Job)
        insert_rows(work.session.connection(), table, rows)
        insert_rows(
            work.session.connection(), table, [rows[0] | {"id": "3", "arguments": Written('{"a":1}')}]
        )
        insert_rows(work.session.connection(), table, [])
    for row in (*rows, rows[0] | {"id": "3", "arguments": {"a": 1}}):
        found = kept(runtime, str(row["id"]))
        assert {name: getattr(found, name) for name in row} == row


def test_of_many_rows_none_is_kept_when_one_is_refused(runtime: Runtime) -> None:
    with pytest.raises(IntegrityError), begin(runtime) as work:
        insert_rows(work.session.connection(), rows_of(Job), [JOB_ROW, JOB_ROW])
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(Job)) == 0


def test_letters_with_marks_are_stored_as_they_are(runtime: Runtime) -> None:
    name = "Đồng bằng sông Cửu Long — ưu đãi thuế, 100 % 🌾"
    assert kept(runtime, keep(runtime, job(name=name))).name == name


def test_a_row_that_points_nowhere_is_refused(runtime: Runtime) -> None:
    with pytest.raises(IntegrityError), begin(runtime) as work:
        work.session.add(Notice(user_id="nobody", key="k", what="hello", created_at=MORNING))


def test_what_fails_inside_a_savepoint_leaves_the_rest_of_the_transaction(runtime: Runtime) -> None:
    first = keep(runtime, job())
    with begin(runtime) as work:
        work.session.add(job(name="before"))
        with pytest.raises(IntegrityError), work.session.begin_nested():
            work.session.add(job(id=first))
        work.session.add(job(name="after"))
    with look(runtime) as work:
        assert sorted(work.session.scalars(select(Job.name))) == ["after", "before", "work"]


def test_nothing_is_kept_of_a_transaction_that_fails(runtime: Runtime) -> None:
    def ask_and_fail() -> None:
        with begin(runtime) as work:
            work.session.add(job())
            work.ask("letter")
            work.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    with look(runtime) as work:
        assert work.session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_reader_does_not_see_what_is_not_committed(runtime: Runtime) -> None:
    with begin(runtime) as writing:
        writing.session.add(job())
        writing.session.flush()
        with look(runtime) as reading:
            assert reading.session.scalar(select(func.count()).select_from(Job)) == 0
    with look(runtime) as reading:
        assert reading.session.scalar(select(func.count()).select_from(Job)) == 1


def test_writers_wait_for_each_other_and_no_change_is_lost(runtime: Runtime) -> None:
    counted = keep(runtime, job())
    failures: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(10):
                with begin(runtime) as work:
                    work.session.execute(
                        update(Job).where(Job.id == counted).values(attempts=Job.attempts + 1)
                    )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert kept(runtime, counted).attempts == 40


WORDS = st.text(alphabet="aàảãáạăằâấbcdđeêèghiklmnoôơóprstuưxyAĐƯ", min_size=1, max_size=8)


def named(runtime: Runtime, names: list[str]) -> list[str]:
    """These names as a list of names shows them."""
    with begin(runtime) as work:
        work.session.execute(delete(Job))
        work.session.add_all([job(name=name) for name in names])
    with look(runtime) as work:
        return list(work.session.scalars(select(Job.name).order_by(by_name(Job.name), Job.id)))


def test_names_stand_where_a_vietnamese_reader_looks_for_them(runtime: Runtime) -> None:
    provinces = [one.vi for one in PROVINCES]
    assert named(runtime, sorted(provinces)) == sorted(provinces, key=sort_key)
    assert provinces != sorted(provinces)


@given(names=st.lists(WORDS, min_size=2, max_size=40, unique_by=sort_key))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_stand_in_the_same_order_on_every_database(runtime: Runtime, names: list[str]) -> None:
    assert named(runtime, names) == sorted(names, key=sort_key)
