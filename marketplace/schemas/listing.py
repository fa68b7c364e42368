"""A listing as it is typed, flat, one name a field: shared by the web form and by imported files.

`read` gives back everything that could be read together with everything that could not, so that a form keeps what
was typed and a file's report names each cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, cast

from marshmallow import EXCLUDE, Schema, ValidationError

from marketplace.schemas import rows
from marketplace.schemas.values import HOME, Amount, Flag, Raw, Rows, Typed, Value, Values, problems_of, whole
from vocabulary import checks, industries, money, patents, regions
from vocabulary.days import read_date
from vocabulary.fields import FORD
from vocabulary.listing import Contact, Content, Kind, Localisation, Price, Sealed, Text
from vocabulary.problems import Problem
from vocabulary.regions import PROVINCES
from vocabulary.stages import read_trl
from vocabulary.strategic import STRATEGIC
from vocabulary.terms import TRANSFER_FORMS
from vocabulary.text import clean

DEFAULT_LANGUAGE: Final = "vi"
LANGUAGES: Final = ("vi", "en")
"""Languages a second version of the texts may be given in, as `title_en`."""
TEXTS: Final = tuple(item.name for item in fields(Text))
SEALED_LIMIT: Final = 20_000
"""Characters of the confidential text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and every problem, warnings included. `path` of a problem is the name of the form's field."""

    content: Content
    sealed: Sealed
    problems: tuple[Problem, ...]

    @property
    def wrong(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.warning)


def read(raw: Raw, *, kind: str, publishing: bool = False) -> Reading:
    """Read a form or a row of a file. `publishing` asks also for what only a listing to be published needs."""
    try:
        values, problems = dict(_SCHEMA.load(raw)), []
    except ValidationError as error:
        values, problems = dict(_SCHEMA.load({}) | error.valid_data), problems_of(error)
    content = _content(raw, values, kind, problems)
    sealed = _sealed(values, problems)
    unread = {problem.path for problem in problems}
    for problem in checks.problems(content, publishing=publishing):
        named = as_typed(problem, content)
        # What could not be read is missing from the content; to say so too would only confuse.
        if named.path not in unread:
            problems.append(named)
    return Reading(content, sealed, tuple(problems))


def as_typed(problem: Problem, content: Content) -> Problem:
    """The same problem, at the name its field has in the form: `texts.vi.title` is `title`."""
    name = _typed_name(problem.path, content)
    return problem if name == problem.path else replace(problem, path=name)


def _typed_name(path: str, content: Content) -> str:
    first, *rest = path.split(".")
    if first == "texts" and len(rest) == 2:
        language, name = rest
        return name if language == content.language or not content.texts else f"{name}_{language}"
    if first in ("requirements", "rights"):
        return path
    return NAMES.get(path, first)


NAMES: Final[Mapping[str, str]] = {
    "price.minimum": "price_min",
    "price.maximum": "price_max",
    "price.kind": "price_kind",
    "price.currency": "currency",
    "contact.name": "contact_name",
    "contact.email": "contact_email",
    "contact.phone": "contact_phone",
    "localisation.domestic_value": "domestic_value",
    "localisation.key_components": "key_components",
    "localisation.mastery": "mastery",
}
"""Path in the content -> name in the form, where they differ."""


class ListingSchema(Schema):
    """The names of the flat form, but for the texts, whose names hold a language."""

    class Meta:
        unknown = EXCLUDE

    language = Value(str.lower)
    requirements = Rows(rows.requirement)
    rights = Rows(rows.right, cell="kind")
    trl = Value(read_trl, empty=None)
    trl_min = Value(read_trl, empty=None)
    trl_max = Value(read_trl, empty=None)
    research_fields = Values(FORD.read, name="fields")
    ipc = Values(patents.normalise)
    industries = Values(industries.read)
    strategic = Values(STRATEGIC.read)
    transfer_forms = Values(TRANSFER_FORMS.read)
    price = Amount(money.read_range)
    price_min = Amount(money.read)
    price_max = Amount(money.read)
    price_kind = Value()
    province = Value(regions.read, empty=None)
    territory = Values(str.upper)
    standards = Values()
    domestic_value = Value(whole, empty=None)
    key_components = Value(whole, empty=None)
    mastery = Value(whole, empty=None)
    needed_by = Value(lambda text: read_date(text).isoformat())
    anonymous = Flag(empty=False)
    open_for_interest = Flag(empty=True)
    contact_name = Value()
    contact_email = Value()
    contact_phone = Value()
    broker = Value()
    sealed_text = Value()
    reserve_price = Amount(money.read)


