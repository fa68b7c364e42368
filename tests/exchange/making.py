"""Records, batches and keys for tests of the exchange protocol."""

from __future__ import annotations

import pickle
import zlib
from functools import lru_cache
from typing import Any, TypeVar

from exchange.canonical import content_hash
from exchange.dcat_pages import read_catalogue
from exchange.envelope import Batch, write_batch
from exchange.items import Item
from exchange.keys import KeyRecord, PrivateKey
from exchange.problems import Refused
from exchange.reading import unpack

T = TypeVar("T")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NOW = 1_790_000_000


@lru_cache(maxsize=4_096)
def ulid(number: int) -> str:
    digits = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits = ALPHABET[digit] + digits
    return digits


def copied(disk: T) -> T:
    """A back-up of plain data, in a third of the time that `deepcopy` takes."""
    there: T = pickle.loads(pickle.dumps(disk, pickle.HIGHEST_PROTOCOL))
    return there


def uid(number: int, *, node: str = "cantho", kind: str = "offer") -> str:
    return f"{node}:{kind}:{ulid(number)}"


def item(
    number: int = 1, *, node: str = "cantho", kind: str = "offer", rev: int = 1, seq: int = 1,
    op: str = "upsert", body: Any = None, schema: str = "", **more: Any,
) -> Item:  # fmt: skip
    """A record whose hash is right."""
    name = uid(number, node=node, kind=kind)
    schema = schema or f"{kind}/1.0"
    if body is None:
        body = {"title": f"Cảm biến {number}"} if op == "upsert" else "withdrawn"
    digest = content_hash(uid=name, kind=kind, schema=schema, op=op, body=body)
    return Item(name, kind, schema, op, rev, seq, digest, body, **more)


def batch(
    *items: Item,
    prev: int = 0,
    to: int | None = None,
    number: int = 1,
    epoch: str = "e1",
    node: str = "cantho",
) -> Batch:
    end = to if to is not None else max((one.seq for one in items), default=prev)
    return Batch(node, epoch, ulid(number), prev, end, items)


def text_of(one: Batch) -> bytes:
    """The JSON text of a batch, as the receiver sees it after unpacking."""
    return unpack(write_batch(one).packed, encoding="gzip")


def known_key(key: PrivateKey, node: str = "cantho", **more: Any) -> KeyRecord:
    return KeyRecord(node, key.public, NOW - 1_000, NOW + 300 * 86_400, **more)


def bomb(size: int) -> bytes:
    """So many bytes of nothing, packed as small as gzip can, without ever having been there at once."""
    packer = zlib.compressobj(9, wbits=31)
    chunk = bytes(1 << 20)
    return b"".join(packer.compress(chunk) for _ in range(size >> 20)) + packer.flush()


def refusal_of_catalogue(raw: bytes, url: str) -> tuple[str, str]:
    """The code and the sentence with which a page of a catalogue is refused."""
    try:
        read_catalogue(raw, url)
    except Refused as refused:
        return refused.problem.code, refused.problem.detail
    raise AssertionError("it was read")
