"""From a row of the feed to a document of the index, and the reader that takes it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from marketplace.models.feed import Cursor
from marketplace.services import feed
from marketplace.services.clusters.showing import ALONE, Gathered
from marketplace.services.feed import LISTED, Row
from marketplace.work import Work
from search.document import Changes, Document, Refused, Removal
from vocabulary.fields import FORD
from vocabulary.listing import Content, Text, from_record

PROMISED = "indexing.promised"


def promise(work: Work, sequence: int) -> None:
    """Note how far an index will reach, before it does: one that is further was filled from a lost future.

    In one statement, so that of two workers who promise at the same time neither takes the other's back.
    """
    behind = update(Cursor).where(Cursor.reader == PROMISED, Cursor.position < sequence)
    raised = work.session.execute(behind.values(position=sequence)).rowcount  # type: ignore[attr-defined]
    if not raised and work.session.get(Cursor, PROMISED) is None:
        feed.place(work, PROMISED, sequence)


def promised(work: Work) -> int:
    return feed.position(work, PROMISED)


def changes(
    rows: Sequence[Row], *, since: int = 0, gathered: Gathered = ALONE
) -> tuple[Changes, tuple[Refused, ...]]:
    """The rows as one change of an index that has come to `since`, without those of which no document can be made.

    One technology is found once: those that another record stands for are taken out, with their words in its document.
    """
    listed = [row for row in rows if row.kind in LISTED]
    put: list[Document] = []
    refused: list[Refused] = []
    for row in listed:
        if row.live and row.uid not in gathered.hidden:
            try:
                put.append(together(document(row), _readable(gathered.others.get(row.uid, ()))))
            except Exception as error:  # Whatever is wrong with a body, it is its own and stops no other.
                refused.append(Refused(row.uid, f"{type(error).__name__}: {error}"))
    gone = tuple(
        Removal(row.uid, row.sequence) for row in listed if not row.live or row.uid in gathered.hidden
    )
    return Changes(rows[-1].sequence, tuple(put), gone, since), tuple(refused)


def document(row: Row) -> Document:
    """What is searched of one published listing. Reads the public body only."""
    content = from_record(row.body["content"])
    words = _Words(content)
    organisation: Mapping[str, Any] = row.body.get("organisation") or {}
    low, high = _whole_vnd(content)
    return Document(
        uid=row.uid,
        version=row.sequence,
        kind=row.kind,
        title=words.of("title"),
        summary=words.of("summary"),
        description=words.of("description", "problem", "effect", "comparison"),
        advantages=words.of("advantages"),
        requirements="\n".join(f"{r.name} {r.value} {r.unit}".strip() for r in content.requirements),
        languages=tuple(dict.fromkeys((content.language, *content.texts))),
        fields=_with_ancestors(content.fields),
        ipc=content.ipc,
        industries=content.industries,
        trl_min=content.trl_min,
        trl_max=content.trl_max,
        transfer_forms=content.transfer_forms,
        rights=tuple(
            dict.fromkeys(
                code for right in content.rights for code in (right.kind, f"{right.kind}:{right.status}")
            )
        ),
        province=content.province,
        price_min=low,
        price_max=high,
        origin=row.origin,
        organisation=organisation.get("name", ""),
        owner=organisation.get("id", ""),
        published_at=_moment(row.body.get("published_at")),
        updated_at=_moment(row.body.get("updated_at")),
        expires_at=_moment(row.body.get("expires_at")),
        hash=row.hash,
    )


def together(one: Document, others: Iterable[Document]) -> Document:
    """The document of a record that stands for others of the same technology: found by whatever any of them says."""
    found = list(others)
    if not found:
        return one
    more: dict[str, Any] = {
        name: tuple(dict.fromkeys(code for document in (one, *found) for code in getattr(document, name)))
        for name in ("languages", "fields", "ipc", "industries", "transfer_forms", "rights")
    }
    return replace(
        one,
        description="\n".join((one.description, *_new_words(one, found))).strip(),
        more_origins=tuple(dict.fromkeys(other.origin for other in found)),
        more_provinces=tuple(dict.fromkeys(other.province for other in found if other.province)),
        **more,
    )


def _readable(rows: Iterable[Row]) -> Iterator[Document]:
    """Without those whose own document cannot be made, which is told where they have their turn."""
    for row in rows:
        with suppress(Exception):
            yield document(row)


def _new_words(one: Document, others: Iterable[Document]) -> Iterator[str]:
    """The texts of the others that nobody before them says."""
    said = set(_texts(one))
    for text in (text for other in others for text in _texts(other)):
        if text not in said:
            yield text
        said.add(text)


def _texts(document: Document) -> tuple[str, ...]:
    texts = (
        document.title,
        document.summary,
        document.description,
        document.advantages,
        document.requirements,
    )
    return tuple(text for text in texts if text)


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of a listing, its own language first."""

    content: Content

    def of(self, *names: str) -> str:
        return "\n".join(said for text in self._texts() for name in names if (said := getattr(text, name)))

    def _texts(self) -> list[Text]:
        own = self.content.language
        return [text for _, text in sorted(self.content.texts.items(), key=lambda item: item[0] != own)]


def _with_ancestors(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for given in codes for code in (*FORD.ancestors(given), given)))


def _whole_vnd(content: Content) -> tuple[int | None, int | None]:
    price = content.price
    if price is None or price.currency != "VND":
        return None, None
    return price.minimum, price.maximum


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
