"""Layer (c): real processes, a network that fails them, `kill -9`; afterwards every acknowledged write is looked for."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.chaos.__main__ import run
from scripts.chaos.history import History, Listing, Verdict, judge_one
from scripts.chaos.proxy import FAULTS, Proxy, complete, read_message

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789"


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_doubled_or_undead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = run(tmp_path, seed=11, seconds=12, count=2)
    assert verdict.well, capsys.readouterr().out


@pytest.mark.soak
def test_ten_minutes_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = run(tmp_path, seed=12, seconds=600, count=3)
    assert verdict.well, capsys.readouterr().out


# -- the harness can fail ---------------------------------------------------------------------------------------------


class Answers:
    """A national exchange that finds just this."""

    def __init__(self, found: list[str]) -> None:
        self.found = found

    def ask(self, do: str, **_: str) -> dict[str, list[str]]:
        return {"uids": self.found}


LIVE, GONE = ["upsert", 1, "h"], ["delete", 2, "h"]


@pytest.mark.parametrize(
    ("after", "here", "there", "found", "kind"),
    [
        ("live", {"u": LIVE}, {"u": LIVE}, ["u"], ""),
        ("gone", {"u": GONE}, {"u": GONE}, [], ""),
        ("live", {}, {}, [], "lost"),
        ("live", {"u": GONE}, {"u": GONE}, [], "lost"),
        ("live", {"u": LIVE}, {}, [], "lost"),
        ("live", {"u": LIVE}, {"u": LIVE}, [], "lost"),
        ("live", {"u": LIVE}, {"u": LIVE}, ["u", "u"], "doubled"),
        ("gone", {"u": GONE}, {"u": LIVE}, [], "undead"),
        ("gone", {"u": GONE}, {"u": GONE}, ["u"], "undead"),
    ],
)
def test_the_verdict_names_what_fell_short(
    after: str, here: dict[str, list[object]], there: dict[str, list[object]], found: list[str], kind: str
) -> None:
    verdict = Verdict()
    one = Listing("local-a", "s", "t", "u", 1, {after})
    judge_one(verdict, one, here, there, Answers(found))  # type: ignore[arg-type]
    assert {name for name in ("lost", "doubled", "undead") if getattr(verdict, name)} == (
        {kind} if kind else set()
    )
    assert verdict.well == (not kind)


def test_a_write_without_an_answer_may_have_happened_or_not() -> None:
    one = Listing("local-a", "s", "t", "u", 1, {"live", "gone"})
    for state, found in ((LIVE, ["u"]), (GONE, [])):
        verdict = Verdict()
        judge_one(verdict, one, {"u": state}, {"u": state}, Answers(found))  # type: ignore[arg-type]
        assert verdict.well


def test_the_same_seed_does_the_same() -> None:
    class Acknowledging:
        name = "local-a"

        def ask(self, do: str, **more: str) -> dict[str, str]:
            return {"uid": more.get("source", more.get("uid", ""))}

    said = []
    for _ in range(2):
        history = History(5, random.Random(5))
        for _ in range(50):
            history.act(Acknowledging())  # type: ignore[arg-type]
        said.append(str(history.listings))
    assert said[0] == said[1]


@pytest.fixture
def upstream() -> Iterator[tuple[int, list[bytes]]]:
    """A server that remembers what it was asked."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client:
                    heard.append(read_message(client))
                    client.sendall(ANSWER)

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)


def asked(proxy: Proxy) -> bytes:
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        try:
            client.sendall(REQUEST)
            return read_message(client)
        except OSError:
            return b""


def test_the_proxy_passes_on_what_it_is_given(upstream: tuple[int, list[bytes]]) -> None:
    proxy = Proxy(("127.0.0.1", upstream[0]), random.Random(1), share=1.0)
    assert asked(proxy) == ANSWER
    assert upstream[1] == [REQUEST]
    proxy.close()


def test_the_proxy_fails_in_every_way_it_names(upstream: tuple[int, list[bytes]]) -> None:
    proxy = Proxy(("127.0.0.1", upstream[0]), random.Random(1), share=1.0)
    proxy.failing.set()
    answers: dict[str, set[bool]] = {}
    for _ in range(60):
        before = dict(proxy.met)
        said = asked(proxy)
        (fault,) = [name for name in FAULTS if proxy.met[name] != before.get(name, 0)]
        answers.setdefault(fault, set()).add(complete(said))
    assert set(answers) == set(FAULTS)
    assert {name for name, whole in answers.items() if whole == {False}} == {
        "refused", "cut", "answer lost", "answer cut",
    }  # fmt: skip
    assert any(not complete(one) for one in upstream[1])
    proxy.close()
