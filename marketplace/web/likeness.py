"""Why two records may be one technology, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from exchange.duplicates import POINTS
from marketplace import formats
from marketplace.languages import catalogue
from marketplace.web.labels import label


def because(reason: Mapping[str, Any]) -> str:
    """One reason as a sentence: `cluster.reason_<name>` with what both say."""
    name, said = str(reason["name"]), str(reason["mine"])
    if name == "right":
        territory, kind, number = (*said.split(":"), "", "")[:3]
        said = f"{label('right', kind)} {territory.upper()} {number}"
    elif name in ("title", "text"):
        share = int(reason["points"]) / (10 * POINTS["title"]) if name == "title" else float(said) * 100
        said = formats.number(round(share), g.language)
    return catalogue(g.language).gettext(f"cluster.reason_{name}", said=said)
