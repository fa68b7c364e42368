"""The long tail of a listing, as pairs of a term and its value, and its history as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g

from marketplace import formats
from marketplace.languages import catalogue
from marketplace.services.reasons import Reason
from marketplace.services.timeline import Event
from marketplace.web.labels import label
from vocabulary.listing import Content, Localisation, Right

Row = tuple[str, str, str]
"""Term, value, and the address of a link to change it (none here)."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline."""

    at: datetime
    text: str
    by: str = ""
    tone: str = ""


def details(content: Content) -> list[Row]:
    """What the facts row has no room for; what is not said is left out."""
    words = catalogue(g.language)
    return [(words.gettext(f"listing.detail_{name}"), value, "") for name, value in _values(content) if value]


def history(events: Sequence[Event]) -> list[Told]:
    """Each event as a sentence, with its reason and who it was where the reader is told these."""
    words = catalogue(g.language)
    return [
        Told(event.at, _sentence(words.gettext(f"timeline.{event.what}"), event), event.by)
        for event in events
    ]


def reason_words(reason: Reason) -> str:
    """Ready-made reasons, then the words a moderator wrote."""
    words = catalogue(g.language)
    return " ".join([*(words.gettext(f"reason.{code}") for code in reason.codes), reason.text]).strip()


def _sentence(said: str, event: Event) -> str:
    why = reason_words(Reason.read(str(event.params.get("reason", ""))))
    return f"{said}: {why}" if why else said


def _values(content: Content) -> Iterator[tuple[str, str]]:
    for name, codes in (
        ("field", content.fields), ("industry", content.industries), ("strategic", content.strategic),
        ("transfer_form", content.transfer_forms),
    ):  # fmt: skip
        yield (
            name,
            "\n".join(
                f"{code} · {label(name, code)}" if name == "field" else label(name, code) for code in codes
            ),
        )
    yield "ipc", ", ".join(content.ipc)
    if content.kind == "offer" and content.needed_by:
        yield "available", formats.date(content.needed_by, g.language)
    yield "rights", "\n".join(map(_right, content.rights))
    yield "territory", ", ".join(content.territory)
    yield "standards", "\n".join(content.standards)
    yield "localisation", _localisation(content.localisation)
    yield "broker", content.broker


def _right(right: Right) -> str:
    named = label("right", f"{right.kind}:{right.status}")
    return " · ".join(part for part in (named, right.number, right.territory) if part)


def _localisation(made: Localisation) -> str:
    words = catalogue(g.language)
    said = (
        ("listing.localisation_value", "percent", made.domestic_value),
        ("listing.localisation_parts", "percent", made.key_components),
        ("listing.localisation_mastery", "level", made.mastery),
    )
    parts = [
        words.gettext(key, **{name: formats.number(value, g.language)})
        for key, name, value in said
        if value is not None
    ]
    return formats.listed(parts, g.language) if parts else ""
