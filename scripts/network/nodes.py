"""The exchanges of a network on one machine: who they are, where they live, and whose listings they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marketplace.demo.loading import nowhere

FIRST_PORT = 8100


def _north(province: str) -> bool:
    return province < "40"


def _middle(province: str) -> bool:
    return "40" <= province < "70"


def _south(province: str) -> bool:
    return province >= "70"


@dataclass(frozen=True, slots=True)
class Node:
    """`place` is its number, from 0, and so its port; `belongs` says of which provinces it has the demonstration."""

    place: int
    node_id: str
    name: str
    belongs: Callable[[str], bool]
    role: str = "local"

    def folder(self, root: Path) -> Path:
        return root / self.node_id

    def port(self, first: int) -> int:
        return first + self.place

    def url(self, first: int) -> str:
        return f"http://127.0.0.1:{self.port(first)}"

    def settings(self, first: int) -> dict[str, str]:
        """What makes it this exchange."""
        told = {
            "NODE_ID": self.node_id,
            "ROLE": self.role,
            "BASE_URL": self.url(first),
            "EXCHANGE_NAME": self.name,
            "PEER_LOOPBACK": "1",
        }
        return told if self.role == "national" else {**told, "NATIONAL_URL": NATIONAL.url(first)}


NATIONAL = Node(0, "national", "Sàn giao dịch công nghệ quốc gia", nowhere, "national")
LOCALS = (
    Node(1, "ha-noi", "Sàn giao dịch công nghệ Hà Nội", _north),
    Node(2, "da-nang", "Sàn giao dịch công nghệ Đà Nẵng", _middle),
    Node(3, "can-tho", "Sàn giao dịch công nghệ Cần Thơ", _south),
)
"""Province codes go from north to south (Decision 19/2025/QĐ-TTg), so three stretches of them are three regions."""
