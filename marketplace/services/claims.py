"""A claim of an outcome as a form gives it: what was contracted, for how much, who gets which share of the fee."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplace.errors import Invalid
from vocabulary import money
from vocabulary.days import read_date
from vocabulary.problems import Problem, Unreadable
from vocabulary.terms import TRANSFER_FORMS
from vocabulary.text import clean

BANDS = ("", "under_1b", "1b_5b", "5b_20b", "over_20b")
"""Bands of a contract's value in đồng, for those who do not name it: below 1 billion, 1 to 5, 5 to 20, above."""
WHOLE = Decimal(100)
SHARE = re.compile(r"\d{1,3}([.,]\d{1,2})?\Z")
HASH = re.compile(r"[0-9a-f]{64}\Z")
LONGEST_NAME = 200
MOST_SHARES = 10


def read(form: Mapping[str, str], *, names: Sequence[str] = (), shares: Sequence[str] = ()) -> dict[str, Any]:
    """Plain data for the ledger. Raises `Invalid` naming every field that cannot stand.

    The shares of a fee sum to exactly 100 per cent, each with at most two decimals.
    """
    problems: list[Problem] = []
    if form.get("form", "") not in TRANSFER_FORMS:
        problems.append(Problem("form", "required"))
    if form.get("band", "") not in BANDS:
        problems.append(Problem("band", "required"))
    value = _money(form, "value", problems)
    fee = _money(form, "fee", problems)
    signed = _day(form, problems)
    digest = form.get("contract_hash", "").strip().lower()
    if digest and not HASH.match(digest):
        problems.append(Problem("contract_hash", "outcome.hash"))
    split = _split(names, shares, problems)
    if problems:
        raise Invalid(problems)
    return {
        "form": form["form"], "band": form.get("band", ""), "value": value, "fee": fee, "split": split,
        "signed_on": signed, "contract_hash": digest,
    }  # fmt: skip


def _split(names: Sequence[str], shares: Sequence[str], problems: list[Problem]) -> list[dict[str, str]]:
    rows = [(clean(name), share.strip()) for name, share in zip(names, shares, strict=False)]
    rows = [(name, share) for name, share in rows if name or share][:MOST_SHARES]
    read_rows: list[dict[str, str]] = []
    total = Decimal(0)
    for place, (name, share) in enumerate(rows):
        number = _share(share)
        if number is None or not name or len(name) > LONGEST_NAME:
            problems.append(Problem(f"split.{place}", "outcome.share", {"value": share}))
            continue
        total += number
        read_rows.append({"name": name, "share": str(number)})
    if rows and total != WHOLE and len(read_rows) == len(rows):
        problems.append(Problem("split.0", "outcome.split", {"sum": str(total)}))
    return read_rows


def _share(text: str) -> Decimal | None:
    if not SHARE.match(text):
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


def _money(form: Mapping[str, str], name: str, problems: list[Problem]) -> dict[str, Any] | None:
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        found = money.read(typed)
    except Unreadable as unread:
        problems.append(unread.at(name))
        return None
    return {"amount": found.amount, "currency": found.currency} if found else None


def _day(form: Mapping[str, str], problems: list[Problem]) -> str:
    try:
        return read_date(form.get("signed_on", "")).isoformat()
    except Unreadable as unread:
        problems.append(
            Problem("signed_on", "required") if not form.get("signed_on") else unread.at("signed_on")
        )
        return ""
