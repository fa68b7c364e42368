"""What a repository says of itself (OAI-PMH 2.0, Identify), as far as it bears on how its list can be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from exchange.markup import read_xml
from exchange.oai_pages import OAI
from exchange.problems import Refused

MOST_BYTES = 1024 * 1024
"""Of the answer: descriptions may follow what is read here."""
FORMS = {"YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DDThh:mm:ssZ": "%Y-%m-%dT%H:%M:%SZ"}
"""Granularities there are -> how a datestamp of each is written."""
DELETIONS = ("no", "transient", "persistent")
TELLING = ("transient", "persistent")
"""Both name what is deleted for some days at least, so that a daily pass hears of it; what one has forgotten to say is
seen in the next whole list. Where nothing is said, only whole lists show what is gone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`granularity` is one of `FORMS`, `deletions` one of `DELETIONS`; empty what was not said."""

    granularity: str = ""
    deletions: str = ""

    @property
    def tells_deletions(self) -> bool:
        return bool(self.granularity) and self.deletions in TELLING


def question(url: str) -> str:
    return f"{url}?{urlencode({'verb': 'Identify'})}"


def read_identity(raw: bytes) -> Identity:
    """Raises `Refused` when this is no answer to Identify."""
    said = read_xml(raw, most=MOST_BYTES).child(f"{OAI} Identify")
    if said is None:
        raise Refused("malformed", "the source does not say what it is")
    granularity, deletions = said.text_of(f"{OAI} granularity"), said.text_of(f"{OAI} deletedRecord")
    return Identity(granularity if granularity in FORMS else "", deletions if deletions in DELETIONS else "")


def written(moment: datetime, granularity: str) -> str:
    """A moment in UTC as a datestamp of the granularity. Raises `KeyError` for one there is not."""
    return moment.strftime(FORMS[granularity])
