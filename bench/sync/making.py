"""What is sent: listings of some 1,300 characters, as files for a home and as records on their way."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.bench_import import demo_words
from exchange.canonical import content_hash
from exchange.items import Item
from marketplace.db import new_id
from vocabulary.listing import Content, Text, as_record

CHARACTERS = 1_300
AT_ONCE = 500
MOMENT, END = "2026-11-28T00:00:00+00:00", "2027-11-28T00:00:00+00:00"


def texts(count: int, *, seed: int = 1) -> Iterator[str]:
    """Words of the demonstration listings, in an order of their own."""
    chance, words = random.Random(seed), demo_words("vi")
    for _ in range(count):
        yield " ".join(chance.choices(words, k=CHARACTERS // 4))


def file_of(path: Path, count: int, *, mark: str = "", seed: int = 1) -> Path:
    """A file of so many offers. With another `mark` every one of them says something else: a file of revisions."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts(count, seed=seed)):
            row = {
                "id": f"r{number}",
                "kind": "offer",
                "title": "",
                "text": f"{mark} {text}".strip(),
                "lang": "vi",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def items(count: int) -> list[Item]:
    """Records as a home of the name local-a publishes them."""
    return [item(place, text) for place, text in enumerate(texts(count), 1)]


def item(place: int, text: str) -> Item:
    uid = f"local-a:offer:{new_id()}"
    body = body_of(text)
    digest = content_hash(uid=uid, kind="offer", schema="offer/1.0", op="upsert", body=body)
    return Item(uid, "offer", "offer/1.0", "upsert", 1, place, digest, body)


def body_of(text: str) -> dict[str, Any]:
    content = Content("offer", "vi", {"vi": Text(title=text[:80], description=text)})
    return {
        "content": as_record(content), "published_at": MOMENT, "updated_at": MOMENT, "expires_at": END, "mark": "",
        "ground": "", "organisation": {"id": new_id(), "name": "Viện A", "name_en": "", "kind": "", "province": ""},
    }  # fmt: skip
