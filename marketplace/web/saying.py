"""What a score says, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import g

from marketplace import formats
from marketplace.languages import catalogue
from marketplace.web.labels import label
from matching.result import Said, Signal


def said(what: Said) -> str:
    """The sentence `said.<code>` (or `lift.<code>`), its codes turned into words."""
    return catalogue(g.language).gettext(
        what.code, **{name: _worded(name, value) for name, value in what.params.items()}
    )


def sentence(signals: Sequence[Signal]) -> str:
    """The two strongest parts and the main deduction, in one sentence."""
    words = catalogue(g.language)
    known = [signal for signal in signals if signal.state != "unknown" and signal.of]
    strongest = sorted(known, key=lambda signal: -signal.points)[:2]
    # A part named as a strength is not named again as the weakness: the sentence would contradict itself.
    others = [signal for signal in known if signal not in strongest]
    missing = max(others, key=lambda signal: signal.of - signal.points, default=None)
    names = [_named(signal) for signal in strongest if signal.points]
    if not names:
        return words.gettext("match.sentence_nothing")
    strong = formats.listed(names, g.language)
    if missing is None or missing.points == missing.of:
        return words.gettext("match.sentence_all", strong=strong)
    return words.gettext("match.sentence", strong=strong, weak=_named(missing))


def _named(signal: Signal) -> str:
    """The part's name as it stands inside a sentence."""
    name = catalogue(g.language).gettext(f"signal.{signal.name}")
    return name[:1].lower() + name[1:]


def _codes(name: str) -> Callable[[str], str]:
    return lambda value: formats.listed([label(name, code) for code in value.split()], g.language)


def _price(value: str) -> str:
    """An amount or a range in smallest units, its upper end perhaps open, and its currency."""
    amounts, _, currency = value.rpartition(" ")
    if amounts.endswith("-"):
        low = formats.money(int(amounts[:-1]), currency, g.language, compact=True)
        return catalogue(g.language).gettext("price.from_inside", low=low)
    ends = [formats.money(int(one), currency, g.language, compact=True) for one in amounts.split("-") if one]
    return " – ".join(ends)


def _rate(value: str) -> str:
    """«1 USD 25400 VND»: so many units are worth so much."""
    units, currency, amount, home = value.split()
    worth = formats.money(int(amount), home, g.language)
    return f"{formats.number(int(units), g.language)} {currency} = {worth}"


WORDED: Mapping[str, Callable[[str], str]] = {
    "fields": _codes("field"),
    "ipc": lambda value: value,
    "industries": _codes("industry"),
    "strategic": _codes("strategic"),
    "transfer_forms": _codes("transfer_form"),
    "right": _codes("right"),
    "province": _codes("province"),
    "price": _price,
    "worth": _price,
    "rate": _rate,
    "trl": lambda value: value.replace("-", "–"),
    "date": lambda value: formats.date(value, g.language),
    **dict.fromkeys(
        ("km", "count", "of", "met", "partly", "conflict"),
        lambda value: formats.number(int(value), g.language),
    ),
}
"""Parameter of a `Said` -> its value as words: `matching.result.Said` says what each name holds."""


def _worded(name: str, value: str) -> str:
    return WORDED[name](value) if name in WORDED else value
