"""The form of a listing as it stands on screen: what was typed, what is wrong with it, and the choices it offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template, request

from marketplace import formats
from marketplace.errors import Stale
from marketplace.languages import catalogue
from marketplace.schemas import form as forms
from marketplace.schemas.listing import Reading, read
from marketplace.services import drafts, suggestions
from marketplace.services.drafts import Draft, Fields
from marketplace.web import login
from marketplace.web.choices import Options, choices
from marketplace.web.describing import field_label
from marketplace.web.filling import address
from marketplace.web.kept import HOUSEKEEPING
from marketplace.web.request import actor, begin, look, say
from vocabulary.listing import OPERATORS, Requirement
from vocabulary.problems import Problem
from vocabulary.text import first_words

BUTTONS = ("add_requirement", "remove_requirement", "add_right", "remove_right", "suggest")
"""Buttons that change the form and send nothing anywhere."""

AMOUNTS = ("price_min", "price_max", "reserve_price")
ORDER = (
    "description", "title", "requirements", "advantages", "problem", "effect", "fields", "trl_min", "evidence",
    "price_min", "price_max", "price_kind", "currency", "needed_by", "transfer_forms", "province", "anonymous",
)  # fmt: skip
"""The controls of the six questions from top to bottom; the folded ones come after them."""
TITLE_WORDS, TITLE_CHARACTERS = 12, 120
"""A title is proposed from the first words of the description."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form of a listing. `version` is None for a new one; `restored_at` says that a draft was put back."""

    kind: str
    action: str
    autosave: str
    values: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    version: int | None = None
    uid: str = ""
    restored_at: datetime | None = None
    forget: str = ""
    """Where the draft that was put back can be thrown away."""
    organisations: Options | None = None
    """To be asked for whom, where the person may post for several."""


def sent() -> Fields:
    """The form of this request, field by field."""
    return tuple(pair for pair in request.form.items(multi=True) if pair[0] not in HOUSEKEEPING)


def pressed() -> str:
    """The button that was pressed, when it was one of those that only change the form."""
    return next((name for name in BUTTONS if name in request.form), "")


def after_button(fields: Fields) -> dict[str, Any]:
    """What was typed, a row more or less."""
    for name, rows in (("remove_requirement", "requirements"), ("remove_right", "rights")):
        if name in request.form:
            removed = f"{rows}.{request.form[name]}."
            fields = tuple(pair for pair in fields if not pair[0].startswith(removed))
    values = forms.raw(fields)
    for name, rows in (("add_requirement", "requirements"), ("add_right", "rights")):
        if name in request.form:
            values[rows].append({})
    return values


def blank() -> dict[str, Any]:
    return forms.raw(()) | {"language": g.language}


def restored(draft: Draft) -> dict[str, Any]:
    return forms.raw(draft.fields)


def in_order(reading: Reading) -> tuple[Problem, ...]:
    """The problems as they follow each other down the form.

    A title that is missing together with the description is not asked for: it will come from the description.
    """
    required = {problem.path for problem in reading.wrong if problem.code == "required"}
    untold = "title" if "description" in required else ""
    asked = [one for one in reading.problems if (one.path, one.code) != (untold, "required")]
    return tuple(sorted(asked, key=lambda one: _place(one.path.partition(".")[0])))


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def page(sheet: Sheet, status: int = 200) -> tuple[str, int]:
    """The form as a page."""
    with look() as work:
        text = " ".join(str(sheet.values.get(name) or "") for name in ("title", "description"))
        suggested = suggestions.fields(work, text)
    return render_template(
        "posting/form.html", sheet=sheet, values=sheet.values, problems=sheet.problems, field_label=field_label,
        rows=_rows(sheet.values), echo=_echoes(sheet), choices=choices(sheet.values, suggested), operators=OPERATORS,
    ), status  # fmt: skip


def _rows(values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The rows of the two tables; an empty one stands ready where there is none."""
    requirements = [
        Requirement(
            name=row.get("name", ""),
            operator=row.get("operator", "text"),
            value=row.get("value", ""),
            unit=row.get("unit", ""),
            must=row.get("must", "1") != "0",
        )
        for row in values["requirements"] or [{}]
    ]
    return {"requirements": requirements, "rights": values["rights"] or [{}]}


def _echoes(sheet: Sheet) -> dict[str, str]:
    """Each amount in full under its field, as it was understood; what was not is said above the field already."""
    wrong = {problem.path for problem in sheet.problems}
    currency = str(sheet.values.get("currency") or "")
    return {
        name: "" if name in wrong else money_echo(str(sheet.values.get(name) or ""), currency)
        for name in AMOUNTS
    }


def money_echo(text: str, currency: str = "") -> str:
    """The amount in full, or the sentence that says why it cannot be read; empty for nothing."""
    reading = read({"price_min": text, "currency": currency}, kind="offer")
    words = catalogue(g.language)
    if not text.strip():
        return ""
    if reading.wrong:
        problem = reading.wrong[0]
        return words.gettext(f"problem.{problem.code}", **problem.params)
    price = reading.content.price
    if price is None or price.minimum is None:
        return words.gettext("price.by_agreement")
    return _in_full(price.minimum, price.currency)


def _in_full(amount: int, currency: str) -> str:
    return formats.money(amount, currency, g.language)


# -- keeping what is typed --------------------------------------------------------------------------------------------


def keep(form: str, version: int) -> Draft:
    """Keep what is typed as the holder's draft. Raises `Stale` or `TooMany`."""
    whence = "" if actor().signed_in else address()
    with begin() as work:
        return drafts.save(work, login.holder(), form, sent(), base_version=version, address=whence)


def changed(sheet: Sheet, form: str) -> tuple[str, int]:
    """The form again, a row more or less; what was typed is kept as a draft on the way."""
    # A window that has fallen behind does not overwrite the newer draft; its own text is on the page.
    with suppress(Stale):
        keep(form, sheet.version or 0)
    return page(sheet)


def autosave(form: str, version: int, *, current: int = 0) -> tuple[str, int]:
    """Keep what is typed; the answer is the words that stand beside the form.

    `current` is the version the listing has reached; past that of the form, it is time to say so.
    """
    words = catalogue(g.language)
    try:
        draft = keep(form, version)
    except Stale as stale:
        return words.gettext("posting.other_window"), stale.status
    if current > version:
        return words.gettext("posting.changed_meanwhile"), 200
    return words.gettext("posting.saved", time=formats.moment(draft.saved_at, g.language)), 200


def with_title(values: dict[str, Any]) -> dict[str, Any]:
    """A title from the first words where none was typed; it can be mended on the next page."""
    if not str(values.get("title") or "").strip():
        described = str(values.get("description") or "")
        values["title"] = first_words(described, TITLE_WORDS, TITLE_CHARACTERS)
    return values


def say_warnings(reading: Reading) -> None:
    """What was read otherwise than it was typed, on the next page."""
    for problem in reading.problems:
        say(f"problem.{problem.code}", "warn", **problem.params)
