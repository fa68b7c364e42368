"""What the exchange asks of a sentence model, whoever provides it. The one there is takes ONNX from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

Kind = Literal["query", "passage"]


class ModelRefused(Exception):
    """The folder holds no model that can be used. `str()` says in one sentence what is wrong; matching does without."""


class Encoder(Protocol):
    """`version` names the model with all that its vectors rest on."""

    @property
    def version(self) -> str: ...

    @property
    def dimension(self) -> int:
        """Numbers in each of its rows."""

    @property
    def languages(self) -> tuple[str, ...]: ...

    def speaks(self, language: str) -> bool:
        """Whether it may be asked about texts of this language."""

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> Any:
        """One row of whole numbers from -127 to 127 for each text."""
