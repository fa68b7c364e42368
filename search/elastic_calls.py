"""Asking Elasticsearch: every call has its limit of time, is tried again where that may help, and may be refused at once.

The client itself never retries: it does so without a pause, and many clients that all do so hold a server down.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from search.breaker import Breaker
from search.elastic_saying import NothingThere, passes, said
from search.engine import SearchError

log = logging.getLogger("giao.search")

PATIENCE = 8.0
"""Seconds that a question may take, all its tries together: people do not wait longer for a page."""
LONG_PATIENCE = 60.0
"""Seconds for work that nobody waits for: storing a batch, making and removing indices, comparing."""
TRIES = 3
FIRST_PAUSE = 0.2
"""Seconds. A pause is chosen by chance up to this, then up to twice this: so those who fail together come apart."""
_CHANCE = secrets.SystemRandom()


class Calls:
    """One server as one process speaks to it."""

    def __init__(
        self,
        client: Elasticsearch,
        place: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._clock = clock
        self._pause = pause
        self.place = place
        self.breaker = Breaker(clock)

    def __call__(self, act: Callable[[Elasticsearch], Any], *, within: float = PATIENCE) -> Any:
        """What `act` answers. Raises `SearchError`, at the latest after `within` seconds."""
        until = self._clock() + within
        for trial in range(1, TRIES + 1):
            try:
                return self._once(act, until)
            except (ApiError, TransportError) as error:
                pause = _CHANCE.uniform(0, FIRST_PAUSE * 2 ** (trial - 1))
                if trial == TRIES or not passes(error) or self._clock() + pause >= until:
                    raise said(error, self.place) from error
            self._pause(pause)
        raise AssertionError("the last trial answers or raises")

    def found(self, act: Callable[[Elasticsearch], Any], *, within: float = PATIENCE) -> Any:
        """The same; None where there is nothing of that name."""
        try:
            return self(act, within=within)
        except NothingThere:
            return None

    def _once(self, act: Callable[[Elasticsearch], Any], until: float) -> Any:
        if not self.breaker.passes():
            raise SearchError(
                f"the search engine at {self.place} has failed repeatedly and is left alone a while"
            )
        try:
            answer = act(self._client.options(request_timeout=max(0.1, until - self._clock())))
        except (ApiError, TransportError) as error:
            self._note(failed=passes(error))
            raise
        except BaseException:
            self._note(failed=False)
            raise
        self._note(failed=False)
        return answer

    def _note(self, *, failed: bool) -> None:
        before = self.breaker.state
        (self.breaker.failed if failed else self.breaker.succeeded)()
        after = self.breaker.state
        if before == "closed" and after == "open":
            log.warning("the search engine at %s is left alone for a while: it failed repeatedly", self.place)
        elif before != "closed" and after == "closed":
            log.warning("the search engine at %s answers again", self.place)

    def close(self) -> None:
        self._client.close()
