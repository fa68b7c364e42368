"""A listing in words, field by field, in the reader's language: for the check page, for versions side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import g

from marketplace import formats
from marketplace.languages import catalogue, own_name
from marketplace.web.labels import label
from vocabulary.listing import Contact, Content, Localisation, Price, Requirement, Right, Sealed

SIGNS = {">=": "≥", "<=": "≤", "=": "=", ">": ">", "<": "<"}
WHOLE = {"contact_email": "contact", "price_min": "price", "trl_min": "trl"}
"""What several controls say together has the name of the whole, and leads to the first of them."""
TEXTS = (
    "title",
    "description",
    "summary",
    "problem",
    "advantages",
    "comparison",
    "effect",
    "evidence",
    "partner",
)
TOGETHER = {"trl_min": "trl", "price_min": "price", "contact_email": "contact"}
"""Control -> what it and its neighbours are called as one value."""


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is the control of the form, `label` and `value` words; the value is empty when nothing is said."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    label: str
    before: str
    after: str


def described(content: Content, sealed: Sealed | None = None) -> list[Field]:
    """Every field that says something, in the order of the form; the sealed part where it is given."""
    pairs = [*_texts(content), *_facts(content), *_people(content), *_confidential(sealed)]
    return [Field(name, field_label(name), value) for name, value in pairs if value]


def differences(
    before: Content, after: Content, sealed: tuple[Sealed, Sealed] | None = None
) -> list[Difference]:
    """The fields that say something else, in the order of the form."""
    old = {field.name: field for field in described(before, sealed[0] if sealed else None)}
    new = {field.name: field for field in described(after, sealed[1] if sealed else None)}
    names = [*new, *(name for name in old if name not in new)]
    return [
        Difference(name, (new.get(name) or old[name]).label, _value(old.get(name)), _value(new.get(name)))
        for name in names
        if _value(old.get(name)) != _value(new.get(name))
    ]


def price_words(price: Price | None) -> str:
    """«Từ 1 tỷ ₫ · Giá chào», or by agreement."""
    if price is None:
        return ""
    words = catalogue(g.language)
    ends = [
        formats.money(end, price.currency, g.language) if end is not None else ""
        for end in (price.minimum, price.maximum)
    ]
    low, high = ends
    if not low and not high:
        return words.gettext("price.by_agreement")
    if low == high:
        said = low
    elif low and high:
        said = words.gettext("price.between", low=low, high=high)
    else:
        said = words.gettext("price.from", low=low) if low else words.gettext("price.to", high=high)
    return f"{said} · {words.gettext(f'price_kind.{price.kind}')}"


def requirement_words(row: Requirement) -> str:
    """«Sai số ≤ 0,5 ‰ (bắt buộc)»."""
    weight = catalogue(g.language).gettext("requirement.must" if row.must else "requirement.should")
    sign = SIGNS.get(row.operator, ":")
    figure = row.value if row.operator == "text" else formats.figure(row.value, g.language)
    value = formats.NO_BREAK_SPACE.join(part for part in (figure, row.unit) if part)
    said = f"{row.name}{'' if sign == ':' else ' '}{sign} {value}" if value else row.name
    return f"{said} ({weight})"


def _value(field: Field | None) -> str:
    return field.value if field is not None else ""


def field_label(name: str) -> str:
    """Of a translation the name of the text and its language; of controls that belong together their common name."""
    words = catalogue(g.language)
    name = TOGETHER.get(name, name)
    name = name.partition(".")[0]
    plain, _, language = name.rpartition("_")
    if plain in TEXTS and len(language) == 2:
        return f"{words.gettext(f'field.{plain}')} ({own_name(language)})"
    return words.gettext(f"field.{WHOLE.get(name, name)}")


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    for language, text in content.texts.items():
        for name in TEXTS:
            own = language == content.language or len(content.texts) == 1
            yield name if own else f"{name}_{language}", getattr(text, name)


def _facts(content: Content) -> Iterator[tuple[str, str]]:
    yield "requirements", "\n".join(map(requirement_words, content.requirements))
    yield "fields", _labels("field", content.fields)
    yield "trl_min", _levels(content.trl_min, content.trl_max)
    yield "price_min", price_words(content.price)
    yield "needed_by", formats.date(content.needed_by, g.language) if content.needed_by else ""
    yield "province", label("province", content.province)
    yield "transfer_forms", _labels("transfer_form", content.transfer_forms)
    yield "rights", "\n".join(map(_right, content.rights))
    yield "industries", _labels("industry", content.industries)
    yield "strategic", _labels("strategic", content.strategic)
    yield "ipc", ", ".join(content.ipc)
    yield "standards", "\n".join(content.standards)
    yield "territory", ", ".join(content.territory)
    yield from _localisation(content.localisation)


def _people(content: Content) -> Iterator[tuple[str, str]]:
    words = catalogue(g.language)
    yield "anonymous", words.gettext("field.is_anonymous" if content.anonymous else "field.is_named")
    yield "open_for_interest", "" if content.open_for_interest else words.gettext("field.is_closed")
    yield "contact_email", _contact(content.contact)
    yield "broker", content.broker


def _confidential(sealed: Sealed | None) -> Iterator[tuple[str, str]]:
    if sealed is not None:
        yield "sealed_text", sealed.text
        yield "reserve_price", price_words(sealed.reserve_price)


def _labels(name: str, codes: Sequence[str]) -> str:
    return "\n".join(label(name, code) for code in codes)


def _levels(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    words = catalogue(g.language)
    if low == high:
        return words.gettext("trl.level", level=low)
    return words.gettext("trl.range", low=low or 1, high=high or 9)


def _right(right: Right) -> str:
    named = label("right", f"{right.kind}:{right.status}")
    return " · ".join(part for part in (named, right.number, right.territory) if part)


def _localisation(made: Localisation) -> Iterator[tuple[str, str]]:
    for name in ("domestic_value", "key_components"):
        share = getattr(made, name)
        yield name, "" if share is None else f"{formats.number(share, g.language)} %"
    yield "mastery", "" if made.mastery is None else f"{made.mastery}/5"


def _contact(contact: Contact) -> str:
    return " · ".join(part for part in (contact.name, contact.email, contact.phone) if part)
