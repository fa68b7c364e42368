"""Whoever is refused reads why: each code that is raised has its sentence, and what the sentence needs is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("vocabulary", "matching", "search", "exchange", "marketplace")
LANGUAGES = ("vi", "en")
CODE_STANDS = {"Problem": 1, "Unreadable": 0, "UnreadableFile": 0, "_refuse": 0}
"""What a code is handed to, and the place of the code among its arguments."""
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Raised:
    """One place that refuses a value. `given` are the parameters, None where they are not written out there."""

    where: str
    code: str
    given: frozenset[str] | None


@cache
def trees() -> Sequence[tuple[Path, ast.Module]]:
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return [(path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


@cache
def raised() -> Sequence[Raised]:
    return tuple(refusals())


def refusals() -> Iterator[Raised]:
    for path, tree in trees():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and (place := CODE_STANDS.get(name_of(call.func))) is not None:
                for code in ast.walk(call.args[place]) if len(call.args) > place else ():
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield Raised(f"{path}:{call.lineno}", code.value, given(call, place))


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def given(call: ast.Call, place: int) -> frozenset[str] | None:
    params = call.args[place + 1] if len(call.args) > place + 1 else ast.Dict([], [])
    names = [one.arg for one in call.keywords if one.arg != "warning"]
    if name_of(call.func) == "_refuse" or not isinstance(params, ast.Dict) or None in names:
        return None
    return frozenset(
        {str(key.value) for key in params.keys if isinstance(key, ast.Constant)} | {*map(str, names)}
    )


def messages(language: str) -> dict[str, str]:
    found = {}
    for path in (ROOT / "languages" / language).glob("*.po"):
        with path.open("rb") as file:
            found |= {
                str(one.id): str(one.string) for one in read_po(file) if str(one.id).startswith("problem.")
            }
    return found


def test_refusals_are_found_at_all() -> None:
    codes = {one.code for one in raised()}
    assert {"required", "money.ambiguous", "date.impossible", "region.mapped", "file.encoding"} <= codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_sentence(language: str) -> None:
    known = messages(language)
    assert [one for one in raised() if f"problem.{one.code}" not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_given_what_it_names(language: str) -> None:
    known = messages(language)
    short = [
        (one.where, one.code, sorted(missing))
        for one in raised()
        if one.given is not None
        and (missing := {*PLACEHOLDER.findall(known.get(f"problem.{one.code}", ""))} - one.given)
    ]
    assert short == []


def test_no_sentence_is_left_over() -> None:
    # Some codes are looked up in a table, so any text of the source counts as raising one.
    written = {node.value for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert [key for key in messages("vi") if key.removeprefix("problem.") not in written] == []
