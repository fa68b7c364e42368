"""Fills a new exchange with the demonstration data. Passwords are made at random, for this install only.

Demo people have known names, so the data refuses any exchange that others can reach.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from marketplace import passwords
from marketplace.db import new_id
from marketplace.demo import brokerage
from marketplace.models.accounts import Membership, Organisation, User
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import accounts, listings, names, organisations, steps
from marketplace.services.lifecycle import LIFE
from marketplace.services.policy import SYSTEM, Actor
from marketplace.settings import SettingsError
from marketplace.work import Work, begin, look
from matching.building import profile
from matching.statistics import Statistics, collect
from vocabulary.listing import Sealed, from_record

DATA = Path(__file__).resolve().parent / "data"
KINDS = ("offers", "demands", "initiatives")
SIGN_INS = "demo-sign-ins.txt"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to enter as one of the demo people."""

    role: str
    email: str
    password: str
    organisation: str


def is_empty(runtime: Runtime) -> bool:
    """Whether nobody has registered and nothing was posted."""
    with look(runtime) as work:
        people = work.session.scalar(select(func.count()).select_from(User)) or 0
        posted = work.session.scalar(select(func.count()).select_from(Listing)) or 0
    return people + posted == 0


def everywhere(province: str) -> bool:
    return True


def nowhere(province: str) -> bool:
    return False


def load(runtime: Runtime, belongs: Callable[[str], bool] = everywhere) -> list[SignIn]:
    """Load everything, or nothing when it is interrupted. Raises `SettingsError` on an exchange that others can reach.

    `belongs` says of which provinces the organisations are loaded, with their people and listings; the exchange's
    own staff always is. The sign-ins are also written to the data folder, readable by its owner only.
    """
    if not runtime.settings.loopback:
        raise SettingsError("BASE_URL is public: the demonstration data is for this machine only.")
    with begin(runtime) as work:
        rows = [row for row in _json("organisations.json") if belongs(row.get("province", ""))]
        owners = {row["id"]: _organisation(work, row) for row in rows}
        owners["exchange"] = organisations.the_exchange(work)
        people = [row for row in _json("people.json") if row["organisation"] in owners]
        sign_ins = [_person(work, row, owners) for row in people]
        for row in (row for row in _listings() if row["organisation"] in owners):
            _post(work, row, owners[row["organisation"]])
        known = [row for row in _json("brokers.json") if row["organisation"] in owners]
        entered = brokerage.enter(work, known, owners)
        if belongs is everywhere:
            # Their parties come from all over the country; a part of it has none of them whole.
            brokerage.open_cases(work, _json("deals.json"), entered)
        # Before the commit: nobody could enter if the process ended between the two.
        _write(runtime.settings.data_dir / SIGN_INS, sign_ins)
    return sign_ins


def first_statistics() -> Statistics:
    """How rare words are in the demonstration listings: what a new exchange begins with."""
    rows = [row for name in ("offers", "demands") for row in _rows(name)]
    return collect(profile(from_record(row), uid=row["id"], rev=1, owner="") for row in rows)


def stored_sign_ins(runtime: Runtime) -> str:
    """What `load` wrote, for a later start; empty when there is none."""
    path = runtime.settings.data_dir / SIGN_INS
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _json(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return rows


def _listings() -> Iterator[dict[str, Any]]:
    for name in KINDS:
        yield from _rows(name)


def _rows(name: str) -> list[dict[str, Any]]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _organisation(work: Work, row: Mapping[str, Any]) -> str:
    made = Organisation(
        id=new_id(), name=row["name"], name_key=names.key(row["name"]), name_en=row.get("name_en", ""), kind=row["kind"],
        province=row.get("province", ""), website=row.get("website", ""), created_at=work.now,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    return made.id


def _person(work: Work, row: Mapping[str, Any], owners: Mapping[str, str]) -> SignIn:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    user = User(
        id=new_id(), email=row["email"], name=row["name"], password_hash=passwords.hashed(password),
        language=row.get("language", "vi"), terms_version=accounts.TERMS_VERSION, terms_accepted_at=work.now,
        email_confirmed_at=work.now, created_at=work.now,
    )  # fmt: skip
    work.session.add(user)
    work.session.flush()
    organisation_id = owners[row["organisation"]]
    work.session.add(
        Membership(user_id=user.id, organisation_id=organisation_id, role=row["role"], since=work.now)
    )
    named = work.session.get_one(Organisation, organisation_id).name
    return SignIn(row["role"], row["email"], password, named)


def _post(work: Work, row: Mapping[str, Any], organisation_id: str) -> None:
    """One listing, posted and published on its day, and taken where its story ends today."""
    status = row.get("status", "published")
    age = (
        LIFE + timedelta(days=5) if status == "expired" else timedelta(days=row.get("published_days_ago", 0))
    )
    then = replace(work, now=work.now - age)
    owner = Actor(name="demo", roles={organisation_id: frozenset({"owner"})}, confirmed=True)
    sealed = Sealed(row["sealed"]["text"]) if row.get("sealed") else None
    content = from_record(row)
    listing = listings.post(
        then,
        owner,
        organisation_id,
        content,
        sealed=sealed,
        submit=status == "in_review",
        source_id=row["id"],
    )
    if status in ("draft", "in_review"):
        return
    steps.take(then, SYSTEM, listing, "publish")
    if status == "paused":
        steps.take(work, owner, listing, "pause")
    if status == "expired":
        steps.take(work, SYSTEM, listing, "expire")


def _write(path: Path, sign_ins: list[SignIn]) -> None:
    lines = [f"{one.role:10} {one.email:32} {one.password:16} {one.organisation}" for one in sign_ins]
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")
