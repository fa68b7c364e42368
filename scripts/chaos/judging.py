"""The verdict on a run: every acknowledged write is looked for on both sides, and where people search."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scripts.chaos.history import History, Listing
from scripts.chaos.world import Node

Records = Mapping[str, Sequence[object]]
"""Id -> operation, revision, hash."""


@dataclass
class Verdict:
    """What fell short, by name; all empty when all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    undead: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    """Exchanges on which `giao sync verify` found something wrong."""

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.undead or self.unequal or self.unproven)

    def __str__(self) -> str:
        said = f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.undead)} undead"
        said += f", {len(self.unequal)} exchanges unequal" if self.unequal else ""
        return said + (f", {len(self.unproven)} exchanges not proven" if self.unproven else "")


def judge(history: History, locals_: Sequence[Node], national: Node) -> Verdict:
    """Compare what was acknowledged with what both sides say now, and with what people find nationally."""
    verdict = Verdict()
    shown = Counter(national.ask("browse")["uids"])
    for node in locals_:
        here: Records = node.ask("records", origin=node.name)["records"]
        there: Records = national.ask("records", origin=node.name)["records"]
        if _root(node, "local", node.name) != _root(national, "national", node.name):
            verdict.unequal.append(node.name)
        for one in history.listings.values():
            if one.home == node.name:
                judge_one(verdict, one, here, there, national)
        judge_shown(verdict, here, shown)
        # Nothing is there that its home does not have, in just this revision.
        verdict.doubled += [uid for uid in there if uid not in here]
        verdict.lost += [
            f"{uid} is another there" for uid, said in here.items() if there.get(uid) not in (None, said)
        ]
    verdict.unproven += [node.name for node in (*locals_, national) if not verified(node)]
    return verdict


def _root(node: Node, side: str, origin: str) -> tuple[int, str]:
    found = node.ask("digest", side=side, origin=origin)
    return found["count"], found["digest"]


def judge_shown(verdict: Verdict, here: Records, shown: Mapping[str, int]) -> None:
    """Turning all pages of the national search shows each live listing once and no withdrawn one."""
    for uid, (op, *_) in here.items():
        times = shown.get(uid, 0)
        if op == "upsert" and times == 0:
            verdict.lost.append(f"{uid}: on no page of the national search")
        if times > 1:
            verdict.doubled.append(f"{uid}: {times} times in the national search")
        if op != "upsert" and times:
            verdict.undead.append(f"{uid}: still in the national search")


def judge_one(verdict: Verdict, one: Listing, here: Records, there: Records, national: Node) -> None:
    name = f"{one.source} {one.token}".strip()
    found = national.ask("find", text=one.token)["uids"] if one.token else [one.uid] * ("live" in one.after)
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


def verified(node: Node) -> bool:
    """Whether `giao sync verify` of this exchange finds all well; what it says is printed."""
    command = (sys.executable, "-m", "marketplace", "sync", "verify")
    done = subprocess.run(command, env=node.environment, capture_output=True, text=True, check=False)
    for line in (done.stdout + done.stderr).splitlines():
        print(f"  {node.name}: {line}")
    return done.returncode == 0


def outcome(locals_: Sequence[Node]) -> str:
    """A digest of what the exchanges hold of their own: file id, status and content of every listing.

    Ids, revisions and times are not in it, so two runs of one seed have the same.
    """
    held = {
        node.name: {source: found[1:] for source, found in sorted(node.ask("listed")["listings"].items())}
        for node in locals_
    }
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
