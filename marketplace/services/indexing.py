"""From a row of the feed to a document of the index, and the reader that takes it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from marketplace.models.feed import Cursor
from marketplace.services import feed
from marketplace.services.classification import layer as layers
from marketplace.services.classification.layer import Laid, Layer
from marketplace.services.clusters import showing
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


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the listings of some rows: who is found by another, and what the national exchange says."""

    gathered: Gathered = ALONE
    laid: Mapping[str, Laid] = field(default_factory=dict)
    again: tuple[Row, ...] = ()
    """Listings that are not among the rows, but of which a row speaks: they are found otherwise now."""

    def of(self, row: Row) -> Sequence[Laid]:
        """The layers that find this record: its own, and those of the records it stands for."""
        uids = (row.uid, *(one.uid for one in self.gathered.others.get(row.uid, ())))
        return [self.laid[uid] for uid in uids if uid in self.laid]

    def place(self, row: Row) -> int | None:
        """The version under which the record is found once the index has come so far; None while something waits."""
        places = (row.sequence, *(one.sequence for one in self.of(row)))
        return None if None in places else _latest(places)


NOTHING = Beside()


def beside(work: Work, rows: Sequence[Row]) -> Beside:
    """What these rows are indexed with, as it stands now."""
    spoken_of = layers.about(work, [row.uid for row in rows if row.kind == layers.KIND]).values()
    again = {*spoken_of, *showing.stand_for(work, spoken_of)} - {row.uid for row in rows}
    more = tuple(row for row in feed.rows(work, again).values() if row.kind in LISTED) if again else ()
    uids = [row.uid for row in (*rows, *more) if row.kind in LISTED]
    gathered = showing.gathered(work, uids)
    others = [one.uid for group in gathered.others.values() for one in group]
    return Beside(gathered, layers.laid(work, [*uids, *others]), more)


def changes(
    rows: Sequence[Row], *, since: int = 0, beside: Beside = NOTHING
) -> tuple[Changes, tuple[Refused, ...]]:
    """The rows as one change of an index that has come to `since`, without those of which no document can be made.

    One technology is found once: those that another record stands for are taken out, with their words in its document.
    """
    listed = [*(row for row in rows if row.kind in LISTED), *beside.again]
    hidden = beside.gathered.hidden
    put: list[Document] = []
    refused: list[Refused] = []
    for row in listed:
        if row.live and row.uid not in hidden:
            try:
                put.append(_whole(row, beside))
            except Exception as error:  # Whatever is wrong with a body, it is its own and stops no other.
                refused.append(Refused(row.uid, f"{type(error).__name__}: {error}"))
    gone = tuple(Removal(row.uid, row.sequence or 0) for row in listed if not row.live or row.uid in hidden)
    return Changes(rows[-1].sequence, tuple(put), gone, since), tuple(refused)


def _whole(row: Row, beside: Beside) -> Document:
    """With all that finds it. Of what waits for its place the words are taken now, and once more when it has it."""
    found = together(document(row, beside.laid.get(row.uid)), _readable(row, beside))
    version = _latest((row.sequence, *(one.sequence for one in beside.of(row))))
    return found if version == found.version else replace(found, version=version)


def _latest(places: Iterable[int | None]) -> int:
    return max(place or 0 for place in places)


def document(row: Row, laid: Laid | None = None) -> Document:
    """What is searched of one published listing, and of the layer beside it. Reads the public body only."""
    found = _own(row)
    return _layered(found, laid.layer) if laid is not None and laid.layer is not None else found


def _layered(one: Document, layer: Layer) -> Document:
    return replace(
        one,
        fields=_both(one.fields, _with_ancestors(layer.fields)),
        ipc=_both(one.ipc, layer.ipc),
        industries=_both(one.industries, layer.industries),
        layer=layer.words,
    )


def _both(some: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))


def _own(row: Row) -> Document:
    content = from_record(row.body["content"])
    words = _Words(content)
    organisation: Mapping[str, Any] = row.body.get("organisation") or {}
    low, high = _whole_vnd(content)
    return Document(
        uid=row.uid,
        version=row.sequence or 0,
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
        layer="\n".join(filter(None, (document.layer for document in (one, *found)))),
        more_origins=tuple(dict.fromkeys(other.origin for other in found)),
        more_provinces=tuple(dict.fromkeys(other.province for other in found if other.province)),
        **more,
    )


def _readable(row: Row, beside: Beside) -> Iterator[Document]:
    """Those it stands for, without any whose own document cannot be made, which is told where they have their turn."""
    for other in beside.gathered.others.get(row.uid, ()):
        with suppress(Exception):
            yield document(other, beside.laid.get(other.uid))


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
