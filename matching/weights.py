"""What each signal counts for: a version with a name, so that every score can say which one it used."""

from __future__ import annotations

from dataclasses import dataclass

SEPARATOR = "+"
"""Between the version of the rules and the number of the weights that were learned for them: «2026.1+3»."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One version. `values` stand in the order of `matching.model.RULES`; only their ratio counts.

    `version` begins with the MODEL_VERSION of the rules the weights were made for: under other rules they mean nothing.
    """

    version: str
    values: tuple[int, ...]

    @property
    def rules(self) -> str:
        """The MODEL_VERSION these weights belong to."""
        return self.version.partition(SEPARATOR)[0]
