"""What a service refuses, in the shop's own words. The web turns each into a page, the command line into a sentence.

`code` is the message `error.<code>` of the language files; `params` fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vocabulary.problems import Problem


class GiaoError(Exception):
    """Anything a person asked for and cannot have. `status` is the HTTP answer it becomes."""

    status = 400

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class NotFound(GiaoError):
    """There is no such thing, or not for this person: the two are told apart to nobody."""

    status = 404


class Gone(GiaoError):
    """There was such a listing; a tombstone says when and why it went.

    Also of one that may come back, as a paused one: a 404 would be the answer for what never was, and programs keep
    what they hold of it for weeks. Its owner wants it gone now, and it is found again when it is public again.
    """

    status = 410


class SignInNeeded(GiaoError):
    status = 401

    def __init__(self) -> None:
        super().__init__("sign_in_needed")


class Forbidden(GiaoError):
    status = 403

    def __init__(self, code: str = "forbidden", **params: Any) -> None:
        super().__init__(code, **params)


class Outlived(GiaoError):
    """A form of ours was sent in another session than it was opened in. Nothing of it was done."""

    status = 403

    def __init__(self) -> None:
        super().__init__("outlived")


class Conflict(GiaoError):
    """An illegal step, or somebody else was quicker."""

    status = 409


class Stale(Conflict):
    """A form was filled from an older version. Carries the version that stands now, so nothing typed is lost."""

    def __init__(self, current_version: int) -> None:
        super().__init__("stale")
        self.current_version = current_version


class Invalid(GiaoError):
    """Some fields cannot be accepted; `problems` name each, its reason and its mend."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("invalid")
        self.problems = tuple(problems)


class TooMany(GiaoError):
    """Asked too often. `retry_after` is in seconds."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many", seconds=retry_after)
        self.retry_after = retry_after


class Unavailable(GiaoError):
    """A server we need is away or has too much to do; nothing of the transaction was kept.

    `retry_after`, in seconds, is when it is worth trying again.
    """

    status = 503
    retry_after = 30

    @property
    def why(self) -> str:
        """The first line of what the server or its driver said."""
        return (str(self.__cause__ or "").strip() or self.code).splitlines()[0]


class DatabaseAway(Unavailable):
    """The database cannot be reached, or has gone away in the middle of it."""

    def __init__(self) -> None:
        super().__init__("database_away")


class DatabaseBusy(Unavailable):
    """The database answers, but not within the limits: no free connection, a lock held too long, a slow statement."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("database_busy")


class DatabaseFull(Unavailable):
    """There is no room left for what was to be written."""

    retry_after = 60

    def __init__(self) -> None:
        super().__init__("database_full")


class Collided(DatabaseBusy):
    """Two transactions stood in each other's way and this one gave way. The same again may well go through."""
