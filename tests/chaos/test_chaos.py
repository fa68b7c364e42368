"""Layer (c): real processes, a network that fails them, `kill -9`; afterwards every acknowledged write is looked for."""

from __future__ import annotations

import os
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.chaos.history import History, Listing
from scripts.chaos.judging import Verdict, judge_one, judge_shown
from scripts.chaos.plan import Act, plan
from scripts.chaos.proxy import FAULTS, Proxy, complete, read_message
from scripts.chaos.run import Wish, run
from scripts.chaos.trials import KEPT, Trial, keep, kept
from scripts.chaos.world import Silent

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789"


def test_nothing_acknowledged_is_lost_doubled_or_undead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For as long as `CHAOS_SECONDS` says, some seconds where it says nothing."""
    seconds = int(os.environ.get("CHAOS_SECONDS", "4"))
    verdict = run(tmp_path, Wish(Trial(seed=11, seconds=seconds, exchanges=1)))
    assert verdict.well, capsys.readouterr().out


@pytest.mark.soak
def test_ten_minutes_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = run(tmp_path, Wish(Trial(seed=12, seconds=600, exchanges=3)))
    assert verdict.well, capsys.readouterr().out


@pytest.mark.soak
def test_what_fell_short_once_does_not_any_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, trial in enumerate(kept()):
        (tmp_path / str(number)).mkdir()
        verdict = run(tmp_path / str(number), Wish(trial))
        assert verdict.well, capsys.readouterr().out


def test_a_run_that_fell_short_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "seeds.csv"
    path.write_text(KEPT.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    trial = Trial(seed=7, seconds=60, exchanges=2)
    assert keep(trial, "1 lost, 0 doubled, 0 undead", path)
    assert not keep(trial, "2 lost, 0 doubled, 0 undead", path)
    assert kept(path) == (trial,)


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
    one = Listing("local-a", "s", "u", "t", {after})
    judge_one(verdict, one, here, there, Answers(found))  # type: ignore[arg-type]
    assert {name for name in ("lost", "doubled", "undead") if getattr(verdict, name)} == (
        {kind} if kind else set()
    )
    assert verdict.well == (not kind)


def test_a_write_without_an_answer_may_have_happened_or_not() -> None:
    one = Listing("local-a", "s", "u", "t", {"live", "gone"})
    for state, found in ((LIVE, ["u"]), (GONE, [])):
        verdict = Verdict()
        judge_one(verdict, one, {"u": state}, {"u": state}, Answers(found))  # type: ignore[arg-type]
        assert verdict.well


@pytest.mark.parametrize(
    ("op", "times", "kind"),
    [
        ("upsert", 1, ""),
        ("upsert", 0, "lost"),
        ("upsert", 2, "doubled"),
        ("delete", 0, ""),
        ("delete", 1, "undead"),
    ],
)
def test_every_page_of_the_national_search_is_turned(op: str, times: int, kind: str) -> None:
    verdict = Verdict()
    judge_shown(verdict, {"u": [op, 1, "h"]}, {"u": times})
    assert {name for name in ("lost", "doubled", "undead") if getattr(verdict, name)} == (
        {kind} if kind else set()
    )


HOMES = {"local-a": ["a-1", "a-2"], "local-b": []}


def planned(seed: int) -> list[Act]:
    return plan(random.Random(seed), HOMES, count=200, seconds=50)


def test_the_same_seed_plans_the_same_and_another_something_else() -> None:
    assert planned(5) == planned(5) != planned(6)


def test_nothing_is_planned_for_a_listing_that_is_not_there() -> None:
    live = {(home, source) for home, sources in HOMES.items() for source in sources}
    for act in planned(5):
        assert ((act.home, act.source) in live) == (act.what != "create")
        live = live - {(act.home, act.source)} if act.what == "withdraw" else live | {(act.home, act.source)}
        assert 0 <= act.at < 50


def test_what_was_not_answered_is_done_again_until_it_is() -> None:
    class Deaf:
        name = "local-a"
        asked: list[str] = []  # noqa: RUF012 - one instance only

        def ask(self, do: str, **more: str) -> dict[str, str]:
            self.asked.append(do)
            if len(self.asked) < 3:
                raise Silent("killed")
            return {"uid": "u"}

    history, node = History([Act(0.0, "local-a", "create", "s", "t", "Thiết bị t")]), Deaf()
    for _ in range(2):
        history.act(node, 1.0)  # type: ignore[arg-type]
        assert (history.left, history.listings["s"].after) == (1, {"absent", "live"})
    history.act(node, 1.0)  # type: ignore[arg-type]
    assert (history.left, history.listings["s"].after, history.unanswered) == (0, {"live"}, 2)
    assert not history.act(node, 1.0), "nothing is left to do"  # type: ignore[arg-type]


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


def test_the_proxy_passes_on_what_it_is_given_as_the_last_of_its_connection(
    upstream: tuple[int, list[bytes]],
) -> None:
    proxy = Proxy(("127.0.0.1", upstream[0]), random.Random(1), share=1.0)
    assert asked(proxy) == ANSWER
    assert upstream[1] == [REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)]
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
