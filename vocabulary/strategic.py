"""Strategic technologies: the eleven groups of Decision 1131/QĐ-TTg of 12 June 2025.

Decision 21/2026/QĐ-TTg replaces that list; its text was not to hand when this was written, so `CROSS_WALK` is empty
and `CATALOGUE` names the version that listings mean. Products below the groups are not carried for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from vocabulary.codelist import CodeList

CATALOGUE = "1131/QĐ-TTg"
"""The version of the catalogue that the codes below belong to."""

STRATEGIC = CodeList("strategic")

CROSS_WALK: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
"""Newer catalogue -> code here -> codes there. A code that is missing has no successor that is known."""
