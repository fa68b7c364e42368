"""What is said to the operator, one entry a line: as text for a terminal, as JSON for whatever collects it.

Every entry tells the UTC time, who acted, on which node, what was done, to what, with which outcome, and the trace by
which all entries of one request or job belong together. Whatever people send is one line of visible characters by the
time it is written, and not longer than `LONGEST`: nobody can forge an entry, colour a terminal or fill a disk. Secrets do
not get here: addresses are logged as the names of their routes, and statements without their parameters.
"""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

from marketplace import tracing

LONGEST = 2_000
"""Characters kept of one text of an entry."""
LONGEST_TRACE = 20_000
"""Characters kept of a traceback, the end of it."""
FIELDS = ("actor", "action", "object", "outcome")
EXTRAS = ("method", "status", "milliseconds", "agent", "network")
"""What entries about requests say besides."""
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Unicode categories that move the cursor, turn the direction, or draw nothing."""


def set_up(form: str, node: str, out: TextIO = sys.stderr) -> None:
    """Say everything from INFO on to `out`. `form` is text or json; `node` the exchange's own name."""
    handler = Entries(out)
    handler.setFormatter(AsJson(node) if form == "json" else AsText())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("alembic", "elastic_transport", "rq", "rq.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def visible(text: str, longest: int = LONGEST) -> str:
    """One line of at most `longest` visible characters; what is not visible becomes an escape such as \\x1b."""
    kept = text[:longest]
    shown = "".join(_escaped(c) if unicodedata.category(c) in UNSEEN else c for c in kept)
    return shown + ("…" if len(text) > longest else "")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


class Entries(logging.StreamHandler[TextIO]):
    """What cannot be written is not, and whatever wrote it goes on: a full disk stops no request. An entry that cannot be
    put into words is told as one that could not."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        why = sys.exc_info()
        lost = logging.LogRecord(
            record.name, logging.ERROR, record.pathname, record.lineno, "an entry was lost", None, why
        )
        with suppress(Exception):
            self.stream.write(self.format(lost) + self.terminator)
            self.flush()


class AsJson(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "node": self._node,
            **_fields(record),
            "trace": _trace(record),
            "message": visible(record.getMessage()),
        }
        said |= {name: _plain(getattr(record, name)) for name in EXTRAS if hasattr(record, name)}
        if problem := _problem(self, record):
            said["exception"] = problem
        return json.dumps(said, ensure_ascii=False)


class AsText(logging.Formatter):
    """For people: what continues an entry begins with a bar, so that it cannot be taken for another."""

    def format(self, record: logging.LogRecord) -> str:
        trace = _trace(record)
        head = f"{_moment(record)} {record.levelname} {record.name} {visible(record.getMessage())}"
        lines = [f"{head} [{trace}]" if trace else head]
        lines += [f"  | {line}" for line in _problem(self, record).split("\n") if line]
        return "\n".join(lines)


def _moment(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _fields(record: logging.LogRecord) -> dict[str, str]:
    """Who, what, to what, how it went; what an entry does not say follows from where it comes from."""
    assumed = {
        "actor": tracing.actor.get() or "system",
        "action": record.name,
        "object": "",
        "outcome": "failed" if record.levelno >= logging.ERROR else "ok",
    }
    return {name: visible(str(getattr(record, name, assumed[name]))) for name in FIELDS}


def _trace(record: logging.LogRecord) -> str:
    return visible(str(getattr(record, "trace", "") or tracing.trace.get()), 100)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float) else visible(str(value), 200)


def _problem(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The traceback, each of its lines as harmless as any other text."""
    if not record.exc_info:
        return ""
    told = formatter.formatException(record.exc_info)[-LONGEST_TRACE:]
    return "\n".join(visible(line) for line in told.split("\n"))
