"""What a listing says: the one shape that forms, imports, the feed, the index and the scorer all read.

Content is immutable. A change is a new Content, kept as a new revision. Amounts are integers in the smallest
unit of their currency (the Vietnamese đồng has none smaller), other decimals are strings, so that a record can be
hashed and exchanged without a float in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, Literal, Self

from vocabulary import catalogues

Kind = Literal["offer", "demand", "initiative"]
KINDS: tuple[Kind, ...] = ("offer", "demand", "initiative")

TITLE_LIMIT = 300
SUMMARY_LIMIT = 500
DESCRIPTION_LIMIT = 4_000
ROWS_LIMIT = 40
"""No list in a listing (requirements, rights, standards …) has more rows than this."""

OPERATORS = ("=", ">=", "<=", ">", "<", "range", "text")
"""How a requirement compares. `range` holds «low..high»; `text` is free text."""

PRICE_KINDS = ("indicative", "floor", "firm", "negotiable")


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a listing in one language. Everything but the title may be empty in a draft."""

    title: str = ""
    summary: str = ""
    description: str = ""
    problem: str = ""
    comparison: str = ""
    effect: str = ""
    advantages: str = ""
    partner: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One technical requirement of a demand: «salinity error <= 0.5 ‰, must»."""

    name: str
    operator: str = "text"
    value: str = ""
    unit: str = ""
    must: bool = True


@dataclass(frozen=True, slots=True)
class Right:
    """An intellectual property right. `kind` and `status` are codes of `vocabulary.terms`; `territory` ISO 3166-1."""

    kind: str
    status: str = "none"
    number: str = ""
    territory: str = "VN"


@dataclass(frozen=True, slots=True)
class Price:
    """A price (offer) or a budget (demand), in smallest units of `currency` (ISO 4217). Both ends may be open."""

    minimum: int | None = None
    maximum: int | None = None
    currency: str = "VND"
    kind: str = "indicative"


@dataclass(frozen=True, slots=True)
class Localisation:
    """How much of the technology is made at home: shares in percent 0–100, mastery 0–5."""

    domestic_value: int | None = None
    key_components: int | None = None
    mastery: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers. Never public; shown to signed-in members, and never leaves the home exchange."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a listing says, except its sealed part, which is kept apart and encrypted."""

    kind: Kind
    language: str = "vi"
    texts: Mapping[str, Text] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    trl_min: int | None = None
    """Offer: its level (trl_min == trl_max). Demand: the range asked for. ISO 16290, 1–9."""
    trl_max: int | None = None
    fields: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    strategic: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    transfer_forms: tuple[str, ...] = ()
    price: Price | None = None
    province: str = ""
    territory: tuple[str, ...] = ()
    """Countries (ISO 3166-1) where the technology is offered or wanted; empty means anywhere."""
    standards: tuple[str, ...] = ()
    localisation: Localisation = Localisation()
    needed_by: str = ""
    """ISO date: a demand's deadline, or the day from which an offer can be delivered. Empty: not said."""
    anonymous: bool = False
    open_for_interest: bool = True
    contact: Contact = Contact()
    broker: str = ""

    @property
    def text(self) -> Text:
        """The words in the listing's own language, else in any, else none."""
        return self.text_in(self.language)[1]

    def text_in(self, language: str) -> tuple[str, Text]:
        """The words in `language` and the language they are really in, which differs when it is a fallback."""
        for one in (language, self.language, *self.texts):
            if one in self.texts:
                return one, self.texts[one]
        return self.language, Text()

    @property
    def title(self) -> str:
        return self.text.title

    def revised(self, **changes: Any) -> Self:
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The confidential part: read only by the owner and by parties under an agreement."""

    text: str = ""
    reserve_price: Price | None = None


def as_record(content: Content) -> dict[str, Any]:
    """Plain data: what is stored, hashed and exchanged. What is empty is left out, unless its place needs a value.

    Codes of catalogues go with the edition they are of.
    """
    record = _record(content)
    if editions := catalogues.editions(record):
        record[catalogues.MEMBER] = editions
    return record


def from_record(record: Mapping[str, Any]) -> Content:
    """The inverse of `as_record`. Unknown names are ignored: a newer exchange may say more than we know.

    The record is trusted to have this shape; one from outside is read by `vocabulary.records`.
    """
    values = _known(Content, record)
    values["texts"] = {
        language: Text(**_known(Text, text)) for language, text in values.get("texts", {}).items()
    }
    for name, row in (("requirements", Requirement), ("rights", Right)):
        values[name] = tuple(row(**_known(row, one)) for one in values.get(name, ()))
    for name, part in (("price", Price), ("localisation", Localisation), ("contact", Contact)):
        if values.get(name) is not None:
            values[name] = part(**_known(part, values[name]))
    for name in ("fields", "ipc", "industries", "strategic", "transfer_forms", "territory", "standards"):
        values[name] = catalogues.present(name, values.get(name, ()), record.get(catalogues.MEMBER))
    return Content(**values)


def _record(part: Any) -> dict[str, Any]:
    names, values = _FIELDS[type(part)]
    record = {}
    for (name, needed, unsaid), value in zip(names, values(part), strict=True):
        # Most fields are as nobody has touched them, and these are quickly passed.
        if value is not unsaid and (needed or _says_something(value)):
            value = _plain(value)
            if needed or _says_something(value):
                record[name] = value
    return record


def _plain(value: Any) -> Any:
    if not value or isinstance(value, str | int):
        return value
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        plain = ((name, _plain(one)) for name, one in value.items())
        return {name: one for name, one in plain if _says_something(one)}
    return _record(value)


def _says_something(value: Any) -> bool:
    """Nought and «no» are said; nothing, an empty text and an empty list are not."""
    return bool(value) or value == 0


def _known(shape: type[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    names = _NAMES[shape]
    return {name: value for name, value in record.items() if name in names}


_NAMES: Mapping[type[Any], Mapping[str, bool]] = {
    shape: {one.name: one.default is MISSING and one.default_factory is MISSING for one in fields(shape)}
    for shape in (Content, Text, Requirement, Right, Price, Localisation, Contact)
}
"""The parts of a listing: their fields, and whether each needs a value."""

_SAID = object()
"""Stands where a default says something, as «no» does, or where there is none: no value is this."""


def _unsaid(one: Field[Any]) -> Any:
    """The value of a field that says nothing, as long as nobody touches it."""
    return _SAID if one.default is MISSING or _says_something(_plain(one.default)) else one.default


_Read = Callable[[Any], tuple[Any, ...]]
_FIELDS: dict[type[Any], tuple[list[tuple[str, bool, Any]], _Read]] = {}
"""The same fields, with what each holds while it says nothing, and what reads all their values."""
for _shape in reversed(list(_NAMES)):  # The parts of a listing before the listing.
    _names = _NAMES[_shape]
    _FIELDS[_shape] = (
        [(one.name, _names[one.name], _unsaid(one)) for one in fields(_shape)],
        attrgetter(*_names),
    )
