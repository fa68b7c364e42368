"""Everything a running Giao holds open, opened once. Back ends are chosen here, by the scheme of their URL."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session, sessionmaker

from marketplace.bell import Bell
from marketplace.clock import Clock, utc_now
from marketplace.db import open_database, sessions
from marketplace.deferred import loaded
from marketplace.encoder import Encoder, ModelRefused
from marketplace.network import Elsewhere, Network
from marketplace.pace import Pace
from marketplace.seal import Seal
from marketplace.settings import Settings, SettingsError
from matching.examples import Example
from matching.learned import Learned
from matching.weights import Weights
from search.engine import Engine
from vocabulary import term_files, term_list
from vocabulary.bilingual import TermTable, above

log = logging.getLogger("giao.matching")

BACK_ENDS = {
    "tantivy": "search.embedded:open_engine",
    "http": "search.elastic:open_engine",
    "https": "search.elastic:open_engine",
    "database": "marketplace.queue:open_queue",
    "redis": "marketplace.queue_rq:open_queue",
    "rediss": "marketplace.queue_rq:open_queue",
    "console": "marketplace.mail:open_console",
    "smtp": "marketplace.mail:open_smtp",
    "smtps": "marketplace.mail:open_smtp",
    "peers": "marketplace.sockets:open_network",
    "outside": "marketplace.outside:open_outside",
    "learner": "matching.learning:learn",
    "stamp": "marketplace.stamping:stamped",
    "model": "marketplace.sentence_model:opened",
    "none": "marketplace.scanning:open_none",
    "clamd": "marketplace.scanning:open_clamd",
}
"""URL scheme -> "module:function"; only the chosen one is ever imported."""


MOST_WAITING = 2
"""Of the eight threads of a web process; the others answer people."""
MOST_SNAPSHOTS = 1
"""Made at a time in a web process: each costs a processor and a part of the disk for as long as it lasts."""


def back_end(url: str) -> Callable[..., Any]:
    """The function that opens what `url` names. `Settings` has made sure that its scheme is known."""
    opener: Callable[..., Any] = loaded(BACK_ENDS[url.partition(":")[0]])
    return opener


def _term_table(path: Path) -> TermTable:
    try:
        return term_files.read(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"TERMS_FILE names {path}, which cannot be read: {error.strerror}.") from None
    except term_files.BadTable as error:
        raise SettingsError(
            f"TERMS_FILE names {path}, which is no term table: row {error.flaws[0].row} cannot be read. "
            f"`giao terms check {path}` says what is wrong in which row and how to mend it."
        ) from None


@dataclass
class Runtime:
    """One process's hold on its database, index, queue, mailer and clock."""

    settings: Settings
    clock: Clock = utc_now
    bell: Bell = field(default_factory=Bell)
    peers: Network | None = None
    """How other exchanges are spoken to; over sockets unless given."""
    pace: Pace = field(default_factory=Pace)
    """How often they may speak to us."""
    waiting_readers: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_WAITING))
    """Places for exchanges that wait for news of our feed."""
    snapshots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_SNAPSHOTS))
    """Places for exchanges that want all of our feed."""

    @cached_property
    def database(self) -> Database:
        return open_database(self.settings.database_url, self.settings.database_limits)

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        return sessions(self.database)

    @cached_property
    def engine(self) -> Engine:
        opened: Engine = back_end(self.settings.search_url)(self.settings.search_url)
        return opened

    @cached_property
    def queue(self) -> Any:
        return back_end(self.settings.queue_url)(self.settings.queue_url, self.sessions, self.clock)

    @cached_property
    def mailer(self) -> Any:
        return back_end(self.settings.mail_url)(self.settings.mail_url, self.settings.mail_from)

    @cached_property
    def network(self) -> Network:
        """Opened when another exchange is first spoken to: most processes never do."""
        opened: Network = self.peers or back_end("peers:")()
        return opened

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """How catalogues of others are read: only where their addresses lead outside, as PEER_LOOPBACK says."""
        opened: Elsewhere = back_end("outside:")(self.settings.peer_loopback)
        return opened

    @property
    def learn(self) -> Callable[[Sequence[Example], Weights], Learned]:
        """Learns weights from decisions. Its solver takes a second to load, and most processes never learn."""
        learn: Callable[[Sequence[Example], Weights], Learned] = back_end("learner:")
        return learn

    @property
    def stamp(self) -> Callable[..., bytes]:
        """Marks every page of a file. Who does so reads and draws pages, which takes 10 MB: not in every process."""
        return back_end("stamp:")

    @cached_property
    def scan(self) -> Callable[[bytes], str]:
        """Asks the scanner of viruses; what it found, or nothing."""
        opened: Callable[[bytes], str] = back_end(self.settings.scanner_url)(self.settings.scanner_url)
        return opened

    @cached_property
    def _model(self) -> tuple[Encoder | None, str]:
        """Opened when a listing is first matched; with it why it was refused. Matching does without one."""
        folder = self.settings.model_folder
        if not folder:
            return None, ""
        try:
            return back_end("model:")(Path(folder)), ""
        except ModelRefused as refused:
            log.warning("matching does without a sentence model: %s", refused)
            return None, str(refused)

    @property
    def sentence_model(self) -> Encoder | None:
        """The sentence model of MODEL_FOLDER, if one is named that can be used."""
        return self._model[0]

    @property
    def model_refused(self) -> str:
        """Why the folder that is named holds no model that can be used, in one sentence; empty when all is well."""
        return self._model[1]

    @cached_property
    def seal(self) -> Seal:
        return Seal(self.settings.sealed_keys)

    @cached_property
    def own_terms(self) -> TermTable:
        """The operator's own term table, none by default. Raises `SettingsError` when it cannot be read."""
        path = self.settings.terms_file
        return _term_table(Path(path)) if path else TermTable()

    @cached_property
    def terms(self) -> TermTable:
        """The built-in term table and the operator's own above it. Read with the first text that is to be translated."""
        return above(self.own_terms, term_list.built_in()) if self.own_terms else term_list.built_in()

    def close(self) -> None:
        """Close what was opened, and only that."""
        for name in ("engine", "queue"):
            if name in self.__dict__:
                getattr(self, name).close()
        if "database" in self.__dict__:
            self.database.dispose()
