"""Fingerprints of what is public, and the keys by which two of them meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from exchange import duplicates
from exchange.duplicates import Fingerprint
from marketplace.db import rows_of
from marketplace.models.clusters import BlockKey, Print
from marketplace.services.feed import Row
from marketplace.work import Work
from vocabulary.listing import Text, from_record

LARGEST_BLOCK = 100
"""Records of a block beyond which its key tells nothing: it is passed over."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What is compared of one revision. `text` is all it says, in its normal form; it is not kept. `blocks` are the keys
    under which it meets others."""

    of: Fingerprint
    hash: str
    text: str
    blocks: frozenset[str]


def made(row: Row) -> Printed:
    """The fingerprint of a live listing, from its public body only."""
    content = from_record(row.body["content"])
    named = row.body.get("organisation") or {}
    text = said(content.text)
    form = duplicates.normal_form(text)
    rights = {duplicates.right_form(one.kind, one.territory, one.number) for one in content.rights}
    fingerprint = Fingerprint(
        uid=row.uid,
        title=duplicates.normal_form(content.title),
        owner=duplicates.owner_form(str(named.get("name", ""))),
        rights=frozenset(rights - {""}),
        dois=duplicates.dois(text),
        sketch=duplicates.sketch(form),
    )
    return Printed(fingerprint, row.hash, form, duplicates.blocks(fingerprint))


def said(text: Text) -> str:
    parts = (text.title, text.summary, text.description, text.problem, text.advantages, text.effect)
    return "\n".join(part for part in parts if part)


def hashes(work: Work, uids: Collection[str]) -> dict[str, str]:
    """Record -> the content hash its fingerprint was made of."""
    return dict(work.session.execute(select(Print.uid, Print.hash).where(Print.uid.in_(uids))).all())


def keep(work: Work, prints: Sequence[Printed]) -> None:
    if not prints:
        return
    forget(work, [one.of.uid for one in prints])
    rows = [
        {
            "uid": one.of.uid, "hash": one.hash, "title": one.of.title, "owner": one.of.owner,
            "rights": sorted(one.of.rights), "dois": sorted(one.of.dois),
        }
        for one in prints
    ]  # fmt: skip
    keys = [{"key": key, "uid": one.of.uid} for one in prints for key in sorted(one.blocks)]
    for model, written in ((Print, rows), (BlockKey, keys)):
        if written:
            work.session.execute(insert(rows_of(model)), written)


def forget(work: Work, uids: Collection[str]) -> None:
    work.session.execute(delete(Print).where(Print.uid.in_(uids)))
    work.session.execute(delete(BlockKey).where(BlockKey.uid.in_(uids)))


def read(work: Work, uids: Collection[str]) -> dict[str, Fingerprint]:
    """The fingerprints of those that are public."""
    found = work.session.execute(
        select(Print.uid, Print.title, Print.owner, Print.rights, Print.dois).where(Print.uid.in_(uids))
    )
    return {
        uid: Fingerprint(uid, title, owner, frozenset(rights), frozenset(dois))
        for uid, title, owner, rights, dois in found
    }


def met(work: Work, prints: Iterable[Printed]) -> Mapping[str, frozenset[str]]:
    """Record -> the records of other homes that share a block with it."""
    keys = {one.of.uid: one.blocks for one in prints}
    blocks = _blocks(work, {key for own in keys.values() for key in own})
    return {uid: _others(uid, own, blocks) for uid, own in keys.items()}


def _others(uid: str, keys: Iterable[str], blocks: Mapping[str, Sequence[str]]) -> frozenset[str]:
    home = uid.partition(":")[0]
    members = (blocks.get(key, ()) for key in keys)
    return frozenset(other for block in members for other in block if other.partition(":")[0] != home)


def _blocks(work: Work, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
    blocks: dict[str, list[str]] = defaultdict(list)
    telling = (
        select(BlockKey.key)
        .where(BlockKey.key.in_(keys))
        .group_by(BlockKey.key)
        .having(func.count() <= LARGEST_BLOCK)
    )
    found = select(BlockKey.key, BlockKey.uid).where(BlockKey.key.in_(telling))
    for key, uid in work.session.execute(found):
        blocks[key].append(uid)
    return blocks
