"""A second process that indexes what an import has committed, while the import reads on.

Reading and indexing are both work for Python, which one process does one after the other; two cores do them at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from marketplace.followers import catch_up
from marketplace.readers import AWAY
from marketplace.runtime import Runtime
from marketplace.settings import Settings

ROWS_AT_ONCE = 2_000
"""Rows committed between two calls: less is dearer, see `followers.Indexing`."""
NEARLY_DONE, ROWS_THEN = 0.9, 500
"""Of the file, and rows from then on: what is left when the last is read is waited for with nothing else to do."""
FAILED, NOT_OURS = 1, 2
"""How the process leaves when the engine or the database is away, and when another process keeps the index."""


@dataclass
class IndexingBeside:
    """The other process, seen from the import."""

    process: BaseProcess
    pipe: Connection
    told: int = 0

    def tell(self, rows: int, read: float) -> None:
        """So many rows have been committed by now, of this part of the file."""
        if rows - self.told >= (ROWS_AT_ONCE if read < NEARLY_DONE else ROWS_THEN):
            self._call(rows)

    def finish(self, rows: int, runtime: Runtime) -> bool:
        """Wait until all is searchable. False when another process keeps the index: it will do so itself."""
        self._call(rows)
        self.pipe.close()
        self.process.join()
        if self.process.exitcode == NOT_OURS:
            return False
        return self.process.exitcode == 0 or catch_up(runtime)

    def _call(self, rows: int) -> None:
        self.told = rows
        # A process that has ended already says why when it is asked at the end.
        with suppress(BrokenPipeError):
            self.pipe.send(rows)


@contextmanager
def indexing_beside() -> Iterator[IndexingBeside]:
    """Start the process. To be entered before anything is opened: a fork must not share a database or an index."""
    context = get_context("fork")
    theirs, ours = context.Pipe(duplex=False)
    process = context.Process(target=_index, args=(theirs, ours), daemon=True)
    process.start()
    theirs.close()
    try:
        yield IndexingBeside(process, ours)
    finally:
        ours.close()
        process.join()


def _index(calls: Connection, callers_end: Connection) -> None:
    """Index whenever there is a call. The import that ends, however it ends, ends this, too."""
    # Stopped by hand, the import stops; what it had committed before a call becomes searchable all the same.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    callers_end.close()
    if not _called(calls):
        return
    with closing(Runtime(Settings.from_environment())) as runtime:
        try:
            while catch_up(runtime):
                if not _called(calls):
                    return
        except AWAY:
            sys.exit(FAILED)
    sys.exit(NOT_OURS)


def _called(calls: Connection) -> bool:
    """Wait for a call, and take those together that came meanwhile. False when there will be none any more."""
    try:
        calls.recv()
    except EOFError:
        return False
    with suppress(EOFError):
        while calls.poll():
            calls.recv()
    return True
