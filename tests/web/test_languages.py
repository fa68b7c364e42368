"""Every language says everything, in the same shape, and nothing is asked for that no file holds."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import nodes
from markupsafe import Markup

from marketplace.languages import (
    LANGUAGES,
    Catalogue,
    UnknownMessageError,
    catalogue,
    direction,
    own_name,
    read_catalogue,
)
from tests.web.styleguide_page import ROOT, environment

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
PYTHON = [path for package in ("marketplace",) for path in sorted((ROOT / package).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPEAKING = frozenset({"gettext", "ngettext", "_", "n_", "say"})
PLURALS = {"vi": 1, "en": 2}


def room_files(language: str) -> list[Path]:
    return sorted((ROOT / "languages" / language).glob("*.po"))


def messages(language: str) -> Iterator[tuple[Path, Message]]:
    for path in room_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    yield path, message


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def test_every_room_speaks_every_language() -> None:
    rooms = {language: [path.name for path in room_files(language)] for language in LANGUAGES}

    assert rooms["vi"] == rooms["en"]


def test_both_languages_have_the_same_keys_with_the_same_placeholders() -> None:
    shapes = {
        language: {
            key_of(message): (message.pluralizable, set(PLACEHOLDER.findall("".join(forms_of(message)))))
            for _, message in messages(language)
        }
        for language in LANGUAGES
    }

    assert shapes["vi"] == shapes["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_rooms(language: str) -> None:
    counted = Counter(key_of(message) for _, message in messages(language))

    assert [key for key, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_written_and_every_plural_complete(language: str) -> None:
    wrong = [
        (path.name, key_of(message))
        for path, message in messages(language)
        if not all(form.strip() for form in forms_of(message))
        or (message.pluralizable and len(forms_of(message)) != PLURALS[language])
        or message.fuzzy
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_filled(language: str) -> None:
    spoken = catalogue(language, strict=True)
    for path, message in messages(language):
        params = dict.fromkeys(PLACEHOLDER.findall("".join(forms_of(message))), "x")
        filled = spoken.gettext(key_of(message), **params)
        assert "%(" not in filled, (path.name, key_of(message))


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_composed_and_name_their_language(language: str) -> None:
    for path in room_files(language):
        text = path.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), path
        assert f'"Language: {language}\\n"' in text, path


def asked_in_templates() -> Iterator[tuple[str, nodes.Expr]]:
    env = environment("vi")
    for path in TEMPLATES:
        tree = env.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "n_") and call.args:
                yield path.name, call.args[0]


def wanted(expression: nodes.Expr) -> Iterator[tuple[str, bool]]:
    """The keys (or, with True, the beginnings of keys) that an expression in a template can ask for."""
    if isinstance(expression, nodes.Const):
        yield expression.value, False
    elif isinstance(expression, nodes.CondExpr):
        for branch in (expression.expr1, expression.expr2):
            if branch is not None:
                yield from wanted(branch)
    elif isinstance(expression, nodes.Concat) and isinstance(expression.nodes[0], nodes.Const):
        yield expression.nodes[0].value, True
    elif isinstance(expression, nodes.Filter) and isinstance(expression.node, nodes.Const):
        yield expression.node.value.split("%")[0], True


def asked_in_python() -> Iterator[tuple[str, str, bool]]:
    for path in PYTHON:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and call.args):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            first = call.args[0]
            if name not in SPEAKING:
                continue
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield path.name, first.value, False
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield path.name, str(first.values[0].value), True


def test_everything_asked_for_is_there() -> None:
    known = {key_of(message) for _, message in messages("vi")}
    asked = list(asked_in_python())
    for where, expression in asked_in_templates():
        asked += [(where, key, begins) for key, begins in wanted(expression)]

    missing = {
        (where, key)
        for where, key, begins in asked
        if (not any(one.startswith(key) for one in known) if begins else key not in known)
    }

    assert sorted(missing) == []


# How a catalogue speaks.


def small(
    tmp_path: Path, language: str, body: str, fallback: Catalogue | None = None, strict: bool = True
) -> Catalogue:
    rule = "nplurals=1; plural=0;" if language == "vi" else "nplurals=2; plural=(n != 1);"
    folder = tmp_path / language
    folder.mkdir()
    (folder / "room.po").write_text(
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Plural-Forms: {rule}\\n"\n\n{body}',
        encoding="utf-8",
    )
    return read_catalogue(language, folder, fallback=fallback, strict=strict)


def test_plurals_follow_the_language_and_numbers_are_grouped_its_way(tmp_path: Path) -> None:
    plural = 'msgid "k"\nmsgid_plural "k"\n'
    vi = small(tmp_path, "vi", plural + 'msgstr[0] "%(n)s kết quả"\n')
    en = small(tmp_path, "en", plural + 'msgstr[0] "%(n)s result"\nmsgstr[1] "%(n)s results"\n')

    assert (vi.ngettext("k", 1), vi.ngettext("k", 1284)) == ("1 kết quả", "1.284 kết quả")
    assert (en.ngettext("k", 1), en.ngettext("k", 1284)) == ("1 result", "1,284 results")


def test_a_message_missing_in_english_is_said_in_vietnamese(tmp_path: Path) -> None:
    vi = small(
        tmp_path, "vi", 'msgid "a"\nmsgstr "chào"\n\nmsgid "b"\nmsgid_plural "b"\nmsgstr[0] "%(n)s sàn"\n'
    )
    en = small(tmp_path, "en", 'msgid "a"\nmsgstr ""\n', fallback=vi)

    assert en.gettext("a") == "chào"
    assert en.ngettext("b", 2000) == "2.000 sàn"


def test_an_unknown_key_fails_a_test_but_not_a_page(tmp_path: Path) -> None:
    body = 'msgid "a"\nmsgstr "%(name)s ơi"\n'
    strict = small(tmp_path, "vi", body)
    lenient = Catalogue("vi", strict.messages, strict.plural)

    with pytest.raises(UnknownMessageError, match=r"no\.such"):
        strict.gettext("no.such")
    with pytest.raises(UnknownMessageError, match="name"):
        strict.gettext("a", other="x")
    assert lenient.gettext("no.such") == "no.such"
    assert lenient.gettext("a") == "%(name)s ơi"


def test_a_percent_sign_needs_no_care(tmp_path: Path) -> None:
    spoken = small(tmp_path, "vi", 'msgid "a"\nmsgstr "%(n)s % của 40 %, hay 5%%"\n')

    assert spoken.gettext("a", n="12") == "12 % của 40 %, hay 5%"


def test_markup_in_a_sentence_stays_markup_and_the_rest_is_escaped(tmp_path: Path) -> None:
    spoken = small(tmp_path, "vi", 'msgid "a"\nmsgstr "%(who)s & %(what)s"\n')

    text = spoken.gettext("a", who=Markup("<b>Ổn</b>"), what="<i>")

    assert text == Markup("<b>Ổn</b> &amp; &lt;i&gt;")
    assert spoken.gettext("a", who="<b>", what="x") == "<b> & x"


def test_a_language_we_do_not_speak_is_answered_in_vietnamese() -> None:
    assert catalogue("tlh").language == "vi"


def test_languages_are_named_by_themselves_and_know_their_direction() -> None:
    assert [own_name(code) for code in ("vi", "en", "ar")] == ["Tiếng Việt", "English", "العربية"]
    assert [direction(code) for code in ("vi", "en", "ar")] == ["ltr", "ltr", "rtl"]
