"""The style guide as files, for tests and for the eye: `python -m tests.web.styleguide_page DIRECTORY`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace as Bag
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from marketplace import languages
from marketplace.web.filters import FILTERS
from tests.web.styleguide_sample import NOW, sample

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "marketplace" / "static"

OWN_WORDS = {
    "problem.required": "Nhập tiêu đề: một câu nói rõ cần gì.",
    "problem.too_small": "TRL phải từ 1 đến 9.",
    "signal.requirements": "Đáp ứng yêu cầu",
    "signal.field": "Lĩnh vực, phân loại sáng chế",
    "signal.readiness": "Mức sẵn sàng",
    "signal.price": "Ngân sách",
    "signal.place": "Địa bàn",
    "gate.live": "Còn hiệu lực",
    "gate.licence": "Không vướng li-xăng độc quyền",
}
"""The sample's own problems, signals and gates, so that the guide needs no other room's file."""


@cache
def environment(language: str, static: str = str(STATIC)) -> Environment:
    """Templates as the application sees them, without the application; strict about every name. Compiled once."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.globals.update(_context(language, static))
    return env


def _context(language: str, static: str) -> dict[str, Any]:
    speaks = languages.catalogue(language, strict=True)

    def gettext(key: str, /, **params: object) -> str:
        return OWN_WORDS[key] if key in OWN_WORDS else speaks.gettext(key, **params)

    return {
        "_": gettext,
        "n_": speaks.ngettext,
        "csrf_token": lambda: "token",
        "seconds_left": lambda: 1800,
        "url_for": lambda endpoint, filename: f"{static}/{filename}",
        "language": language,
        "now": NOW,
        "direction": languages.direction(language),
        "languages": [(code, languages.own_name(code), f"{code}.html") for code in languages.LANGUAGES],
        "exchange": "Sàn giao dịch công nghệ Giao",
        "viewer": Bag(name="Nguyễn Thị Ổn"),
        "unread": 3,
        "places": _Places(),
        "notes": (),
    }


class _Places(dict[str, str]):
    """Every place can be entered."""

    def __missing__(self, name: str) -> str:
        return f"#{name}"


def render(language: str, static: str = str(STATIC), ticked: Sequence[str] = ()) -> str:
    """The whole guide; `ticked` are transfer forms chosen in the filters, and lower the number of results."""
    return environment(language, static).get_template("styleguide.html").render(sample=sample(ticked))


if __name__ == "__main__":
    for code in languages.LANGUAGES:
        Path(sys.argv[1], f"{code}.html").write_text(render(code), encoding="utf-8")
