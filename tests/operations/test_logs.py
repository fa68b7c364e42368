"""What is logged: every entry tells who, what, when and how it went, and nobody can write an entry of his own."""

from __future__ import annotations

import errno
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from marketplace import logs
from marketplace.commands import serving
from marketplace.runtime import Runtime
from marketplace.tracing import tracing
from search.query import Query
from tests.support.compiled import application
from tests.support.market import content, publish
from tests.support.members import PASSWORD, enterprise, join
from tests.support.visitor import Visitor

FORGED = "ổn\r\n2026-11-24T03:00:00Z INFO giao signed in\x1b[2J\u202e\u2028"
KNOWN = {"at", "level", "node", "actor", "action", "object", "outcome", "trace", "message"}


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before once the test is over."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def written(root: logging.Logger) -> io.StringIO:
    out = io.StringIO()
    logs.set_up("json", "can-tho", out)
    return out


def entries(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_every_entry_tells_time_actor_node_action_object_outcome_and_trace(written: io.StringIO) -> None:
    with tracing("01TRACE"):
        logging.getLogger("giao.jobs").info(
            "job done", extra={"action": "job send_letter", "object": "01JOB"}
        )
    (entry,) = entries(written)
    assert entry.keys() == KNOWN
    assert entry["at"].endswith("Z")
    del entry["at"]
    assert entry == {
        "level": "info", "node": "can-tho", "actor": "system", "action": "job send_letter", "object": "01JOB",
        "outcome": "ok", "trace": "01TRACE", "message": "job done",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_people_send_stays_in_its_entry_and_moves_no_cursor(root: logging.Logger, form: str) -> None:
    out = io.StringIO()
    logs.set_up(form, "can-tho", out)
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("giao").exception(
            "cannot read %s", FORGED, extra={"object": FORGED, "agent": FORGED}
        )
    said = out.getvalue()
    first, *more = said.splitlines()
    assert all(line.startswith("  | ") for line in more)
    assert not more or form == "text"
    for sign in ("\r", "\x1b", "\u202e", "\u2028"):
        assert sign not in said
    assert "ổn" in first


def test_a_text_without_end_is_cut(written: io.StringIO) -> None:
    logging.getLogger("giao").info("%s", "x" * 1_000_000, extra={"agent": "y" * 1_000_000})
    assert len(written.getvalue()) < 3_000


def test_a_request_is_one_entry_with_its_id(embedded: Runtime, written: io.StringIO) -> None:
    home = enterprise(embedded)
    user_id = join(embedded, "lan@example.org", "owner", home)
    visitor = Visitor(application(embedded))
    visitor.sign_in("lan@example.org", PASSWORD)
    answer = visitor.get(f"/vi/organisations/{home}?q=tìm")
    entry = entries(written)[-1]
    assert entry["trace"] == answer.headers["X-Request-Id"]
    assert (entry["actor"], entry["action"], entry["object"]) == (user_id, "request organisations.show", home)
    assert (entry["method"], entry["status"], entry["outcome"]) == ("GET", 200, "ok")
    assert visitor.get("/vi/jobs").status_code == 403
    assert entries(written)[-1]["outcome"] == "denied"


def test_after_a_request_nothing_is_said_in_its_name(embedded: Runtime, written: io.StringIO) -> None:
    join(embedded, "lan@example.org", "owner", enterprise(embedded))
    visitor = Visitor(application(embedded))
    visitor.sign_in("lan@example.org", PASSWORD)
    visitor.get("/vi/account")
    logging.getLogger("giao").warning("the clock was set back")
    entry = entries(written)[-1]
    assert (entry["actor"], entry["trace"]) == ("system", "")


def test_no_secret_gets_into_the_log(embedded: Runtime, written: io.StringIO) -> None:
    visitor = Visitor(application(embedded))
    visitor.sign_in("lan@example.org", "mật-khẩu-rất-bí-mật")
    visitor.get("/vi/reset/TOKEN-FROM-A-LETTER")
    visitor.get("/vi/offers?q=CÂU-HỎI-RIÊNG")
    visitor.get("/vi/ADDRESS-THAT-LEADS-NOWHERE")
    said = written.getvalue()
    tokens = [value for value in visitor.cookies().values() if len(value) > 20]
    assert tokens
    for secret in ("bí-mật", "TOKEN-FROM", "CÂU-HỎI", "ADDRESS-THAT", *tokens):
        assert secret not in said


def test_a_forged_user_agent_is_cut_and_harmless(embedded: Runtime, written: io.StringIO) -> None:
    client = application(embedded).test_client()
    client.get("/vi/help", headers={"User-Agent": "x\x1b[31m" + "y" * 1_000_000})
    assert len(written.getvalue()) < 2_000
    assert "\x1b" not in written.getvalue()


class NoRoom(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def closed() -> io.StringIO:
    out = io.StringIO()
    out.close()
    return out


@pytest.mark.parametrize("out", [NoRoom(), closed()], ids=["full", "closed"])
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_log_that_cannot_be_written_breaks_no_request(
    embedded: Runtime, root: logging.Logger, monkeypatch: pytest.MonkeyPatch, form: str, out: io.StringIO
) -> None:
    visitor = Visitor(application(embedded))
    monkeypatch.setattr("sys.stderr", out)
    logs.set_up(form, "can-tho", out)
    assert visitor.get("/vi/").status_code == 200
    assert visitor.get("/vi/nowhere").status_code == 404


def test_an_exchange_opens_though_its_greeting_cannot_be_written(
    embedded: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (uid,) = publish(embedded, content("offer", "Máy sấy lúa"))
    monkeypatch.setattr("sys.stdout", NoRoom())
    serving._greet(embedded, demo=False)
    assert [hit.uid for hit in embedded.engine.search(Query("máy sấy")).hits] == [uid]


def test_an_entry_that_cannot_be_put_into_words_is_told_as_one(root: logging.Logger) -> None:
    out = io.StringIO()
    logs.set_up("json", "can-tho", out)
    logging.getLogger("giao.jobs").info("%s of %s", FORGED)
    (entry,) = entries(out)
    assert (entry["level"], entry["action"]) == ("error", "giao.jobs")
    assert "not enough arguments" in entry["exception"]
