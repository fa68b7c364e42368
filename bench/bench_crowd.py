"""Many people at once, and how soon what is posted is found: `python -m bench.bench_crowd`.

An exchange as `giao run` serves it, in a process of its own: on SQLite with Tantivy, and on PostgreSQL with Elasticsearch
where `make services` has started them. People ask for pages of results over HTTP, each a question every two seconds with
seeded arrivals, then without pauses. Then fifty listings a second are posted, each in a transaction of its own; a listing
is found once the index has passed its place in the feed. Seconds of the clock; the machine serves and asks at once.
An argument gives another number of listings.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from bench import exchanges
from bench.bench_search import words
from bench.servers import search_server
from marketplace.reindexing import reindex
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.settings import Settings
from marketplace.work import look
from tests.support.exchanges import own_database, own_prefix
from tests.support.market import content, publish

LISTINGS = 20_000
PEOPLE, PAUSE, FOR = 32, 2.0, 30.0
RUSH = 6.0  # seconds of each number of people without pauses
POSTS, POSTING_FOR = 50, 20.0
LOOK = 0.05  # seconds between two looks at the index


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite and Tantivy", {"DATA_DIR": folder}, size)
    if exchanges.has_servers():
        with tempfile.TemporaryDirectory() as folder, own_database(with_tables=False) as database:
            search = f"{search_server()}/{own_prefix()}"
            measure(
                "PostgreSQL and Elasticsearch",
                {"DATA_DIR": folder, "DATABASE_URL": database, "SEARCH_URL": search}, size,
            )  # fmt: skip


def measure(what: str, settings: Mapping[str, str], size: int) -> None:
    settings = {**settings, "BASE_URL": f"http://127.0.0.1:{free_port()}"}
    giao(settings, "migrate").wait()
    with closing(Runtime(Settings.from_environment(settings))) as runtime:
        exchanges.stock(runtime, size)
        reindex(runtime)
    with served(settings) as process:
        print(f"{what}, {size:,} listings")
        visits(settings["BASE_URL"])
        rush(settings["BASE_URL"])
        print(f"  memory of the process {resident(process.pid)} MB (wanted: at most 250)")
        freshness(settings)
    with closing(Runtime(Settings.from_environment(settings))) as runtime:
        if not runtime.settings.search_url.startswith("tantivy:"):
            runtime.engine.drop()


# -- people ------------------------------------------------------------------------------------------------------------


@dataclass
class Crowd:
    """What people met: seconds of each answer, and what was no answer."""

    address: str
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, chance: random.Random) -> None:
        place = urlsplit(self.address)
        text = quote(" ".join(words(chance, 3)))
        began = time.perf_counter()
        try:
            with closing(
                http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
            ) as connection:
                connection.request("GET", f"/vi/offers?q={text}&province=92&province=79")
                answer = connection.getresponse()
                answer.read()
            if answer.status != 200:
                self.errors.append(str(answer.status))
        except OSError as error:
            self.errors.append(str(error))
        self.seconds.append(time.perf_counter() - began)

    def together(self, people: int, seconds: float, *, pause: float) -> None:
        """So many people, each asking until the time is over."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._one, args=(seat, until, pause)) for seat in range(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, seat: int, until: float, pause: float) -> None:
        chance = random.Random(seat)
        time.sleep(chance.uniform(0, pause))
        while time.monotonic() < until:
            began = time.monotonic()
            self.ask(chance)
            time.sleep(max(0.0, pause - (time.monotonic() - began)))


def visits(address: str) -> None:
    alone = Crowd(address)
    chance = random.Random(99)
    for _ in range(40):
        alone.ask(chance)
    idle = statistics.median(alone.seconds[10:])
    crowd = Crowd(address)
    crowd.together(PEOPLE, FOR, pause=PAUSE)
    p95 = statistics.quantiles(crowd.seconds, n=20)[-1]
    print(
        f"  {PEOPLE} people, a question every {PAUSE:.0f} s: {len(crowd.seconds)} answers, {len(crowd.errors)} errors, ",
        end="",
    )
    print(f"p95 {p95 * 1000:.0f} ms, idle median {idle * 1000:.0f} ms: {p95 / idle:.1f}x (wanted: at most 6)")


def rush(address: str) -> None:
    rates, errors = {}, 0
    for people in (2, 4, 8, PEOPLE):
        crowd = Crowd(address)
        crowd.together(people, RUSH, pause=0.0)
        rates[people] = len(crowd.seconds) / RUSH
        errors += len(crowd.errors)
    best = max(rates[people] for people in (2, 4, 8))
    told = ", ".join(f"{people}: {rate:.1f}" for people, rate in rates.items())
    print(f"  without pauses, answers/s by people: {told}; {errors} errors; ", end="")
    print(f"{rates[PEOPLE] / best:.2f} of the best at 2 to 8 (wanted: at least 0.9)")


# -- posting -----------------------------------------------------------------------------------------------------------


def freshness(settings: Mapping[str, str]) -> None:
    with closing(Runtime(Settings.from_environment(settings))) as runtime:
        seen: list[tuple[float, int]] = []
        enough = threading.Event()
        watching = threading.Thread(target=watch, args=(runtime, seen, enough))
        watching.start()
        posted = post(runtime)
        until = time.monotonic() + 60
        while seen[-1][1] < places(runtime, posted)[-1][1] and time.monotonic() < until:
            time.sleep(LOOK * 10)
        enough.set()
        watching.join()
        found = [first(seen, place) - at for at, place in places(runtime, posted)]
    p95 = statistics.quantiles(found, n=20)[-1]
    print(
        f"  {len(found)} posts at {len(posted) / POSTING_FOR:.0f}/s: found after {statistics.median(found):.2f} s, ",
        end="",
    )
    print(f"p95 {p95:.2f} s (wanted: at most 2)")


def post(runtime: Runtime) -> dict[str, float]:
    """uid -> when it was committed. Whoever is late posts at once, so the rate is held where it can be."""
    posted = {}
    began = time.monotonic()
    for n in range(int(POSTS * POSTING_FOR)):
        time.sleep(max(0.0, began + n / POSTS - time.monotonic()))
        (uid,) = publish(
            runtime, content("offer", f"Máy vừa đăng {n}", province="92"), owner="Bench", start=n
        )
        posted[uid] = time.monotonic()
    return posted


def watch(runtime: Runtime, seen: list[tuple[float, int]], enough: threading.Event) -> None:
    while not enough.wait(LOOK):
        position = runtime.engine.position
        seen.append((time.monotonic(), position))


def places(runtime: Runtime, posted: Mapping[str, float]) -> list[tuple[float, int]]:
    """When each was posted and its place in the feed, in the order of the feed."""
    uids = list(posted)
    with look(runtime) as work:
        rows = [row for n in range(0, len(uids), 500) for row in feed.rows(work, uids[n : n + 500]).values()]
    waiting = 2**62  # Not numbered yet, so not found either.
    return sorted(((posted[row.uid], row.sequence or waiting) for row in rows), key=lambda pair: pair[1])


def first(seen: list[tuple[float, int]], place: int) -> float:
    return next((at for at, position in seen if position >= place), seen[-1][0] + 60)


# -- the process that serves -------------------------------------------------------------------------------------------


@contextmanager
def served(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = giao(settings, "run", "--no-demo")
    try:
        while not answers(settings["BASE_URL"]):
            time.sleep(0.2)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def giao(settings: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "marketplace", *command], env=os.environ | settings,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def answers(address: str) -> bool:
    place = urlsplit(address)
    try:
        with closing(http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)) as connection:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
    except OSError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def resident(pid: int) -> int:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
