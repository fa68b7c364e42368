"""Operators enter dated rates; matches between two currencies rest on them, and can be scored again as they were."""

from __future__ import annotations

import re

import pytest

from marketplace.errors import Forbidden
from marketplace.services import feed, matches, quotes, rates
from marketplace.tasks import rematch_all
from marketplace.work import begin, look
from matching.result import Score, Signal
from tests.deciding.conftest import Enter, Scene
from tests.support.market import settle
from tests.support.visitor import words_of

SAID = {"currency": "USD", "rate": "25400", "day": "2026-11-20", "source": "Ngân hàng A"}
BUDGET = {"minimum": None, "maximum": 1_000_000_000, "currency": "VND", "kind": "indicative"}
ASKED = {"minimum": 50_000_00, "maximum": 50_000_00, "currency": "USD", "kind": "indicative"}


@pytest.fixture
def priced(scene: Scene) -> Scene:
    """The pair with a budget in đồng and a price in dollars, matched without a rate."""
    with begin(scene.runtime) as work:
        for uid, price in zip(scene.pair, (BUDGET, ASKED), strict=True):
            row = feed.row(work, uid)
            assert row is not None
            body = {**row.body, "content": {**row.body["content"], "price": price}}
            feed.publish(work, uid=uid, kind=row.kind, body=body)
    settle(scene.runtime)
    return scene


def explained(scene: Scene) -> Score:
    with look(scene.runtime) as work:
        return matches.explained(work, *scene.pair).score


def price_of(score: Score) -> Signal:
    return next(signal for signal in score.signals if signal.name == "price")


def enter(scene: Scene, **said: str) -> None:
    with begin(scene.runtime) as work:
        quotes.enter(work, scene.operator, SAID | said)


def matched_again(scene: Scene) -> None:
    rematch_all(scene.runtime)
    settle(scene.runtime)


def test_a_rate_reaches_older_matches_when_they_are_matched_again(priced: Scene) -> None:
    before = explained(priced)
    assert price_of(before).state == "unknown"
    enter(priced)
    assert explained(priced) == before
    matched_again(priced)
    after = explained(priced)
    assert price_of(after).state == "partly"
    assert after.statistics_version != before.statistics_version


def test_a_stored_score_is_made_again_with_the_rate_it_was_made_with(priced: Scene) -> None:
    enter(priced)
    matched_again(priced)
    before = explained(priced)
    enter(priced, rate="26000", day="2026-11-21")
    assert explained(priced) == before
    matched_again(priced)
    assert price_of(explained(priced)).points < price_of(before).points


def test_the_latest_day_counts_and_of_one_day_what_was_entered_last(priced: Scene) -> None:
    for rate, day in (("25400", "2026-11-20"), ("25000", "2026-11-01"), ("25410", "2026-11-20")):
        enter(priced, rate=rate, day=day)
    enter(priced, currency="JPY", rate="165")
    with look(priced.runtime) as work:
        assert {one.currency: one.amount for one in rates.in_force(work).values()} == {
            "USD": 25_410,
            "JPY": 165,
        }
        page = rates.page(work, priced.operator)
    assert [(one.quoted.rate.amount, one.in_force) for one in page.items] == [
        (165, True), (25_410, True), (25_400, False), (25_000, False),
    ]  # fmt: skip


def test_only_operators_enter_and_read_rates(scene: Scene) -> None:
    with begin(scene.runtime) as work, pytest.raises(Forbidden):
        quotes.enter(work, scene.seeker, SAID)
    with begin(scene.runtime) as work, pytest.raises(Forbidden):
        quotes.take(work, scene.holder, b"")
    with look(scene.runtime) as work, pytest.raises(Forbidden):
        rates.page(work, scene.broker)


def test_the_page_of_a_match_says_that_a_rate_is_missing_and_later_which_one_was_used(
    priced: Scene, enter: Enter
) -> None:
    demand, offer = priced.pair
    visitor = enter(priced.seeker)
    assert "sàn chưa có tỷ giá USD" in words_of(visitor.get(f"/vi/matches/{demand}/{offer}"))
    assert "no rate for USD is known here" in words_of(visitor.get(f"/en/matches/{demand}/{offer}"))
    with begin(priced.runtime) as work:
        quotes.enter(work, priced.operator, SAID)
    matched_again(priced)
    page = words_of(visitor.get(f"/vi/matches/{demand}/{offer}"))
    assert "1 USD = 25.400 ₫, 20/11/2026" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "1,27 tỷ ₫" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_an_operator_enters_a_rate_on_the_page(scene: Scene, enter: Enter) -> None:
    operator = enter(scene.operator)
    assert "Chưa có tỷ giá nào" in words_of(operator.get("/vi/rates"))
    field = re.search(r'<input id="f-day"[^>]+>', operator.get("/vi/rates").text)
    assert field is not None
    assert re.search(r'value="\d\d/\d\d/\d{4}"', field[0]), (
        "as days are written here, whatever the browser's language"
    )
    assert 'type="date"' not in field[0]
    assert operator.post("/vi/rates", **SAID | {"day": "20/11/2026"}, units="1").status_code == 303
    page = words_of(operator.get("/vi/rates"))
    assert "Đã lưu tỷ giá USD" in page
    assert "Ngân hàng A" in page


def test_what_is_wrong_is_said_and_what_was_typed_stays(scene: Scene, enter: Enter) -> None:
    operator = enter(scene.operator)
    answer = operator.post("/vi/rates", **SAID | {"rate": "-1", "day": "2999-01-01"}, units="1")
    assert answer.status_code == 422
    words = words_of(answer)
    assert "không lớn hơn 0" in words
    assert "Ngày 2999-01-01 chưa đến" in words
    assert 'value="Ngân hàng A"' in answer.text
    with look(scene.runtime) as work:
        assert rates.page(work, scene.operator).total == 0


def test_a_file_keeps_its_good_rows(scene: Scene) -> None:
    content = (
        b"currency,rate,day,source\nUSD,25400,2026-11-20,A\nXXX,1,2026-11-20,A\nEUR,29300,2026-11-20,A\n"
    )
    with begin(scene.runtime) as work:
        taken = quotes.take(work, scene.operator, content)
    assert (taken.entered, list(taken.wrong)) == (2, [3])
