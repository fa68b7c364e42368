"""What scoring costs: `python -m bench.bench_matching`.

Listings of about 1,300 characters with everything stated are made from a fixed seed. The floor is what nobody can do
without: to find the terms two listings share. CPU time, best of several rounds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from marketplace.collecting import seldom
from matching.building import STATED, profile
from matching.engine import explain, rank, score
from matching.prepared import prepare
from matching.profile import Profile
from matching.statistics import Statistics, collect
from vocabulary.listing import Content, Price, Requirement, Text

CANDIDATES = 300
ROUNDS = 15
INITIALS = (
    "",
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gi",
    "h",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "t",
    "th",
    "tr",
    "v",
    "x",
)
RHYMES = ("a", "an", "ang", "anh", "ao", "ay", "âm", "ân", "ây", "em", "i", "in", "inh", "iên", "o", "on", "ong", "ôi", "ơi",
          "u", "un", "ung", "uôi", "uộc", "ươc", "ươn")  # fmt: skip
SYLLABLES = [initial + rhyme for initial in INITIALS for rhyme in RHYMES]
"""As many as a long Vietnamese text has different ones after folding; the first are the most frequent (Zipf)."""
ROWS = (
    Requirement("sai số đo độ mặn", "<=", "0,5", "‰"),
    Requirement("cảnh báo trước", ">=", "4", "giờ"),
    Requirement("tích hợp phần mềm trại"),
    Requirement("năng suất lọc nước", ">=", "2", "m3/h", must=False),
)


def listings(kind: Literal["offer", "demand"], count: int, seed: int) -> Iterator[Content]:
    chance = random.Random(seed)
    weights = [1 / place for place in range(1, len(SYLLABLES) + 1)]
    for _ in range(count):
        words = chance.choices(SYLLABLES, weights, k=300)
        sentences = [" ".join(words[at : at + 15]).capitalize() + "." for at in range(0, len(words), 15)]
        text = " ".join([*sentences, "Sai số đo độ mặn 0,3 ‰. Cảnh báo trước 6 giờ."])
        yield Content(
            kind,
            "vi",
            {"vi": Text(title=" ".join(words[:10]), description=text)},
            requirements=ROWS if kind == "demand" else (),
            trl_min=chance.randint(3, 6),
            trl_max=chance.randint(6, 9),
            fields=("2.2", "4.1"),
            ipc=("A01K", "G01N"),
            transfer_forms=("non_exclusive_licence", "joint_research"),
            price=Price(chance.randint(1, 9) * 10**8, 10**9),
            province=chance.choice(["01", "48", "79", "92", "96"]),
            needed_by="2027-05-31",
        )


def profiles(kind: Literal["offer", "demand"], count: int, seed: int) -> list[Profile]:
    made = enumerate(listings(kind, count, seed))
    return [profile(content, uid=f"{kind}-{seed}-{number}", rev=1, owner=kind) for number, content in made]


def texts_alone(found: Sequence[Profile]) -> list[Profile]:
    """The same listings stating nothing but what they say."""
    bare = Content("offer", "vi")
    nothing = {name: getattr(bare, name) for name in STATED} | {"asked": ()}
    return [replace(one, uid=f"{one.uid}-bare", **nothing) for one in found]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best


def floor(subject: Profile, candidates: Sequence[Profile]) -> list[int]:
    """Only the number of terms in common, ranked."""
    return sorted(len(subject.words.keys() & other.words.keys()) for other in candidates)


def cold(subject: Profile, candidates: Sequence[Profile], statistics: Statistics) -> object:
    """Ranking with profiles at hand of which nothing was remembered."""
    prepare.cache_clear()
    return rank(subject, candidates, statistics)


def main() -> None:
    demand, offers = profiles("demand", 1, seed=1)[0], profiles("offer", CANDIDATES, seed=2)
    statistics = collect(offers)
    bare = texts_alone([demand, *offers])
    contents = list(listings("offer", 50, seed=3))
    rows = (
        (
            "profile built from content",
            50,
            lambda: [profile(one, uid="o", rev=1, owner="") for one in contents],
        ),
        ("floor: terms in common", CANDIDATES, lambda: floor(demand, offers)),
        ("ranked, nothing remembered", CANDIDATES, lambda: cold(demand, offers, statistics)),
        ("ranked", CANDIDATES, lambda: rank(demand, offers, statistics)),
        ("ranked, texts alone", CANDIDATES, lambda: rank(bare[0], bare[1:], statistics)),
        (
            "scored with all that is said",
            CANDIDATES,
            lambda: [score(demand, offer, statistics) for offer in offers],
        ),
        ("explained", 50, lambda: [explain(demand, offer, statistics) for offer in offers[:50]]),
    )
    base = 0.0
    print(f"{'CPU':<32}{'µs each':>10}{'ms together':>14}{'× floor':>10}")
    for name, count, work in rows:
        with seldom():  # As every process that serves.
            spent = seconds(work)
        base = spent / count if name.startswith("floor") else base
        ratio = f"{spent / count / base:>10.1f}" if base else f"{'':>10}"
        print(f"{name:<32}{spent / count * 1e6:>10.1f}{spent * 1e3:>14.2f}{ratio}")


if __name__ == "__main__":
    main()
