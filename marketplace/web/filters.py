"""Template filters: the formats of `marketplace.formats` in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from marketplace import formats
from marketplace.languages import catalogue
from marketplace.services.sync.issues import OpenIssue
from marketplace.web.marking import compared, marked
from vocabulary.rates import Rate


@pass_context
def money(context: Context, amount: int, currency: str, compact: bool = False) -> str:
    return formats.money(amount, currency, context["language"], compact=compact)


@pass_context
def exchange_rate(context: Context, rate: Rate) -> str:
    return formats.exchange_rate(rate, context["language"])


@pass_context
def number(context: Context, value: int | float) -> str:
    return formats.number(value, context["language"])


@pass_context
def figure(context: Context, value: str) -> str:
    return formats.figure(value, context["language"])


@pass_context
def points(context: Context, thousandths: int, digits: int = 3) -> str:
    return formats.points(thousandths, context["language"], digits=digits)


@pass_context
def signed_points(context: Context, thousandths: int) -> str:
    return formats.signed_points(thousandths, context["language"])


@pass_context
def day(context: Context, value: date | str) -> str:
    return formats.date(value, context["language"])


@pass_context
def day_long(context: Context, value: date | str) -> str:
    return formats.date_long(value, context["language"])


@pass_context
def moment(context: Context, value: datetime) -> str:
    return formats.moment(value, context["language"])


@pass_context
def relative(context: Context, value: datetime) -> str:
    return formats.relative(value, context["now"], context["language"])


@pass_context
def duration(context: Context, seconds: int) -> str:
    return formats.duration(seconds, context["language"])


@pass_context
def file_size(context: Context, size: int) -> str:
    return formats.file_size(size, context["language"])


@pass_context
def fault(context: Context, issue: OpenIssue) -> str:
    """What another exchange has against a record, in the reader's language where its code is known here."""
    words = catalogue(context["language"])
    for key in (f"problem.{issue.code}", f"sync.fault_{issue.code}"):
        if words.has(key):
            return words.gettext(key, **issue.params)
    return words.gettext("sync.fault_other", detail=issue.detail or issue.code)


@pass_context
def place(context: Context, issue: OpenIssue) -> str:
    """The question of the form that the pointer of an issue leads to; empty where it leads to none."""
    words = catalogue(context["language"])
    keys = (f"field.{part}" for part in reversed(issue.path.split("/")))
    return next((words.gettext(key) for key in keys if words.has(key)), "")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": money,
    "exchange_rate": exchange_rate,
    "number": number,
    "figure": figure,
    "points": points,
    "signed_points": signed_points,
    "date": day,
    "date_long": day_long,
    "moment": moment,
    "relative": relative,
    "duration": duration,
    "clock_time": formats.clock_time,
    "file_size": file_size,
    "marked": marked,
    "compared": compared,
    "fault": fault,
    "place": place,
}
