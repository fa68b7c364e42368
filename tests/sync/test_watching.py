"""What machines are told of other exchanges: the same that people read, and nothing that a recount would not find."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from exchange.messages import Answer, Request
from marketplace.models.exchanges import Replica
from marketplace.network import Unreachable
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, gauges, own_keys, sources
from marketplace.services.sync.gauges import PeerFigures
from marketplace.work import begin, look
from tests.operations.test_health import figures
from tests.support.market import settle
from tests.sync.conftest import Pair
from tests.sync.harvesting import NODE, OPERATOR, Reading, entry
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_faults import later, sender
from tests.sync.test_proof import compared
from tests.sync.test_replacing_keys import hand_over


def here(pair: Pair) -> PeerFigures:
    with look(pair.local) as work:
        (one,) = gauges.figures(work)
    return one


def there(pair: Pair) -> PeerFigures:
    with look(pair.national) as work:
        (one,) = gauges.figures(work)
    return one


def test_what_waits_and_how_long_is_told_and_falls_to_nothing(pair: Pair) -> None:
    pair.push()
    pair.wires.cut.add(pair.national.settings.base_url)
    pair.publish("Trạm đo độ mặn", "Máy sấy thăng hoa")
    later(pair, 600)
    assert (here(pair).waiting, here(pair).lag) == (2, 600)
    pair.wires.cut.clear()
    later(pair, 901)
    assert (here(pair).waiting, here(pair).lag) == (0, 0)
    assert here(pair).heard == pair.clock.now.timestamp()
    assert there(pair).heard == pair.clock.now.timestamp()


def test_the_last_proof_is_told_on_both_sides(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    assert (here(pair).equal, here(pair).proved, there(pair).proved) == (False, 0, 0)
    compared(pair)
    assert (here(pair).equal, there(pair).equal) == (True, True)
    assert here(pair).proved == there(pair).proved == pair.clock.now.timestamp()


def test_what_is_held_is_counted_as_a_recount_counts_it(pair: Pair) -> None:
    body = a_body(pair)
    in_session(pair)
    bad = {**body, "content": {**body["content"], "province": "999"}}
    send(pair, written(pair, an_item(bad, seq=1), an_item(body, seq=2)))
    with look(pair.national) as work:
        held = work.session.scalar(select(func.count()).where(Replica.projection == "held"))
    assert there(pair).held == held == 1
    assert there(pair).refused == 1


def test_a_sender_that_was_stopped_is_told_apart(pair: Pair) -> None:
    pair.push()
    assert not here(pair).stopped
    with begin(pair.local) as work:
        choosing.pause(work, SYSTEM)
    assert here(pair).stopped


def test_prometheus_reads_them_with_the_name_of_the_exchange(pair: Pair) -> None:
    pair.publish("Trạm đo độ mặn")
    pair.push()
    pair.publish("Máy sấy thăng hoa")
    settle(pair.local)
    seen = figures(pair.local)
    assert seen['giao_exchange_waiting{exchange="national"}'] == 1
    assert figures(pair.national)['giao_exchange_waiting{exchange="can-tho"}'] == 0


def of_source(reading: Reading) -> dict[str, float]:
    """What is told of the one source; its name stands among the labels of each figure and is left out here."""
    name = f'source="{NODE}"'
    told = {of: value for of, value in figures(reading.national).items() if name in of}
    return {of.replace(f",{name}", "").replace(f"{name},", ""): value for of, value in told.items()}


def counted(reading: Reading) -> list[float]:
    """Records that are shown, held, and taken by the last pass."""
    seen = of_source(reading)
    return [seen[f'giao_source_{name}{{source="{NODE}"}}'] for name in ("records", "held", "taken")]


def raised(reading: Reading) -> list[str]:
    """Its state, and its alarms."""
    return [
        of
        for of, value in of_source(reading).items()
        if of.startswith(("giao_source_state", "giao_source_al")) and value
    ]


def test_prometheus_reads_how_it_stands_with_a_catalogue_that_is_harvested(reading: Reading) -> None:
    passed = reading.source().passed_at
    assert passed is not None
    assert of_source(reading)[f'giao_source_passed{{source="{NODE}"}}'] == passed.timestamp()
    assert counted(reading) == [10, 0, 10]
    assert raised(reading) == ['giao_source_state{state="active"}']
    reading.there.entries = [*reading.there.entries[1:], entry(1, "Máy khác"), entry(11, description="")]
    reading.run()
    assert counted(reading) == [10, 1, 2]
    reading.there.entries = []
    reading.run()
    assert raised(reading) == [
        'giao_source_state{state="active"}',
        'giao_source_alarm{alarm="suspicious_zero"}',
    ]
    with begin(reading.national) as work:
        sources.pause(work, OPERATOR, NODE)
    assert raised(reading)[0] == 'giao_source_state{state="suspended"}'


def test_prometheus_reads_the_same_of_the_national_key_on_both_sides(pair: Pair) -> None:
    def key(runtime: Runtime) -> tuple[float, float, float]:
        seen = figures(runtime)
        names = ("giao_national_key", "giao_national_key_handover", "giao_national_key_refused")
        until, handover, refused = (seen[name] for name in names)
        return until, handover, refused

    pair.push()
    assert [key(side)[1:] for side in (pair.national, pair.local)] == [(0, 0), (0, 0)]
    link = hand_over(pair)
    assert key(pair.national) == (link.until, 1, 0)
    later(pair)
    assert key(pair.local) == (link.until, 1, 0), "it has learned of it"
    pair.clock.move(timedelta(days=8))
    assert [key(side) for side in (pair.national, pair.local)] == [(link.until, 0, 0)] * 2
    with begin(pair.national) as work:
        own_keys.begin_again(work, SYSTEM)
    later(pair)
    assert key(pair.local) == (link.until, 0, 1), "nobody vouches for the key that signs now"


def test_an_exchange_without_a_national_key_has_no_figures_of_one(local: Runtime, national: Runtime) -> None:
    national.settings.key_file.unlink()
    for one in (local, national):
        assert not [name for name in figures(one) if "national_key" in name]
    assert not national.settings.key_file.exists(), "to look makes none"


class _AskedMeanwhile:
    """A line that is dead, and an operator who asks to try at once while an attempt is under way."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def send(self, request: Request) -> Answer:
        with begin(self._pair.local) as work:
            choosing.try_now(work, SYSTEM)
        raise Unreachable("the wire is cut")


def test_to_try_at_once_counts_though_an_attempt_is_under_way(pair: Pair) -> None:
    pair.uplink.chance = lambda: 0.9
    pair.wires.cut.add(pair.national.settings.base_url)
    pair.publish("Trạm đo độ mặn")
    for _ in range(8):
        later(pair, 901)
    assert sender(pair).retry_at > pair.clock.now.timestamp() + 60
    pair.clock.move(timedelta(seconds=901))
    pair.local.__dict__.pop("network", None)
    pair.local.peers = _AskedMeanwhile(pair)
    pair.uplink.turn()
    assert sender(pair).retry_at == 0
    pair.local.__dict__.pop("network", None)
    pair.local.peers = pair.wires
    pair.wires.cut.clear()
    pair.push()
    assert sender(pair).reason == ""
