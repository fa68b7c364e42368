"""What the pages, mails and messages say, in every language the exchange speaks.

Messages stand in `languages/<code>/<room>.po`. Their ids are keys (`search.title`), never sentences, so
that the Vietnamese text, which is the original, can be mended without touching the code. All rooms of a
language are read once and merged. Nothing here knows Flask: workers and mails use the same catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any, Literal

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

DIRECTORY = Path(__file__).resolve().parent.parent / "languages"

LANGUAGES = ("vi", "en")
"""The languages that are complete, the default first. A message missing in one is taken from the first."""

DEFAULT = LANGUAGES[0]

OWN_NAMES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English", "ar": "العربية"}
"""Each language by its own name, which is never translated."""

PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")
"""`%(name)s`; `%%` is read as a percent sign, and so is a lone one, since people write «40 %»."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class UnknownMessageError(LookupError):
    """A key that no language file holds, or a placeholder that got no value. Raised in strict mode only."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All messages of one language.

    `messages` maps a key to its plural forms; a message without a plural has one. `plural` picks the form
    for a count, as the Plural-Forms header of the file says. A strict catalogue raises `UnknownMessageError`
    where a lenient one shows the key itself or the unfilled message: a page with one odd word is better than
    no page, except in a test.
    """

    language: str
    messages: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]
    fallback: Catalogue | None = None
    strict: bool = False

    def gettext(self, key: str, /, **params: object) -> str:
        """The message `key` with its %(name)s filled.

        A `Markup` parameter makes the answer `Markup`, with everything else in it escaped; so a sentence may
        hold a link or a `<bdi>` and still be one sentence to its translator.
        """
        return self._fill(key, self._forms(key)[0], params)

    def ngettext(self, key: str, n: int, /, **params: object) -> str:
        """The form of `key` for `n` things. `%(n)s` is `n`, grouped as the language groups, unless given."""
        speaker, forms = self._speaker(key)
        form = forms[min(speaker.plural(n), len(forms) - 1)]
        if "n" not in params and "%(n)" in form:
            params["n"] = format_decimal(n, locale=speaker.language)
        return self._fill(key, form, params)

    def has(self, key: str) -> bool:
        return key in self.messages or (self.fallback is not None and self.fallback.has(key))

    def _forms(self, key: str) -> tuple[str, ...]:
        return self._speaker(key)[1]

    def _speaker(self, key: str) -> tuple[Catalogue, tuple[str, ...]]:
        """The catalogue that really speaks, since a fallback brings its own plural rule, and what it says."""
        if key in self.messages:
            return self, self.messages[key]
        if self.fallback is not None:
            return self.fallback._speaker(key)
        if self.strict:
            raise UnknownMessageError(key)
        return self, (key,)

    def _fill(self, key: str, form: str, params: Mapping[str, object]) -> str:
        if "%" not in form:
            return form
        marked_up = any(hasattr(value, "__html__") for value in params.values())
        shown: Callable[[object], str] = escape if marked_up else str
        missing = {name for name in PLACEHOLDER.findall(form) if name and name not in params}
        if missing and self.strict:
            raise UnknownMessageError(f"{key}: nothing was given for {sorted(missing)}")

        def value(found: re.Match[str]) -> str:
            return shown(params.get(found[1], found[0])) if found[1] else "%"

        filled = PLACEHOLDER.sub(value, shown(form))
        return Markup(filled) if marked_up else filled  # noqa: S704 - form and values were escaped above.


@cache
def catalogue(language: str, *, strict: bool = False) -> Catalogue:
    """The messages of `language`, read once per process; an unknown language gets the default's."""
    if language not in LANGUAGES:
        language = DEFAULT
    fallback = None if language == DEFAULT else catalogue(DEFAULT, strict=strict)
    return read_catalogue(language, DIRECTORY / language, fallback=fallback, strict=strict)


def read_catalogue(
    language: str, directory: Path, *, fallback: Catalogue | None = None, strict: bool = False
) -> Catalogue:
    """All `*.po` files of one directory as one catalogue. An untranslated message counts as missing."""
    merged = _Merged()
    for path in sorted(directory.glob("*.po")):
        with path.open("rb") as file:
            merged.add(read_po(file, locale=language, charset="utf-8", abort_invalid=True))
    return Catalogue(language, merged.messages, merged.plural, fallback, strict)


@dataclass(slots=True)
class _Merged:
    messages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = lambda n: 0

    def add(self, room: Catalog) -> None:
        self.plural = c2py(room.plural_expr)
        self.messages.update(_translated(room))


def _translated(room: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    for message in room:
        key, forms = _key(message), _texts(message.string)
        if key and any(forms):
            yield key, forms


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _texts(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def own_name(language: str) -> str:
    """The language by its own name; its code when we do not know it."""
    return OWN_NAMES.get(language, language)


def direction(language: str) -> Literal["ltr", "rtl"]:
    """The `dir` of a page in `language`."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
