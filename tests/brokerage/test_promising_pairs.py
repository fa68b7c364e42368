"""A broker finds the good matches nobody has spoken of yet, takes one up with one press, and sees no other twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from sqlalchemy import delete, select, update

from marketplace.errors import Conflict, Forbidden
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.services import (
    brokerage,
    brokers,
    decisions,
    introductions,
    moderation,
    promising,
)
from marketplace.services.reasons import Reason
from marketplace.work import Work, begin, look
from matching.model import BAR
from tests.brokerage.conftest import SAID, Desk, Enter, enter_again
from tests.support.market import content, publish
from tests.support.people import organisation, person
from tests.support.stored_matches import store
from tests.support.visitor import Visitor, words_of

PAIRS = "/vi/board/pairs"
TAKE_UP, NOTHING_SUCH = "Đưa vào bàn môi giới", "Không có cặp nào như vậy"
GOOD = 80_000


def stored(work: Work, pairs: dict[tuple[str, str], int]) -> None:
    """Pairs and their totals; there are no others, and each offer is the first for its demand."""
    work.session.execute(delete(Match))
    store(work, [(*pair, total) for pair, total in pairs.items()], place=[1] * len(pairs))


@pytest.fixture
def matched(desk: Desk) -> Desk:
    """The demand and the offer of the desk are a good match, and the only one."""
    with begin(desk.runtime) as work:
        stored(work, {(desk.demand, desk.offer): GOOD})
    return desk


def found(work: Work, desk: Desk, **asked: object) -> list[tuple[str, str]]:
    """What the first broker is shown; of all pairs unless something else is asked."""
    page = promising.page(work, desk.broker, **({"show": "all"} | asked))  # type: ignore[arg-type]
    return [(one.demand.uid, one.offer.uid) for one in page.pairs]


def test_a_pair_is_taken_up_from_the_list_and_gone_from_it(matched: Desk, enter: Enter) -> None:
    broker = enter(matched.broker)
    assert f'href="{PAIRS}"' in broker.get("/vi/board").text
    here = f"{PAIRS}?show=mine&words=do+m%E1%BA%B7n"
    page = broker.get(here)
    assert "Cần đo độ mặn tự động" in words_of(page)
    assert "Điểm phù hợp: 80/100" in words_of(page)
    form = re.search(
        r'action="(/vi/introductions/shortlist/[^"]+)".*?name="next" value="([^"]*)"', page.text, re.S
    )
    assert form is not None
    answer = broker.post(unescape(form[1]), next=unescape(form[2]))
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    after = words_of(broker.get(here))
    assert "Đã nhận cặp này vào bàn của bạn." in after
    assert TAKE_UP not in after
    assert "Cần đo độ mặn tự động" in words_of(broker.get("/vi/board"))
    assert TAKE_UP not in words_of(enter(matched.second).get(PAIRS)), "nor does another broker see it"


def test_who_stays_anonymous_is_not_named(matched: Desk, enter: Enter) -> None:
    page = enter(matched.broker).get(PAIRS).text
    assert "Hợp tác xã Tôm" in page
    assert "Viện Cảm biến" not in page


def says(verdict: str) -> Callable[[Work, Desk], object]:
    def decided(work: Work, desk: Desk) -> None:
        pair, reason = (desk.demand, desk.offer), Reason(("other_matter",))
        decisions.decide(work, desk.institute, pair, verdict, reason)

    return decided


def asked_and_closed(work: Work, desk: Desk) -> None:
    deal = introductions.ask(work, desk.enterprise, desk.demand, desk.offer, side="demand", said=SAID)
    brokerage.advance(work, desk.enterprise, deal, "close", reason="timing")


def both_of_one(work: Work, desk: Desk) -> None:
    one = select(Listing.organisation_id).where(Listing.uid == desk.demand).scalar_subquery()
    offer_has(organisation_id=one)(work, desk)


def prohibited(work: Work, desk: Desk) -> None:
    moderation.mark(work, desk.moderator, desk.offer, "prohibited", "Luật, điều 1")


def match_has(**values: object) -> Callable[[Work, Desk], object]:
    return lambda work, _: work.session.execute(update(Match).values(**values))


def offer_has(**values: object) -> Callable[[Work, Desk], object]:
    return lambda work, desk: work.session.execute(
        update(Listing).where(Listing.uid == desk.offer).values(**values)
    )


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(says("rejected"), id="a side says it does not fit"),
        pytest.param(asked_and_closed, id="there was a case"),
        pytest.param(match_has(total=BAR - 1), id="below the bar"),
        pytest.param(match_has(place=4), id="the demand has better ones"),
        pytest.param(match_has(copy_of="another"), id="nearly the same as another"),
        pytest.param(offer_has(status="paused"), id="paused"),
        pytest.param(offer_has(uid="elsewhere:offer:1"), id="at home on another exchange"),
        pytest.param(both_of_one, id="both of one organisation"),
        pytest.param(prohibited, id="prohibited"),
        pytest.param(
            lambda work, desk: brokers.declare(work, desk.broker, desk.broker_id, "Viện Cảm biến"),
            id="an interest of his own",
        ),
    ],
)
def test_what_hides_a_pair(matched: Desk, happens: Callable[[Work, Desk], object]) -> None:
    with begin(matched.runtime) as work:
        assert found(work, matched) == [(matched.demand, matched.offer)]
        happens(work, matched)
        work.session.flush()
        assert found(work, matched) == []


def test_what_one_side_calls_fitting_is_marked_and_can_be_asked_for(matched: Desk, enter: Enter) -> None:
    broker = enter(matched.broker)
    assert NOTHING_SUCH in words_of(broker.get(f"{PAIRS}?show=fits"))
    with begin(matched.runtime) as work:
        says("accepted")(work, matched)
    card = broker.get(f"{PAIRS}?show=fits").text.partition("<article")[2]
    assert "Có bên thấy phù hợp" in card
    with begin(matched.runtime) as work:
        decisions.undo(work, matched.institute, (matched.demand, matched.offer))
    assert NOTHING_SUCH in words_of(broker.get(f"{PAIRS}?show=fits"))


def test_an_offer_that_takes_no_enquiries_is_left_out(matched: Desk) -> None:
    runtime = matched.runtime
    (shut,) = publish(runtime, content("offer", "Kín", open_for_interest=False), owner="Nơi khác")
    with begin(runtime) as work:
        stored(work, {(matched.demand, shut): GOOD})
        assert found(work, matched) == []


def test_own_fields_and_words_without_marks_narrow_the_list(matched: Desk) -> None:
    runtime = matched.runtime
    (demand,) = publish(runtime, content("demand", "Cần máy ấp trứng", fields=("2.2",)), owner="Trại gà")
    (offer,) = publish(runtime, content("offer", "Máy ấp", fields=("2.2",)), owner="Xưởng máy")
    with begin(runtime) as work:
        stored(work, {(matched.demand, matched.offer): GOOD, (demand, offer): GOOD + 1})
        ours, others = (matched.demand, matched.offer), (demand, offer)
        assert found(work, matched) == [others, ours]
        assert found(work, matched, show="mine") == [ours]
        assert found(work, matched, words="AP trung") == [others]
        assert found(work, matched, words="ấp mặn") == []


def test_pages_go_on_to_the_end_each_pair_once(
    matched: Desk, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where most of what is read is not what was asked for, and many totals are equal."""
    monkeypatch.setattr(promising, "PAGE", 3)
    monkeypatch.setattr(promising, "AT_ONCE", 4)
    monkeypatch.setattr(promising, "MOST_READ", 2)
    titles = [f"{'Xe' if n % 5 == 0 else 'Máy'} {n}" for n in range(23)]
    offers = publish(matched.runtime, *(content("offer", title) for title in titles), owner="Xưởng máy")
    totals = {(matched.demand, uid): GOOD + n // 4 for n, uid in enumerate(offers)}
    with begin(matched.runtime) as work:
        stored(work, totals)
    best_first = sorted(totals, key=lambda pair: (totals[pair], pair), reverse=True)
    assert walked(enter(matched.broker), f"{PAIRS}?show=all") == [offer for _, offer in best_first]
    red = [offer for _, offer in best_first if titles[offers.index(offer)].startswith("Xe")]
    assert walked(enter(matched.broker), f"{PAIRS}?show=all&words=xe") == red


def test_where_much_was_looked_at_in_vain_it_is_said_and_goes_on(
    matched: Desk, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promising, "AT_ONCE", 2)
    monkeypatch.setattr(promising, "MOST_READ", 2)
    offers = publish(matched.runtime, *(content("offer", f"Máy {n}") for n in range(5)), owner="Xưởng máy")
    with begin(matched.runtime) as work:
        stored(work, {(matched.demand, uid): GOOD - n for n, uid in enumerate(offers)})
    browser, path = enter(matched.broker), f"{PAIRS}?show=all&words=máy 4"
    page = words_of(browser.get(path))
    assert "Trong các cặp vừa xem không có cặp nào như vậy" in page
    assert NOTHING_SUCH not in page
    assert walked(browser, path) == offers[4:]


def walked(browser: Visitor, path: str) -> list[str]:
    """The offers of this page and of all that its link leads on to."""
    page = browser.get(path).text
    shown = [
        unescape(uid) for uid in re.findall(r'action="/vi/introductions/shortlist/[^/"]+/([^"]+)"', page)
    ]
    assert len(shown) <= promising.PAGE
    following = re.search(r'href="([^"]+)" rel="next"', page)
    return shown + (walked(browser, unescape(following[1])) if following else [])


@pytest.mark.parametrize(
    "after", ["", "x", "80000", "80000 a", "-1 a b", "²  a b", "9" * 30 + " a b", "\x00 a b", "80000 a\x00 b"]
)
def test_a_place_no_page_has_written_is_the_beginning(matched: Desk, after: str) -> None:
    with look(matched.runtime) as work:
        assert found(work, matched, after=after) == [(matched.demand, matched.offer)]


def test_who_can_take_up_none_is_told_why(matched: Desk, enter: Enter) -> None:
    with begin(matched.runtime) as work:
        unknown = person(work, "Chưa Ghi", {organisation(work, "Sàn Mới"): ("broker",)})
        enter_again(work, matched.broker, certified_until=date(2026, 11, 23))
        for actor, error in ((unknown, Forbidden), (matched.broker, Conflict)):
            with pytest.raises(error):
                promising.page(work, actor, show="all")
    for broker, why in ((unknown, "chưa có tên trong danh bạ"), (matched.broker, "chứng chỉ")):
        page = words_of(enter(broker).get(PAIRS)).lower()
        assert why in page
        assert TAKE_UP.lower() not in page


def test_nobody_else_sees_the_list(matched: Desk, enter: Enter) -> None:
    for actor in (matched.enterprise, matched.funder, matched.moderator):
        assert enter(actor).get(PAIRS).status_code == 403
    with look(matched.runtime) as work, pytest.raises(Forbidden):
        promising.page(work, replace(matched.broker, roles={}), show="all")