_SCHEMA = ListingSchema()


def _content(raw: Raw, values: dict[str, Any], kind: str, problems: list[Problem]) -> Content:
    language = values["language"] or DEFAULT_LANGUAGE
    low, high = _levels(values, kind)
    plain = ("requirements", "rights", "ipc", "industries", "strategic", "transfer_forms", "territory", "standards",
             "needed_by", "anonymous", "open_for_interest", "broker")  # fmt: skip
    return Content(
        kind=cast(Kind, kind),
        language=language,
        texts=_texts(raw, language),
        trl_min=low,
        trl_max=high,
        fields=values["research_fields"],
        price=_price(values, problems),
        province=_province(values["province"], problems),
        contact=Contact(*(values[f"contact_{name}"] for name in ("name", "email", "phone"))),
        localisation=Localisation(values["domestic_value"], values["key_components"], values["mastery"]),
        **{name: values[name] for name in plain},
    )


def _texts(raw: Raw, language: str) -> dict[str, Text]:
    """The texts in the listing's language, and in every other one that a name ends with."""
    own = {name: clean(str(raw.get(name) or "")) for name in TEXTS}
    texts = {language: Text(**own)} if any(own.values()) else {}
    for second in LANGUAGES:
        given = {name: clean(str(raw.get(f"{name}_{second}") or "")) for name in TEXTS}
        if second != language and any(given.values()):
            texts[second] = Text(**given)
    return texts


def _levels(values: Mapping[str, Any], kind: str) -> tuple[int | None, int | None]:
    """The range asked for by a demand. An offer has one level; of a range only the lower end is certain."""
    low = values["trl_min"] or values["trl"]
    high = values["trl_max"] or values["trl"]
    ends = (low[0] if low else None, high[1] if high else None)
    if kind == "demand":
        return ends
    level = ends[0] or ends[1]
    return level, level


def _price(values: Mapping[str, Any], problems: list[Problem]) -> Price | None:
    given = [values[name] for name in ("price_min", "price_max")]
    if not any(given) and values["price"] is not None:
        given = [Typed(end) for end in values["price"].money]
    typed = [one.money if one is not None else None for one in given]
    kind = values["price_kind"] or ("indicative" if any(typed) else "negotiable")
    if not any(given) and not values["price_kind"]:
        return None
    currencies = {money.currency for money in typed if money is not None}
    if len(currencies) > 1:
        problems.append(Problem("price_max", "currency.mixed", {"value": ", ".join(sorted(currencies))}))
        return None
    low, high = (money.amount if money is not None else None for money in typed)
    return Price(low, high, next(iter(currencies), HOME), kind)


def _province(reading: regions.Reading | None, problems: list[Problem]) -> str:
    if reading is None:
        return ""
    if reading.mapped_from:
        names = {"old": reading.mapped_from, "new": PROVINCES.label(reading.code, "vi")}
        problems.append(Problem("province", "region.mapped", names, warning=True))
    return reading.code


def _sealed(values: Mapping[str, Any], problems: list[Problem]) -> Sealed:
    text, reserve = values["sealed_text"], values["reserve_price"]
    if len(text) > SEALED_LIMIT:
        said = {"limit": str(SEALED_LIMIT), "length": str(len(text))}
        problems.append(Problem("sealed_text", "text.too_long", said))
    if reserve is None or reserve.money is None:
        return Sealed(text)
    return Sealed(text, Price(reserve.money.amount, None, reserve.money.currency, "floor"))
