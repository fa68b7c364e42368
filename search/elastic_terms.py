"""How many listings hold a term, asked of Elasticsearch and remembered for a moment.

A page of results asks twice (for itself, and for the counts of the other kinds), and whoever sets a filter or turns a
page asks the same words again: each time one round trip less. The numbers only choose which terms are looked for and
how a long text is shortened; scores are Elasticsearch's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PRESENT, ABSENT = 10.0, 1.0
"""Seconds for which a number is good, and for which a word that nobody has used is still unknown: what another process
indexes meanwhile is found by its own new words a second later at most."""
MOST = 50_000
"""Terms remembered; then all are forgotten, which costs one round trip each."""

Answer = tuple[int, Mapping[str, int]]
Ask = Callable[[Sequence[str], Sequence[str]], Answer]


@dataclass
class Remembered:
    """The same question as `ask` answers. Safe for many threads."""

    ask: Ask
    clock: Callable[[], float]
    """Monotonic seconds."""
    _total: int = 0
    _known: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Term -> how many hold it, and until when that is good. A pair is no word, for it has a joint or two characters."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, words: Sequence[str], pairs: Sequence[str]) -> Answer:
        now = self.clock()
        with self._lock:
            known = {
                term: kept for term in (*words, *pairs) if (kept := self._known.get(term, (0, 0.0)))[1] > now
            }
        new_words, new_pairs = ([term for term in terms if term not in known] for terms in (words, pairs))
        if new_words or new_pairs:
            total, found = self.ask(new_words, new_pairs)
            fresh = {
                term: (found.get(term, 0), now + (PRESENT if term in found else ABSENT))
                for term in (*new_words, *new_pairs)
            }
            self._remember(total, fresh)
            known |= fresh
        return self._total, {term: count for term, (count, _) in known.items() if count}

    def _remember(self, total: int, fresh: Mapping[str, tuple[int, float]]) -> None:
        with self._lock:
            if len(self._known) > MOST:
                self._known.clear()
            self._total = total
            self._known.update(fresh)

    def forget(self) -> None:
        """After the index was changed here."""
        with self._lock:
            self._known.clear()
