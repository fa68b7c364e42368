"""The chart of the last 24 hours: what was seen, when nobody looked, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from marketplace import tasks
from marketplace.models.exchanges import LagSample
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import lag
from marketplace.services.sync.lag import EVERY, SLOT, Day, Slot
from marketplace.web.lag_chart import HEIGHT, Picture, pictures
from marketplace.work import look
from tests.support.visitor import words_of
from tests.sync.conftest import Pair
from tests.sync.test_faults import later
from tests.sync.test_pages import staff


def hours(pair: Pair, number: float) -> None:
    """So much time passes; every five minutes both sides are looked at, once a minute the sender tries."""
    for _ in range(int(number * 12)):
        later(pair, int(EVERY.total_seconds()))
        for side in (pair.local, pair.national):
            tasks.TASKS["watch_exchanges"](side)


def day(runtime: Runtime, peer: str) -> Day:
    with look(runtime) as work:
        return lag.day(work, SYSTEM, peer)


def broken_for_an_hour(pair: Pair) -> None:
    """An hour in step, one cut off with two changes that wait, and half an hour in step again."""
    pair.push()
    hours(pair, 1)
    pair.wires.cut.add(pair.national.settings.base_url)
    pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    hours(pair, 1)
    pair.wires.cut.clear()
    hours(pair, 0.5)


def a_day(*lags: int | None) -> Day:
    first = datetime(2026, 11, 24, tzinfo=UTC)
    return Day(tuple(Slot(first + place * SLOT, one, one and 1) for place, one in enumerate(lags)))


def test_the_longest_wait_is_told_with_its_half_hour_and_what_waited(pair: Pair) -> None:
    broken_for_an_hour(pair)
    seen = day(pair.local, "national")
    assert len(seen.slots) == 48
    assert seen.worst is not None
    assert (seen.worst.lag, seen.most_waiting, seen.late) == (3600, 2, 3)
    assert seen.unseen == 48 - len(seen.seen) >= 42
    assert seen.slots[-1].lag == 0
    with look(pair.local) as work:
        samples = work.session.execute(select(LagSample.lag).order_by(LagSample.at)).scalars().all()
    assert max(samples) == seen.worst.lag
    assert sum(one > 600 for one in samples) == 10


def test_the_page_says_it_in_a_sentence_a_picture_and_a_table(pair: Pair) -> None:
    broken_for_an_hour(pair)
    operator = staff(pair.local, "van.hanh@example.org", "operator")
    page = operator.get("/vi/sync")
    words = words_of(page)
    assert "Thay đổi chờ lâu nhất: 60 phút" in words
    assert "Nhiều nhất 2 bản ghi cùng chờ. Quá 10 phút trong 3 khoảng nửa giờ." in words
    assert "The longest wait of a change: 60 minutes" in words_of(operator.get("/en/sync"))
    assert page.text.count('role="img"') == 2
    seen = day(pair.local, "national")
    wide = re.search(r'<svg class="wide".*?</svg>', page.text, re.DOTALL)
    assert wide is not None
    assert len(re.findall(r'<rect class="late"', wide[0])) == seen.late
    assert len(re.findall(r'<rect class="unseen"', wide[0])) == seen.unseen
    assert page.text.count(">không có số liệu<") == seen.unseen


def test_a_day_without_delay_and_one_without_figures_say_so(pair: Pair) -> None:
    operator = staff(pair.local, "van.hanh@example.org", "operator")
    assert "Chưa có số liệu nào trong 24 giờ qua" in words_of(operator.get("/vi/sync"))
    pair.push()
    hours(pair, 0.1)
    assert "Không lần nhìn nào thấy thay đổi phải chờ" in words_of(operator.get("/vi/sync"))


def test_the_national_operator_sees_it_of_each_exchange(pair: Pair) -> None:
    pair.push()
    hours(pair, 0.5)
    operator = staff(pair.national, "van.hanh@example.org", "operator")
    page = operator.get("/vi/exchanges/can-tho")
    assert "Độ chậm trong 24 giờ qua" in words_of(page)
    assert day(pair.national, "can-tho").worst is not None


def test_what_no_chart_shows_any_more_is_forgotten(pair: Pair) -> None:
    pair.push()
    hours(pair, 0.5)
    pair.clock.move(timedelta(hours=26))
    tasks.TASKS["watch_exchanges"](pair.local)
    with look(pair.local) as work:
        assert work.session.scalar(select(func.count()).select_from(LagSample)) == 1
    tasks.TASKS["watch_exchanges"](pair.local)
    assert day(pair.local, "national").unseen == 47


def test_an_exchange_that_stands_alone_has_nothing_to_note(national: Runtime) -> None:
    tasks.TASKS["watch_exchanges"](national)
    with look(national) as work:
        assert work.session.scalar(select(func.count()).select_from(LagSample)) == 0


def test_bars_are_as_high_as_what_they_say_and_never_leave_the_picture() -> None:
    for seen in (a_day(0, 300, 600, 601), a_day(*([None] * 10), 90_000, 5), a_day(0, 0)):
        for picture in pictures(seen, "vi"):
            assert len(picture.bars) == len(seen.slots)
            for slot, bar in zip(seen.slots, picture.bars, strict=True):
                assert bar.look == ("unseen" if slot.lag is None else "late" if slot.lag > 600 else "on")
                assert 0 <= bar.y <= bar.y + bar.height <= picture.floor + 0.1 < HEIGHT
                assert picture.left <= bar.x <= bar.x + bar.width <= picture.width
            assert 0 < picture.limit < picture.floor
            assert 2 <= len(picture.levels) <= 6
    wide: Picture = pictures(a_day(0, 300, 600), "vi")[0]
    nothing, half, limit = (bar.y for bar in wide.bars)
    assert (nothing > half > limit, limit) == (True, wide.limit)
