"""What an outcome is worth as evidence: a fold over the entries of the ledger, the same for whoever counts again.

- A: attested by both sides, by the broker if there is one, and with the hash of the contract;
- B: attested by both sides;
- C: one side, with the broker or a document;
- D: a single claim.

Only A and B count in public figures, and only while nobody disputes them. An attestation is of one claim: whoever
claims something else needs new ones. The same side twice is once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Grade = Literal["A", "B", "C", "D"]
PROVEN: frozenset[Grade] = frozenset({"A", "B"})
SIDES = frozenset({"demand", "offer"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the fold reads it. `claim` is the number of the claim it speaks of (its own, for a claim)."""

    n: int
    kind: Literal["claim", "attest", "dispute", "settle"]
    side: str
    claim: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The newest claim, who stands behind it, and its grade. `disputed` names the sides that dispute it."""

    claim: Entry
    attested: frozenset[str]
    disputed: frozenset[str]
    grade: Grade

    @property
    def counts(self) -> bool:
        """Whether public figures may count it."""
        return self.grade in PROVEN and not self.disputed


def outcome(entries: Sequence[Entry], *, brokered: bool) -> Outcome | None:
    """What these entries of one case, in their order, amount to; None when nothing was claimed."""
    claim = next((one for one in reversed(entries) if one.kind == "claim"), None)
    if claim is None:
        return None
    attested, disputed = {claim.side}, set[str]()
    for entry in entries:
        if entry.claim != claim.n:
            continue
        if entry.kind == "attest":
            attested.add(entry.side)
            disputed.discard(entry.side)
        elif entry.kind == "dispute":
            disputed.add(entry.side)
            attested.discard(entry.side)
        elif entry.kind == "settle":
            disputed.discard(entry.side)
    return Outcome(claim, frozenset(attested), frozenset(disputed), _grade(claim, attested, brokered))


def _grade(claim: Entry, attested: set[str], brokered: bool) -> Grade:
    documented = bool(claim.body.get("contract_hash"))
    if attested >= SIDES:
        whole = documented and (not brokered or "broker" in attested)
        return "A" if whole else "B"
    if attested & SIDES and ("broker" in attested or documented):
        return "C"
    return "D"
