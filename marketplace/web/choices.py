"""What the form of a listing offers to choose from, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import g

from marketplace.languages import OWN_NAMES, catalogue
from marketplace.web.labels import label
from vocabulary.codelist import CodeList
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.listing import PRICE_KINDS
from vocabulary.money import FRACTION_DIGITS
from vocabulary.regions import PROVINCES
from vocabulary.sorting import sort_key
from vocabulary.stages import STAGES, stage
from vocabulary.strategic import STRATEGIC
from vocabulary.terms import RIGHT_KINDS, RIGHT_STATUSES, TRANSFER_FORMS

Options = list[tuple[str, Any]]
"""Value and label; or the label of a group and its options."""


def choices(values: Mapping[str, Any], suggested: Sequence[str]) -> dict[str, Options]:
    """By the name of the list. `values` are those of the form: what is chosen already stays to be chosen."""
    words = catalogue(g.language)
    return {
        "fields": field_options(),
        "suggested": [(code, label("field", code)) for code in _offered(values, suggested)],
        "industries": industry_options(),
        "strategic": _flat(STRATEGIC),
        "chosen_industries": _chosen(values, "industries", VSIC),
        "chosen_strategic": _chosen(values, "strategic", STRATEGIC),
        "transfer_forms": form_options(),
        "right_kinds": _flat(RIGHT_KINDS),
        "right_statuses": _flat(RIGHT_STATUSES),
        "provinces": province_options(),
        "price_kinds": [(kind, words.gettext(f"price_kind.{kind}")) for kind in PRICE_KINDS],
        "currencies": [(code, code) for code in FRACTION_DIGITS],
        "languages": [(code, name) for code, name in OWN_NAMES.items()],
        "stages": _stages(values),
        "levels": [(str(level), _level(level)) for level in range(1, 10)],
    }


def _offered(values: Mapping[str, Any], suggested: Iterable[str]) -> list[str]:
    """What is chosen already, then what the text suggests."""
    chosen = [code for code in values.get("fields") or () if code in FORD]
    return list(dict.fromkeys((*chosen, *suggested)))


def _chosen(values: Mapping[str, Any], name: str, codes: CodeList) -> Options:
    return [(code, codes.label(code, g.language)) for code in values.get(name) or () if code in codes]


def _flat(codes: CodeList) -> Options:
    return [(one.code, codes.label(one.code, g.language)) for one in codes]


def _branches(codes: CodeList) -> Options:
    """Roots as groups of their children."""
    return [
        (
            codes.label(root.code, g.language),
            [(one.code, codes.label(one.code, g.language)) for one in codes.children(root.code)],
        )
        for root in codes.children("")
    ]


def _stages(values: Mapping[str, Any]) -> Options:
    """The lowest stage a demand accepts, each by its first level; a level typed elsewhere has a line of its own."""
    options = [(str(first), _stage(name, first, last)) for name, (first, last) in STAGES.items()]
    typed = str(values.get("trl_min") or "")
    if typed in {str(level) for level in range(1, 10)} - {value for value, _ in options}:
        options.append((typed, _level(int(typed))))
    return options


def _stage(name: str, first: int, last: int) -> str:
    levels = f"{first}" if first == last else f"{first}–{last}"
    return f"{catalogue(g.language).gettext(f'stage.{name}')} (TRL {levels})"


def _level(level: int) -> str:
    return f"TRL {level} · {catalogue(g.language).gettext(f'stage.{stage(level)}')}"


def field_options() -> Options:
    """The fields of research under their branches."""
    return _branches(FORD)


def province_options() -> Options:
    """The provinces, in the order of the reader's alphabet."""
    return sorted(_flat(PROVINCES), key=lambda option: sort_key(option[1]))


def industry_options() -> Options:
    """The divisions of industry under their sections."""
    return _branches(VSIC)


def strategic_options() -> Options:
    """The groups of strategic technologies."""
    return _flat(STRATEGIC)


def form_options() -> Options:
    """The forms of transfer."""
    return _flat(TRANSFER_FORMS)
