"""The rules of the look that a machine can watch: directions, contrast, size, no stray words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.web.styleguide_page import ROOT, render

STYLE = (ROOT / "marketplace" / "static" / "style.css").read_text(encoding="utf-8")
SCRIPT = (ROOT / "marketplace" / "static" / "giao.js").read_text(encoding="utf-8")
# Mails carry their own inline style and no page's frame; they have their own tests.
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "email" not in path.parts]


def test_the_stylesheet_is_small_and_asks_nobody() -> None:
    assert len(STYLE.encode()) <= 26 * 1024
    assert not re.search(r"url\(|@import|https?:", STYLE)


def test_the_stylesheet_knows_no_left_and_right() -> None:
    physical = re.compile(
        r"(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right)|text-align:\s*(left|right)"
        r"|float:\s*(left|right)|[{;\s](left|right):|border-(top|bottom)-(left|right)-radius"
    )
    assert [found.group() for found in physical.finditer(STYLE)] == []


def test_vietnamese_is_neither_clipped_nor_stretched_and_focus_is_never_hidden() -> None:
    assert not re.search(
        r"outline:\s*(none|0)|letter-spacing|uppercase|small-caps|line-clamp|ellipsis", STYLE
    )
    for height in re.findall(r"line-height:\s*([\d.]+)", STYLE):
        assert float(height) >= 1.35


def test_the_script_is_short_and_runs_no_text() -> None:
    assert len(SCRIPT.splitlines()) < 150
    assert not re.search(r"innerHTML|\beval\b|document\.write|https?:|\.style\b", SCRIPT)


# Contrast, by WCAG 2.2: relative luminance and (L1 + 0.05) / (L2 + 0.05).

TEXT_PAIRS = [
    *((tone, ground) for tone in ("ink", "muted", "offer", "bad") for ground in ("paper", "card")),
    *((tone, f"{tone}-tint") for tone in ("offer", "demand", "match", "ok", "warn", "bad")),
    *(("ink", f"{tone}-tint") for tone in ("match", "ok", "warn", "bad")),
    *(("white", ground) for ground in ("masthead", "masthead-raised", "masthead-panel")),
    *(("on-fill", side) for side in ("offer", "demand")),
    ("demand", "card"),
    ("match", "card"),
    ("ink", "highlight"),
    ("paper", "ink"),
    ("on-call", "call"),
    ("masthead-muted", "masthead-panel"),
]
EDGE_PAIRS = [
    *((edge, ground) for edge in ("line-strong", "focus") for ground in ("paper", "card")),
    ("masthead-focus", "masthead"),
    ("offer", "line"),
    ("match", "line"),
]


def tokens(scheme: str) -> dict[str, str]:
    found = {"white": "#ffffff"}
    for name, light, dark, same in re.findall(
        r"--([\w-]+):\s*(?:light-dark\((#\w+),\s*(#\w+)\)|(#\w+));", STYLE
    ):
        found.setdefault(name, same or (light if scheme == "light" else dark))
    return found


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pair", "least"), [(p, 4.5) for p in TEXT_PAIRS] + [(p, 3.0) for p in EDGE_PAIRS])
def test_contrast_is_enough(scheme: str, pair: tuple[str, str], least: float) -> None:
    colours = tokens(scheme)

    assert contrast(colours[pair[0]], colours[pair[1]]) >= least


# Templates.


class Words(HTMLParser):
    """Collects words that stand in a template instead of a language file, and what the policy forbids."""

    SPOKEN = ("title", "alt", "placeholder", "aria-label", "content")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]", data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        forbidden = [name for name in said if name == "style" or name.startswith("on")]
        self.found += [f"{tag} {name}=" for name in forbidden]
        if tag == "script" and "src" not in said:
            self.found.append("inline script")
        for name in self.SPOKEN:
            if tag != "meta" and re.search(r"[^\W\d_]", said.get(name) or ""):
                self.found.append(f"{name}={said[name]!r}")


def html_of(template: str) -> str:
    """The template without its Jinja; an expression that names a tag becomes a tag."""
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template, flags=re.DOTALL)
    bare = re.sub(r"(</?)\{\{.*?\}\}", r"\1x", bare, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "0", bare, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_no_words_and_nothing_inline(path: Path) -> None:
    reader = Words()
    reader.feed(html_of(path.read_text(encoding="utf-8")))
    reader.close()

    assert reader.found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_uses_only_the_parts_of_the_design(path: Path) -> None:
    drawn = set(re.findall(r"\.([a-z][\w-]*)", STYLE))
    bare = re.sub(r"\{[{%#].*?[}%#]\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert set(" ".join(re.findall(r'class="([^"]*)"', bare)).split()) <= drawn


def test_the_lint_would_see_a_stray_word() -> None:
    reader = Words()
    reader.feed(html_of('<p style="x" title="Mới">{{ a }} Xin chào</p><img alt="{{ b }}">'))

    assert reader.found == ["p style=", "title='Mới'", "0 Xin chào"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_part_renders_and_escapes(language: str) -> None:
    page = render(language)

    assert f'<html lang="{language}" dir="ltr">' in page
    assert "<mark>" in page
    assert " style=" not in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(ids)
    assert set(" ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)).split()) <= set(ids)
