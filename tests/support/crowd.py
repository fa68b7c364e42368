"""Many who write into the feed of one exchange at once, while its sequencer numbers what they have committed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from marketplace.db import new_id
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.feed import Record
from marketplace.work import begin

WRITERS = 4
LOOK = 0.01  # seconds between two looks of a sequencer that had nothing to number


@dataclass
class Crowd:
    """Each writer makes `each` changes, every one a transaction of its own: two new records, then one of them anew."""

    runtime: Runtime
    each: int
    revisions: dict[str, int] = field(default_factory=dict)
    """Record -> its last revision, once all have ended."""
    rate: float = 0.0
    """Changes a second, all writers together."""
    _writing: list[Future[None]] = field(default_factory=list)
    _numbering: Future[None] = field(default_factory=Future)

    @property
    def busy(self) -> bool:
        """Whether something may still come into the feed."""
        return not self._numbering.done()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """They begin with the block, and have all ended after it."""
        began = time.monotonic()
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            self._writing = [pool.submit(self._write) for _ in range(WRITERS)]
            self._numbering = pool.submit(self._number)
            yield
            for one in (*self._writing, self._numbering):
                one.result()
        self.rate = WRITERS * self.each / (time.monotonic() - began)

    def _write(self) -> None:
        uid = ""
        for number in range(self.each):
            if number % 3 != 2:
                uid = f"{self.runtime.settings.node_id}:offer:{new_id()}"
            with begin(self.runtime) as work:
                feed.write(work, [Record(uid, "offer", "upsert", {"change": number})])
            self.revisions[uid] = self.revisions.get(uid, 0) + 1

    def _number(self) -> None:
        sequencer = Sequencer(self.runtime)
        while wait(self._writing, timeout=0 if sequencer.turn() else LOOK).not_done:
            pass
        drain([sequencer])
