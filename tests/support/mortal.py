"""Processes that die at a chosen moment: `python -m tests.support.mortal FOLDER DATABASE_URL SEARCH_URL QUEUE_URL`.

One warm process reads orders, a line each, and forks a child for every one: ROLE NOW MOMENT. The child does its role on
the exchange at that time of the clock, counts its moments (every statement, commit, hand-over to the engine, to the
queue and to the mail server is one), and at number MOMENT it gets a SIGKILL. The answer is `killed` or `done`, and how
many moments there were.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event, select

from marketplace import tasks
from marketplace.followers import Indexing, Matchmaking, Notices, followers
from marketplace.mail import Mail
from marketplace.models.accounts import User
from marketplace.models.review import ReviewItem
from marketplace.readers import Follower, Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services import letters, listings, moderation, owners
from marketplace.services.policy import SYSTEM, Actor
from marketplace.settings import Settings
from marketplace.work import begin, look
from search import elastic, embedded  # noqa: F401 - loaded before the fork, once for all children
from tests.support.exchanges import embedded_settings
from tests.support.market import content
from vocabulary import term_list
from vocabulary.listing import Kind

Tick = Callable[[], None]
LETTERS = "letters.txt"
SIDES: tuple[tuple[Kind, str], ...] = (("demand", "Bên cầu"), ("offer", "Bên cung"))


@dataclass(frozen=True)
class Before:
    """Stands in front of an object and counts a moment before and after each of these calls."""

    real: Any
    calls: frozenset[str]
    tick: Tick

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        return self._counted(found) if name in self.calls else found

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            answer = call(*args, **kwargs)
            self.tick()
            return answer

        return counted


@dataclass(frozen=True)
class Letterbox:
    """Each letter is a line of a file, which outlives whoever wrote it."""

    path: Path

    def send(self, mail: Mail) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{mail.message_id} {mail.to}\n")


def settings_of(folder: Path, database_url: str, search_url: str, queue_url: str) -> Settings:
    urls = {"database_url": database_url, "search_url": search_url, "queue_url": queue_url}
    return replace(embedded_settings(folder), **urls)  # type: ignore[arg-type]  # texts, as it says


def mortal(settings: Settings, now: datetime, tick: Tick) -> Runtime:
    """The exchange as one process holds it, every step towards the outside counted."""
    runtime = Runtime(settings, lambda: now)
    for name in ("before_cursor_execute", "commit", "rollback"):
        event.listen(runtime.database, name, lambda *_: tick())
    runtime.engine = Before(runtime.engine, frozenset({"apply", "start"}), tick)
    runtime.queue = Before(runtime.queue, frozenset({"ring"}), tick)
    runtime.mailer = Before(Letterbox(settings.data_dir / LETTERS), frozenset({"send"}), tick)
    return runtime


def publish(runtime: Runtime) -> None:
    """Approve what an earlier one left under review, then post both sides of a new pair and approve them."""
    for item in waiting(runtime):
        approve(runtime, item)
    number = _next(runtime)
    for kind, owner in SIDES:
        words = f"thiết bị đo chỉ số {number * 7919} cho dây chuyền {number * 104729} của xưởng {number * 1299709}"
        with begin(runtime) as work:
            home = owners.find_or_create(work, owner).id
            actor = Actor(name="Trần Minh", roles={home: frozenset({"owner"})}, confirmed=True)
            listings.post(work, actor, home, content(kind, words), submit=True)
            for user_id in work.session.scalars(select(User.id)):
                letters.post_letter(work, "password_changed", user_id=user_id)
        for item in waiting(runtime):
            approve(runtime, item)


def waiting(runtime: Runtime) -> list[str]:
    with look(runtime) as work:
        return list(work.session.scalars(select(ReviewItem.id).where(ReviewItem.decided_at.is_(None))))


def approve(runtime: Runtime, item: str) -> None:
    with begin(runtime) as work:
        moderation.approve(work, SYSTEM, item)


def _next(runtime: Runtime) -> int:
    with look(runtime) as work:
        return len(work.session.scalars(select(ReviewItem.id)).all()) + 1


def follow(*readers: Any) -> Callable[[Runtime], None]:
    def role(runtime: Runtime) -> None:
        drain([Sequencer(runtime), *(Follower(runtime, reader()) for reader in readers)])

    return role


def do_jobs(runtime: Runtime) -> None:
    runtime.queue.work_off(partial(tasks.run, runtime))


def everything(runtime: Runtime) -> None:
    drain(followers(runtime))
    do_jobs(runtime)


ROLES: dict[str, Callable[[Runtime], None]] = {
    "publish": publish,
    "index": follow(Indexing),
    "match": follow(Matchmaking),
    "notify": follow(Notices),
    "work": do_jobs,
    "everything": everything,
}


def live(settings: Settings, role: str, now: datetime, moment: int) -> int:
    """Do the role; the number of moments there were. Dies at `moment`."""
    passed = 0

    def tick() -> None:
        nonlocal passed
        passed += 1
        if passed == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    runtime = mortal(settings, now, tick)
    ROLES[role](runtime)
    runtime.close()
    return passed


def _answer_once(settings: Settings, role: str, now: str, moment: str) -> NoReturn:
    """In the child: whatever happens, it must not go on as its parent does."""
    failed = 1
    try:
        print("done", live(settings, role, datetime.fromisoformat(now), int(moment)), flush=True)
        failed = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(failed)


def main(folder: str, *urls: str) -> None:
    settings = settings_of(Path(folder), *urls)
    # Read before the fork, once for all children; none of them looks through it for garbage, which would copy it.
    _ = term_list.built_in().languages
    gc.freeze()
    for order in sys.stdin:
        role, now, moment = order.split()
        child = os.fork()
        if child == 0:
            _answer_once(settings, role, now, moment)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print(f"killed {moment}", flush=True)
        elif os.WEXITSTATUS(status):
            print("failed 0", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
