"""The desks of both operators in a browser: for everybody, on every width, in both languages, nothing cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.services import organisations
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import choosing, enrolment, issues, replays, session
from marketplace.services.sync.issues import Fault
from marketplace.work import begin, look
from tests.journeys.test_accessible import AXE, LOOKS, Seen, examine
from tests.support import steps
from tests.support.browser import person
from tests.support.compiled import application
from tests.support.live import Letterbox, Live
from tests.support.members import join
from tests.sync.conftest import Pair
from tests.sync.harvesting import NODE, Reading
from tests.sync.test_faults import later
from tests.sync.test_lag import broken_for_an_hour
from tests.sync.test_proof import compared

pytestmark = pytest.mark.browser

OPERATOR = "van.hanh@example.org"


@contextmanager
def served(runtime: Runtime) -> Iterator[Live]:
    """One of the pair for browsers; what the exchanges say to each other takes its own way."""
    server, stop = Server(application(runtime), host="127.0.0.1", port=0), threading.Event()
    thread = threading.Thread(target=server.serve, args=(stop,), daemon=True)
    thread.start()
    with begin(runtime) as work:
        own = organisations.the_exchange(work)
    join(runtime, OPERATOR, "admin", own)
    yield Live(runtime, f"http://127.0.0.1:{server.port}", Letterbox())
    stop.set()
    thread.join(20)


def troubled(pair: Pair) -> None:
    """Listings that were sent, one against which something is open, one that waits, a proof, an hour without a line,
    and an exchange stopped."""
    uid = pair.publish("Trạm đo độ mặn tự động cho kênh Phụng Hiệp")[0]
    pair.push()
    compared(pair)
    with begin(pair.national) as work:
        wrong = Fault("required", "/content/texts/vi/title", "A value is needed.")
        issues.open_for(work, uid, 1, [wrong], origin="can-tho")
        enrolment.invite(work, SYSTEM, "ha-noi")
        session.halt(work, "can-tho", "held")
    drain([Sequencer(pair.national)])
    later(pair)
    sent_again(pair)
    broken_for_an_hour(pair)
    with begin(pair.local) as work:
        choosing.pause(work, SYSTEM)
    pair.publish("Máy sấy thăng hoa")


def sent_again(pair: Pair) -> None:
    """A batch that was sent once more, and is to be sent again."""
    with look(pair.local) as work:
        newest = replays.latest(work, SYSTEM)[0]
    with begin(pair.local) as work:
        replays.ask(work, SYSTEM, newest.batch_id)
    later(pair)
    pair.push()
    with begin(pair.local) as work:
        replays.ask(work, SYSTEM, newest.batch_id)


def looked_at(browser: Browser, live: Live, paths: tuple[str, ...]) -> Seen:
    seen = Seen()
    for language in ("vi", "en"):
        with person(browser, language=language) as page:
            page.context.add_init_script(AXE)
            steps.be_signed_in(page, live, OPERATOR)
            for path in paths:
                answer = page.goto(f"{live.address}/{language}/{path}")
                assert answer is not None
                assert answer.status == 200
                examine(page, seen, LOOKS[language])
    return seen


@pytest.mark.parametrize("side", ["local", "national"])
def test_the_desks_are_for_everybody_and_fit_every_screen(pair: Pair, browser: Browser, side: str) -> None:
    troubled(pair)
    runtime = pair.local if side == "local" else pair.national
    paths = ("sync",) if side == "local" else ("exchanges", "exchanges/can-tho")
    with served(runtime) as live:
        assert looked_at(browser, live, paths) == Seen()


def test_a_local_exchange_that_has_not_enrolled_yet_has_a_desk_too(local: Runtime, browser: Browser) -> None:
    with served(local) as live:
        assert looked_at(browser, live, ("sync",)) == Seen()


def test_the_pages_of_a_catalogue_that_is_read_are_for_everybody_too(
    reading: Reading, browser: Browser
) -> None:
    """One whose ids have changed, with a record that is held, and a listing harvested from it."""
    reading.there.renamed("oai:cu:", "oai:moi:")
    reading.there.entries[1] = replace(reading.there.entries[1], description="")
    reading.run()
    reading.settle()
    uid = reading.shown()["Máy số 3"]
    paths = ("exchanges", "sources/new", f"sources/{NODE}", f"listings/{uid}")
    with served(reading.national) as live:
        assert looked_at(browser, live, paths) == Seen()
