"""A national exchange in this process, and the requests of one local exchange as they come over the wire."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.sync.making import AT_ONCE
from exchange.envelope import Batch, write_batch
from exchange.items import Item
from exchange.keys import KeyRecord, PrivateKey
from exchange.messages import Request
from exchange.signing import Signature, sign_request
from marketplace import sync_key
from marketplace.db import new_id
from marketplace.models.peers import Inbound, Peer
from marketplace.runtime import Runtime
from marketplace.services.sync import trust
from marketplace.work import begin
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.network import national_settings

HOME, FENCE, EPOCH = "local-a", "f1", "e1"
GZIPPED = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))


@dataclass
class Receiver:
    """The national side, and the key of a home it believes."""

    runtime: Runtime
    clock: HandMovedClock
    key: PrivateKey = field(default_factory=PrivateKey.generated)

    @property
    def known(self) -> KeyRecord:
        return KeyRecord(HOME, self.key.public, self.seconds - 10, self.seconds + 86_400)

    @property
    def seconds(self) -> int:
        return int(self.clock().timestamp())

    def signed(self, body: bytes, *headers: tuple[str, str], path: str = "/sync/v1/batches") -> Request:
        base = self.runtime.settings.base_url
        request = Request("POST", f"{base}{path}", (*headers, ("XS-Node", HOME), ("XS-Fence", FENCE)), body)
        return sign_request(request, self.key, Signature(self.seconds, new_id().lower()))

    def requests(self, records: Sequence[Item], *, after: int = 0) -> Iterator[Request]:
        """Batches of the records, placed in the feed of their home after `after`."""
        for start in range(0, len(records), AT_ONCE):
            part = tuple(
                replace(one, seq=after + start + place)
                for place, one in enumerate(records[start : start + AT_ONCE], 1)
            )
            made = write_batch(Batch(HOME, EPOCH, new_id(), after + start, part[-1].seq, part))
            yield self.signed(made.packed, *GZIPPED)


@contextmanager
def receiver(folder: Path) -> Iterator[Receiver]:
    """On the embedded back ends. Its clock stands, so that signatures made beforehand stay fresh."""
    clock = HandMovedClock()
    with opened(national_settings(folder), clock) as runtime:
        sync_key.ensure(runtime.settings.key_file)
        made = Receiver(runtime, clock)
        with begin(runtime) as work:
            work.session.add(
                Peer(node_id=HOME, role="local", status="active", kinds=["offer"], since=work.now)
            )
            work.session.flush()
            trust.pin(work, HOME, made.key.public)
            work.session.add(Inbound(node_id=HOME, epoch=EPOCH, fence=FENCE))
        yield made


@dataclass
class Spent:
    """Seconds of the processor by what they were spent on."""

    on: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def while_doing(self, what: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.on[what] = self.on.get(what, 0.0) + time.process_time() - began
