"""What was done on each exchange and what of it was acknowledged: what must therefore be true in the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scripts.chaos.plan import Act
from scripts.chaos.world import Node, Silent


@dataclass
class Listing:
    """One listing of one home. `after` are the states it may be in: one, or more while an answer is missing."""

    home: str
    source: str
    uid: str = ""
    token: str = ""
    """By which it can be found; empty as long as only its file has spoken of it."""
    after: set[str] = field(default_factory=lambda: {"absent"})


@dataclass
class History:
    """Does what is planned, and remembers what was acknowledged. States: absent, live, gone.

    An act without an answer may have happened or not, as for everybody whose connection breaks; it is done again
    until it is answered, as people do.
    """

    acts: Sequence[Act]
    listings: dict[str, Listing] = field(default_factory=dict)
    acknowledged: int = 0
    unanswered: int = 0

    def __post_init__(self) -> None:
        self._left: dict[str, deque[Act]] = {}
        for act in self.acts:
            self._left.setdefault(act.home, deque()).append(act)

    def loaded(self, home: str, brought: Mapping[str, str]) -> None:
        """What a file has brought: source -> uid."""
        self.listings |= {
            source: Listing(home, source, uid, after={"live"}) for source, uid in brought.items()
        }

    @property
    def left(self) -> int:
        return sum(map(len, self._left.values()))

    @property
    def withdrawn(self) -> int:
        return sum("gone" in one.after for one in self.listings.values())

    def act(self, node: Node, elapsed: float) -> bool:
        """The next thing somebody does there; False when nothing is due."""
        mine = self._left.get(node.name)
        if not mine or mine[0].at > elapsed:
            return False
        try:
            self._do(node, mine[0])
        except Silent:
            self.unanswered += 1
        else:
            mine.popleft()
            self.acknowledged += 1
        return True

    def _do(self, node: Node, act: Act) -> None:
        one = self.listings.setdefault(act.source, Listing(act.home, act.source))
        becomes = "gone" if act.what == "withdraw" else "live"
        one.after = one.after | {becomes}
        if act.what == "withdraw":
            answer = node.ask("withdraw", uid=one.uid)
        else:
            one.token = act.token
            answer = node.ask("revise" if act.loaded else "write", source=act.source, title=act.title)
        if "failed" in answer:
            raise Silent(answer["failed"])
        one.uid, one.after = answer.get("uid", one.uid), {becomes}
