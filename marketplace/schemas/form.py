"""Between the fields of a web form and the flat names of `schemas.listing`, in both directions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Final

from marketplace.schemas.listing import LANGUAGES, TEXTS
from vocabulary import money
from vocabulary.listing import Content, Price, Sealed, Text
from vocabulary.money import Money
from vocabulary.text import clean

TICKED: Final = frozenset({"fields", "transfer_forms", "industries", "strategic"})
"""Names of which a form may send several values."""
ROWS: Final = ("requirements", "rights")
MOST_ROWS: Final = 60
"""Rows read of a form: more than a listing may have, so that too many are said and not silently cut."""

UNASKED: Final = {"requirements": "requirements", "rights": "rights", "localisation": "mastery"}
"""Part of a listing that some forms do not ask about -> the control by which one knows a form that does."""

_CELL = re.compile(r"(requirements|rights)\.(\d{1,3})\.([a-z]+)\Z")


def raw(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The form's fields as the schema takes them. Rows nobody filled in are left out."""
    typed: dict[str, Any] = {name: [] for name in TICKED}
    cells: dict[str, dict[int, dict[str, str]]] = {name: {} for name in ROWS}
    for name, value in pairs:
        if match := _CELL.match(name):
            cells[match[1]].setdefault(int(match[2]), {})[match[3]] = value
        elif name in TICKED:
            typed[name] += [value] if value else []
        else:
            typed[name] = value
    for name, rows in cells.items():
        typed[name] = [rows[place] for place in sorted(rows) if is_filled(rows[place])][:MOST_ROWS]
    return typed


def is_filled(row: dict[str, str]) -> bool:
    """Whether somebody typed into a row; its selects always say something."""
    return any(clean(row.get(name, "")) for name in ("name", "value", "unit", "kind", "number"))


def typed(content: Content, sealed: Sealed) -> dict[str, Any]:
    """A listing as its form would hold it: the inverse of reading."""
    values: dict[str, Any] = {
        "language": content.language,
        "requirements": [_requirement(row) for row in content.requirements],
        "rights": [
            {"kind": row.kind, "status": row.status, "number": row.number, "territory": row.territory}
            for row in content.rights
        ],
        "anonymous": "1" if content.anonymous else "0",
        "open_for_interest": "1" if content.open_for_interest else "0",
        "province": content.province,
        "needed_by": _day(content.needed_by),
        "broker": content.broker,
        "ipc": "; ".join(content.ipc),
        "territory": "; ".join(content.territory),
        "standards": "\n".join(content.standards),
        **{name: list(getattr(content, name)) for name in TICKED},
        **{name: _number(getattr(content, name)) for name in ("trl_min", "trl_max")},
        **{f"contact_{name}": getattr(content.contact, name) for name in ("name", "email", "phone")},
        **{
            name: _number(getattr(content.localisation, name))
            for name in ("domestic_value", "key_components", "mastery")
        },
    }
    return values | _texts(content) | _price(content.price) | _confidential(sealed)


def keeping(content: Content, before: Content, asked: Collection[str]) -> Content:
    """`content` as a form gave it, with all that the form did not ask about as it was `before`.

    `asked` are the names of its controls. The form of a demand has none for rights, that of an offer none for
    requirements, and no form asks for every text in a second language; an import may have brought them all.
    """
    first = {name.partition(".")[0] for name in asked}
    unasked = {name: getattr(before, name) for name, control in UNASKED.items() if control not in first}
    # Ticked boxes come in the order of the list, which is nobody's change.
    if set(content.transfer_forms) == set(before.transfer_forms):
        unasked["transfer_forms"] = before.transfer_forms
    return content.revised(texts=_kept_texts(content, before, first), **unasked)


def _kept_texts(content: Content, before: Content, asked: Collection[str]) -> dict[str, Text]:
    kept = dict(content.texts)
    for language, old in before.texts.items():
        suffix = "" if language == before.language else f"_{language}"
        unasked = {name: getattr(old, name) for name in TEXTS if f"{name}{suffix}" not in asked}
        emptied = len(unasked) < len(TEXTS) and language not in kept
        # A text whose language was changed has become another text.
        same = (language == content.language) == (language == before.language)
        if any(unasked.values()) and same and not emptied:
            kept[language] = replace(kept.get(language, Text()), **unasked)
    return kept


def _requirement(row: Any) -> dict[str, str]:
    value = row.value.replace("..", " – ") if row.operator == "range" else row.value
    must = "1" if row.must else "0"
    return {"name": row.name, "operator": row.operator, "value": value, "unit": row.unit, "must": must}


def _texts(content: Content) -> dict[str, str]:
    values = {name: getattr(content.texts.get(content.language, Text()), name) for name in TEXTS}
    for second in LANGUAGES:
        if second != content.language and second in content.texts:
            text = content.texts[second]
            values |= {f"{name}_{second}": getattr(text, name) for name in TEXTS}
    return values


def _price(price: Price | None) -> dict[str, str]:
    if price is None:
        return {}
    ends = {"price_min": price.minimum, "price_max": price.maximum}
    typed = {name: amount_text(end, price.currency) for name, end in ends.items() if end is not None}
    return {"currency": price.currency, "price_kind": price.kind, **typed}


def _confidential(sealed: Sealed) -> dict[str, str]:
    price = sealed.reserve_price
    if price is None or price.minimum is None:
        return {"sealed_text": sealed.text}
    # The form has one currency, that of the price; a reserve price in another one says so itself.
    reserve = f"{amount_text(price.minimum, price.currency)} {price.currency}"
    return {"sealed_text": sealed.text, "reserve_price": reserve}


def amount_text(amount: int, currency: str) -> str:
    """An amount as it can be typed: «1.500.000.000», «2500.50»."""
    if money.FRACTION_DIGITS[currency] == 0:
        return f"{amount:,}".replace(",", ".")
    return money.plain(Money(amount, currency))


def _day(iso: str) -> str:
    """A day as the form asks for it: «31/12/2026»."""
    return date.fromisoformat(iso).strftime("%d/%m/%Y") if iso else ""


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
