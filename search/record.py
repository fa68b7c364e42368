"""A listing as a record of the index: the same for both engines, all analysis done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from search.analysis import Analysed, analysed, spelling
from search.document import Document, Removal, fingerprint
from search.fields import CODES, EVERYTHING, NUMBERS, PAIRS, SAID, SPELLING, TEXTS
from vocabulary.text import nfc

Value = str | int | list[str]

LIVE, GONE, NOTE = "live", "gone", "note"
"""What a record stands for: a listing; one that was removed, kept so that an older version cannot come back; or the
index's own note of its epoch and position, written in the same commit as what it speaks of."""
NOTE_UID = "note"


def live(document: Document) -> dict[str, Value]:
    """The record of a published listing. Fields without a value are left out."""
    texts = {name: nfc(getattr(document, name)) for name in EVERYTHING}
    terms = {name: analysed(text) for name, text in texts.items() if text}
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


def _terms(terms: dict[str, Analysed]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for field in TEXTS:
        read = (terms[name].words for name in field.reads if name in terms)
        if words := " ".join(chain.from_iterable(read)):
            found[field.name] = words
    if joined := " ".join(chain.from_iterable(part.pairs for part in terms.values())):
        found[PAIRS.name] = joined
    if written := _spellings(terms.values()):
        found[SPELLING.name] = " ".join(written)
    return found


def _spellings(terms: Iterable[Analysed]) -> set[str]:
    distinct: set[str] = set()
    distinct.update(*(part.tokens for part in terms))
    return set(map(spelling, distinct)) - {""}
