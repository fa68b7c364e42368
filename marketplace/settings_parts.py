"""What several values of the settings make together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """One AES-256 key for sealed texts and files. `id` is stored beside what it sealed."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the database one process takes, and how long it waits, in seconds."""

    pool: int = 20
    """Connections held at most. Eight requests at a time, the readers and two jobs need fewer."""
    wait: float = 5.0
    """For a free one of them."""
    statement: float = 30.0
    """For one statement."""
    lock: float = 10.0
    """For a lock that somebody else holds."""
    connect: float = 5.0
    """For the server to take a connection."""

    def unhurried(self) -> Limits:
        """For work nobody waits for, such as an import: a statement may take a quarter of an hour."""
        return replace(self, statement=max(self.statement, 900.0), lock=max(self.lock, 60.0))


@dataclass(frozen=True, slots=True)
class Contact:
    """Who runs the exchange, and how people reach them: shown to everybody. What is not said is empty."""

    run_by: str = ""
    """The body, and its address where it is given."""
    email: str = ""
    phone: str = ""

    @property
    def reachable(self) -> bool:
        return bool(self.email or self.phone)


NOBODY = Contact()
