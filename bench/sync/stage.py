"""Two real processes, a national exchange and a local one, on the embedded back ends or each on its own servers."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import search_server
from marketplace.runtime import Runtime
from marketplace.settings import Settings
from scripts.chaos.loading import imported
from scripts.chaos.proxy import Proxy
from scripts.chaos.world import Node
from tests.support.exchanges import own_database, own_prefix

LOOK = 0.5  # seconds between two looks at how far it has come


@dataclass
class Stage:
    """In both matching and periodic jobs are at rest: what is measured ends where a listing can be found."""

    national: Node
    local: Node
    proxy: Proxy
    servers: bool

    def introduce(self) -> None:
        """Enrol the local exchange, and let it in."""
        invited = self.national.ask("invite", node=self.local.name)
        entered = self.local.ask("enter", token=invited["token"], fingerprint=invited["fingerprint"])
        self.national.ask("approve", kid=entered["kid"])

    def arrived(self, count: int) -> bool:
        """Whether everything the local exchange has can be found nationally."""
        here, there = self.local.ask("state"), self.national.ask("state")
        sent = here["head"] == here["acked"] and not here["dirty"] and here["head"] >= count
        return bool(sent and not there["dirty"] and there["indexed"] == there["head"])

    def until_arrived(self, count: int, began: float) -> float:
        """Seconds from `began` on."""
        while not self.arrived(count):
            time.sleep(LOOK)
        return time.perf_counter() - began


@contextmanager
def stage(place: Path, file: Path, *, servers: bool, latency: float = 0.0) -> Iterator[Stage]:
    """The local exchange holds the listings of the file, in its index too; nothing was sent yet."""
    with ExitStack() as until_the_end:
        national = Node("national", place)
        proxy = Proxy(("127.0.0.1", national.listen), random.Random(1), share=0, latency=latency)
        until_the_end.callback(proxy.close)
        national.public = proxy.port
        local = Node("local-a", place, national_port=proxy.port)
        for node in (national, local):
            node.more["RESTING"] = "1"
            if servers:
                node.more.update(until_the_end.enter_context(_own_servers(node)))
        imported(local, file)
        for node in (national, local):
            until_the_end.callback(node.end)
            node.start()
        for node in (national, local):
            node.wait_until_ready()
        yield Stage(national, local, proxy, servers)


@contextmanager
def _own_servers(node: Node) -> Iterator[dict[str, str]]:
    with own_database(with_tables=False) as database_url:
        yield {"DATABASE_URL": database_url, "SEARCH_URL": f"{search_server()}/{own_prefix()}"}
        runtime = Runtime(Settings.from_environment(node.environment))
        runtime.engine.drop()
        runtime.close()
