"""A listing as a record of the index: the same for both engines, all analysis done."""

from __future__ import annotations

from collections.abc import Mapping

from search.analysis import Indexed, indexed
from search.document import Document, Removal, fingerprint
from search.fields import CODES, EVERYTHING, NUMBERS, PAIRS, SAID, SPELLING, TEXTS, WRITTEN
from vocabulary.text import nfc

Value = str | int | list[str]

LIVE, GONE, NOTE = "live", "gone", "note"
"""What a record stands for: a listing; one that was removed, kept so that an older version cannot come back; or the
index's own note of its epoch and position, written in the same commit as what it speaks of."""
NOTE_UID = "note"


def live(document: Document) -> dict[str, Value]:
    """The record of a published listing. Fields without a value are left out."""
    texts = {name: nfc(getattr(document, name)) for name in EVERYTHING}
    terms = {name: indexed(text) for name, text in texts.items() if text}
    record: dict[str, Value] = {
        "uid": document.uid,
        "version": document.version,
        "fingerprint": fingerprint(document.hash),
        "state": LIVE,
        "title_text": texts["title"],
        "body_text": "\n".join(text for name in SAID if name != "title" and (text := texts[name])),
    }
    record.update(_terms(terms))
    record.update({field.name: list(codes) for field in CODES if (codes := field.of(document))})
    record.update({field.name: value for field in NUMBERS if (value := field.of(document)) is not None})
    return record


def gone(removal: Removal) -> dict[str, Value]:
    return {"uid": removal.uid, "version": removal.version, "state": GONE}


def note(epoch: str, position: int) -> dict[str, Value]:
    return {"uid": NOTE_UID, "version": position, "state": NOTE, "title_text": epoch}


def _terms(texts: Mapping[str, Indexed]) -> dict[str, Value]:
    found = {
        field.name: " ".join(texts[name].words for name in field.reads if name in texts) for field in TEXTS
    }
    found[PAIRS.name] = " ".join(text.pairs for text in texts.values())
    found[SPELLING.name] = " ".join(set[str]().union(*(text.spellings for text in texts.values())))
    found[WRITTEN.name] = " ".join(set[str]().union(*(text.written for text in texts.values())))
    return {name: words for name, words in found.items() if words.strip()}
