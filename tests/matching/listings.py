"""Listings for the tests of the scorer: written out, read from the cases, or drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hypothesis import strategies as st

from matching.answers import BEST_FIRST, prospects
from matching.building import profile
from matching.pair import Pair
from matching.profile import Profile
from vocabulary.listing import Content, Price, Requirement, Right, Text

Kind = Literal["offer", "demand"]

WORDS = [
    "độ",
    "mặn",
    "ao",
    "tôm",
    "cảm",
    "biến",
    "nước",
    "cảnh",
    "báo",
    "sấy",
    "lúa",
    "pin",
    "máy",
    "lọc",
    "dữ",
    "liệu",
]
FORMS = ["ownership_assignment", "exclusive_licence", "non_exclusive_licence", "joint_research", "equipment"]
PROVINCES = ["01", "48", "79", "92", "96"]
ROWS = [
    Requirement("sai số độ mặn", "<=", "0,5", "‰"),
    Requirement("cảnh báo trước", ">=", "4", "giờ", must=False),
    Requirement("kết nối điện thoại"),
    Requirement("năng suất máy sấy", ">=", "500", "kg/giờ"),
]
SENTENCES = [
    "Sai số độ mặn 0,3 ‰.",
    "Sai số độ mặn 0,55 ‰.",
    "Sai số độ mặn 2 ‰.",
    "Cảnh báo trước 6 giờ.",
    "Cảnh báo trước 1 giờ.",
    "Có kết nối điện thoại.",
    "Năng suất máy sấy 0,6 tấn/giờ.",
]


def content(kind: Kind, title: str, text: str = "", **said: Any) -> Content:
    language = said.pop("language", "vi")
    return Content(kind, language, {language: Text(title=title, description=text)}, **said)


def made(kind: Kind, title: str, text: str = "", **said: Any) -> Profile:
    """A profile; `owner` and what else `profile` takes go through."""
    kept = {
        name: said.pop(name) for name in ("owner", "live", "prohibition", "ground", "grants") if name in said
    }
    uid = said.pop("uid", f"{kind}:{title}")
    return profile(content(kind, title, text, **said), uid=uid, rev=1, owner=kept.pop("owner", ""), **kept)


def demand(title: str, text: str = "", **said: Any) -> Profile:
    return made("demand", title, text, **said)


def offer(title: str, text: str = "", **said: Any) -> Profile:
    return made("offer", title, text, **said)


def is_hoped(beside: Pair) -> bool:
    """Whether no answer is better than its words let one hope."""
    within = {"met": BEST_FIRST, "partly": ("partly", "unknown"), "unknown": ("unknown",)}
    hopes = prospects(beside.demand, beside.offer)
    return all(found.judgement in within[hope] for hope, found in zip(hopes, beside.findings, strict=True))


# -- the cases ---------------------------------------------------------------------------------------------------


def from_case(kind: Kind, row: Mapping[str, Any], language: str, *, uid: str) -> Profile:
    """A listing as `ranking_cases.toml` writes it."""
    low, high = row.get("trl", (None, None))
    said: dict[str, Any] = {
        "uid": uid,
        "language": language,
        "trl_min": low,
        "trl_max": high,
        "fields": tuple(row.get("fields", ())),
        "ipc": tuple(row.get("ipc", ())),
        "transfer_forms": tuple(row.get("forms", ())),
        "price": Price(*row["price"]) if "price" in row else None,
        "province": row.get("province", ""),
        "territory": tuple(row.get("territory", ())),
        "needed_by": row.get("day", ""),
        "rights": tuple(Right(*written.split(":")) for written in row.get("rights", ())),
        "requirements": tuple(_requirement(written) for written in row.get("requirements", ())),
    }
    return made(kind, row["title"], row["text"], **said)


def _requirement(written: str) -> Requirement:
    """`name|operator|value|unit|should`; a name alone is a requirement in words."""
    name, *rest = written.split("|")
    operator, value, unit, should = [*rest, "", "", "", ""][:4] if rest else ("text", "", "", "")
    return Requirement(name, operator, value, unit, must=should != "should")


# -- at random ---------------------------------------------------------------------------------------------------

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
levels = st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted)
amounts = st.none() | st.integers(1, 40).map(lambda tenth: Price(tenth * 10**8, tenth * 10**8))


@st.composite
def profiles(draw: st.DrawFn, kind: Kind) -> Profile:
    """Any listing of this kind, with everything or nothing stated beside its text."""
    level = draw(levels)
    if level and kind == "offer":
        level = [level[0], level[0]]
    sentences = draw(st.lists(st.sampled_from(SENTENCES), max_size=3, unique=True)) if kind == "offer" else []
    rows = draw(st.lists(st.sampled_from(ROWS), max_size=3, unique=True)) if kind == "demand" else []
    return made(
        kind,
        draw(texts),
        " ".join([draw(texts) + ".", *sentences]),
        uid=draw(st.sampled_from([f"{kind}-{n}" for n in range(50)])),
        requirements=tuple(rows),
        trl_min=level[0] if level else None,
        trl_max=level[1] if level else None,
        fields=tuple(draw(st.lists(st.sampled_from(["1.2", "2.2", "2.7", "4.1"]), max_size=2, unique=True))),
        ipc=tuple(draw(st.lists(st.sampled_from(["A01K", "G01N", "A01G"]), max_size=2, unique=True))),
        transfer_forms=tuple(draw(st.lists(st.sampled_from(FORMS), max_size=2, unique=True))),
        rights=tuple(
            draw(
                st.lists(st.sampled_from([Right("patent", "granted"), Right("patent", "filed")]), max_size=1)
            )
        ),
        price=draw(amounts),
        province=draw(st.sampled_from(["", *PROVINCES])),
        territory=draw(st.sampled_from([(), ("VN",), ("VN", "LA"), ("DE",)])),
        needed_by=draw(st.sampled_from(["", "2027-01-31", "2027-06-30", "2028-01-31"])),
    )


demands = profiles("demand")
offers = profiles("offer")
