"""What people did on each exchange, what of it was acknowledged, and what must therefore be true in the end."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from scripts.chaos.world import Node, Silent

LETTERS = "bcdghklmnpqrstvx"


@dataclass
class Listing:
    """One listing of one home. `after` are the states it may be in: one, or more while an answer is missing."""

    home: str
    source: str
    token: str
    uid: str = ""
    revision: int = 0
    after: set[str] = field(default_factory=lambda: {"absent"})


@dataclass
class History:
    """Writes at random and remembers what was acknowledged. States: absent, live, gone."""

    seed: int
    chance: random.Random
    listings: list[Listing] = field(default_factory=list)
    acknowledged: int = 0
    unanswered: int = 0

    @property
    def withdrawn(self) -> int:
        return sum("gone" in one.after for one in self.listings)

    def act(self, node: Node) -> None:
        """One thing somebody does there."""
        mine = [one for one in self.listings if one.home == node.name and one.uid and len(one.after) == 1]
        live = [one for one in mine if one.after == {"live"}]
        what = self.chance.choices(("create", "revise", "withdraw"), (5, 4, 2))[0]
        try:
            if what == "create" or not live:
                self._write(node, self._new(node))
            elif what == "revise":
                self._write(node, self.chance.choice(live))
            else:
                self._withdraw(node, self.chance.choice(live))
            self.acknowledged += 1
        except Silent:
            self.unanswered += 1

    def _new(self, node: Node) -> Listing:
        # A word that no other listing has and no typing error makes of another one's.
        token = "".join(self.chance.choices(LETTERS, k=12))
        made = Listing(node.name, f"{node.name}-{len(self.listings)}", token)
        self.listings.append(made)
        return made

    def _write(self, node: Node, one: Listing) -> None:
        one.after = one.after | {"live"}
        one.revision += 1
        answer = node.ask("write", source=one.source, title=f"Thiết bị {one.token} lần {one.revision}")
        if "failed" in answer:
            raise Silent(answer["failed"])
        one.uid, one.after = answer["uid"], {"live"}

    def _withdraw(self, node: Node, one: Listing) -> None:
        one.after = one.after | {"gone"}
        answer = node.ask("withdraw", uid=one.uid)
        if "failed" in answer:
            raise Silent(answer["failed"])
        one.after = {"gone"}


@dataclass
class Verdict:
    """What fell short, by name; all empty when all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    undead: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.undead or self.unequal)

    def __str__(self) -> str:
        said = f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.undead)} undead"
        return said + (f", {len(self.unequal)} exchanges unequal" if self.unequal else "")


def judge(history: History, locals_: list[Node], national: Node) -> Verdict:
    """Compare what was acknowledged with what both sides say now, and with what people find nationally."""
    verdict = Verdict()
    for node in locals_:
        here = node.ask("records", origin=node.name)["records"]
        there = national.ask("records", origin=node.name)["records"]
        mine, theirs = (
            side.ask("digest", side=role, origin=node.name)
            for side, role in ((node, "local"), (national, "national"))
        )
        if {key: mine[key] for key in ("count", "digest")} != {
            key: theirs[key] for key in ("count", "digest")
        }:
            verdict.unequal.append(node.name)
        for one in history.listings:
            if one.home == node.name:
                judge_one(verdict, one, here, there, national)
        # Nothing is there that its home does not have, in just this revision.
        verdict.doubled += [uid for uid in there if uid not in here]
        verdict.lost += [
            f"{uid} is another there" for uid, said in here.items() if there.get(uid) not in (None, said)
        ]
    return verdict


def judge_one(
    verdict: Verdict,
    one: Listing,
    here: dict[str, list[object]],
    there: dict[str, list[object]],
    national: Node,
) -> None:
    name = f"{one.source} {one.token}"
    found = national.ask("find", text=one.token)["uids"]
    if not one.uid:
        # The answer to its posting is missing: it may be there, then once.
        verdict.doubled += [name] * (len(found) > 1)
        return
    if one.uid not in here:
        verdict.lost.append(f"{name}: its home has lost it")
        return
    state = "live" if here[one.uid][0] == "upsert" else "gone"
    if state not in one.after:
        verdict.lost.append(f"{name}: {state} at home, should be {sorted(one.after)}")
    times = found.count(one.uid)
    if state == "live" and (one.uid not in there or times == 0):
        verdict.lost.append(f"{name}: not to be found nationally")
    if times > 1:
        verdict.doubled.append(name)
    if state == "gone" and (times or there.get(one.uid, ["delete"])[0] == "upsert"):
        verdict.undead.append(name)
