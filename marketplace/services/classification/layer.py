"""What the national exchange says of a listing, beside it: codes of its fields, and a title in the other language.

It is a record of the national feed, of kind `classification`, never a word of the listing's own. Here and at its home
an `Overlay` says which listing it is about; the row of the feed says whether it stands, and since when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace.models.exchanges import Overlay
from marketplace.models.feed import Published
from marketplace.work import Work
from vocabulary import catalogues
from vocabulary.fields import FORD
from vocabulary.industries import VSIC
from vocabulary.languages import is_language
from vocabulary.listing import ROWS_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Content, Text
from vocabulary.patents import IPC
from vocabulary.strategic import STRATEGIC
from vocabulary.text import clean

KIND = "classification"
CODE_LISTS = ("fields", "ipc", "industries", "strategic")
"""FORD, IPC, VSIC and the strategic technologies; named as a listing names its own."""
LONGEST_CODE = 40
ASKED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Layer:
    """The classification of one listing. `texts` are translations: language -> title and summary, nothing else."""

    fields: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    strategic: tuple[str, ...] = ()
    texts: Mapping[str, Text] = field(default_factory=dict)
    of_rev: int = 0
    """The revision of the listing that the librarian had before him."""
    of_text: str = ""
    """The mark of its texts then, `text_mark`."""
    decided_at: datetime | None = None

    @property
    def says_nothing(self) -> bool:
        return not self.texts and not any(getattr(self, name) for name in CODE_LISTS)

    def same_as(self, other: Layer) -> bool:
        """Whether both say the same of the same texts, whoever decided it when."""
        return _said(self) == _said(other) and self.of_text == other.of_text

    @property
    def words(self) -> str:
        """All words that find the listing: translations, and the names of the codes in Vietnamese and English."""
        texts = (said for text in self.texts.values() for said in (text.title, text.summary) if said)
        return "\n".join(dict.fromkeys((*texts, *_names(self))))


@dataclass(frozen=True, slots=True)
class Laid:
    """The layer of a listing as it stands; `layer` is None where it was taken back."""

    layer: Layer | None
    sequence: int | None
    """Its place in our own feed; None while it waits for one."""


def as_body(layer: Layer, about: str) -> dict[str, Any]:
    """The body of the record. Nobody's name leaves the national exchange."""
    codes = {name: list(codes) for name in CODE_LISTS if (codes := getattr(layer, name))}
    return {
        "about": about, "codes": codes, catalogues.MEMBER: catalogues.editions(codes),
        "texts": {language: {"title": text.title, "summary": text.summary} for language, text in layer.texts.items()},
        "of_rev": layer.of_rev, "of_text": layer.of_text,
        "decided_at": layer.decided_at.isoformat(timespec="seconds") if layer.decided_at else "",
    }  # fmt: skip


def read(body: Any) -> Layer:
    """A body as it was published, here or by another version: what cannot be read of it is left out, nothing raises."""
    body = body if isinstance(body, Mapping) else {}
    codes = body.get("codes") if isinstance(body.get("codes"), Mapping) else {}
    said = body.get(catalogues.MEMBER)
    return Layer(
        **{name: catalogues.present(name, _codes(codes.get(name)), said) for name in CODE_LISTS},
        texts=_texts(body.get("texts")),
        of_rev=rev if type(rev := body.get("of_rev")) is int else 0,
        of_text=_word(body.get("of_text"), 100),
        decided_at=_moment(body.get("decided_at")),
    )


def text_mark(content: Content) -> str:
    """A digest of all words of a listing, the same for the home that wrote them and for whoever shows them cleaned."""
    said = {
        language: {name: words for name in Text.__dataclass_fields__ if (words := clean(getattr(text, name)))}
        for language, text in content.texts.items()
    }
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha-256:{hashlib.sha256(written.encode()).hexdigest()}"


def laid(work: Work, uids: Iterable[str]) -> dict[str, Laid]:
    """The layers of these listings, taken back ones too, for these have a place in the feed that an index follows."""
    asked, found = list(dict.fromkeys(uids)), dict[str, Laid]()
    columns = (Overlay.about, Overlay.body, Published.op, Published.pub_seq)
    for start in range(0, len(asked), ASKED_AT_ONCE):
        some = asked[start : start + ASKED_AT_ONCE]
        statement = select(*columns).join(Published, Published.id == Overlay.uid)
        statement = statement.where(Overlay.about.in_(some), Overlay.layer == KIND).order_by(Overlay.uid)
        for about, body, op, place in work.session.execute(statement):
            found[about] = _newer(found.get(about), Laid(read(body) if op == "upsert" else None, place))
    return found


def about(work: Work, uids: Sequence[str]) -> dict[str, str]:
    """Record of this kind -> the listing it speaks of, where that is known."""
    statement = select(Overlay.uid, Overlay.about).where(Overlay.uid.in_(uids), Overlay.layer == KIND)
    return dict(work.session.execute(statement).all()) if uids else {}


def _newer(one: Laid | None, other: Laid) -> Laid:
    """A restored national exchange may speak of a listing under a second id, until the first is swept away."""
    if one is None:
        return other
    places = (one.sequence, other.sequence)
    last = max((one, other), key=lambda two: (two.layer is not None, two.sequence or 0))
    return Laid(last.layer, None if None in places else max(place or 0 for place in places))


def _said(layer: Layer) -> tuple[object, ...]:
    return (*(getattr(layer, name) for name in CODE_LISTS), dict(layer.texts))


def _names(layer: Layer) -> Iterable[str]:
    """An IPC symbol has a name down to its subclass, `A01K` of `A01K 61/59`."""
    lists = (
        (FORD, layer.fields), (IPC, [symbol.partition(" ")[0] for symbol in layer.ipc]),
        (VSIC, layer.industries), (STRATEGIC, layer.strategic),
    )  # fmt: skip
    return (
        name
        for known, codes in lists
        for code in codes
        for language in ("vi", "en")
        if (name := known.label(code, language))
    )


def _codes(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    return tuple(code for one in given[:ROWS_LIMIT] if (code := _word(one, LONGEST_CODE)))


def _texts(value: Any) -> dict[str, Text]:
    given = value if isinstance(value, Mapping) else {}
    texts = {
        language: Text(title=_word(text.get("title"), TITLE_LIMIT), summary=_word(text.get("summary"), SUMMARY_LIMIT))
        for language, text in given.items()
        if isinstance(text, Mapping) and isinstance(language, str) and is_language(language)
    }  # fmt: skip
    return {language: text for language, text in texts.items() if text.title or text.summary}


def _word(value: Any, limit: int) -> str:
    return clean(value)[:limit] if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
