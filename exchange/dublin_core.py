"""A record of Dublin Core as a record of ours, as far as fifteen loose elements can say what a listing says.

What was read is only rearranged: texts without markup and cut where a listing has no more room, dates and creators as
they were written. What a listing needs and the source does not say stays empty, and the record is held for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

from exchange.duplicates import dois, normal_form, owner_form
from exchange.oai_pages import Harvest, moment
from vocabulary.languages import is_language
from vocabulary.links import web_address
from vocabulary.listing import DESCRIPTION_LIMIT, TITLE_LIMIT, Content, Kind, Text, as_record
from vocabulary.text import clean, cut

LONGEST_LINE = 300
"""Characters of a name, a date or an identifier."""
MOST_LINES = 20
"""Of creators, dates, identifiers and rights each."""
_TAG = re.compile(r"<[/!]?[A-Za-z-][^<>]*>")
_KNOWN = {
    "vie": "vi",
    "eng": "en",
    "vietnamese": "vi",
    "english": "en",
    "tieng viet": "vi",
    "tieng anh": "en",
}
"""What repositories write for the two languages of this exchange, folded -> ISO 639-1."""
_VIETNAMESE = re.compile("[ăđơưạ-ỹ]", re.IGNORECASE)
"""Letters that only Vietnamese has among the languages written in Latin letters here."""


def body(record: Harvest, *, kind: Kind, owner: str, met: datetime | None = None) -> dict[str, Any]:
    """The record's body. `owner` is named where no publisher is; both moments are its datestamp, or when it was `met`.

    What it says of rights is kept as it stands; one that says nothing has no such member.
    """
    stamped = moment(record.datestamp) or met
    rights = _lines(record, "rights")
    written = stamped.isoformat(timespec="seconds") if stamped else ""
    named = _first(record, "publisher") or owner
    return {
        "content": as_record(Content(kind, _language(record), texts=_texts(record))),
        "published_at": written,
        "updated_at": written,
        "mark": "",
        "ground": "",
        "organisation": {"id": _short(owner_form(named)), "name": named},
        "source": {
            "identifier": record.identifier,
            "url": page(record),
            "creators": _lines(record, "creator"),
            "dates": _lines(record, "date"),
            "identifiers": _lines(record, "identifier"),
            **({"rights": rights} if rights else {}),
        },
    }


def page(record: Harvest) -> str:
    """The record's page at home: the first address of http or https it names, else the one of its DOI."""
    named = [web_address(one.text) for one in record.said if one.name == "identifier"]
    found = next(filter(None, named), "")
    number = next(iter(sorted(_dois(record))), "")
    return found or (web_address(f"https://doi.org/{number}") if number else "")


def hard_keys(record: Harvest) -> frozenset[str]:
    """What two records that are one share even when the source has given them other ids: a number or an address together
    with the title, or title, creators and date. A title alone is no key: many reports have the same."""
    title = normal_form(_first(record, "title"))
    if not title:
        return frozenset()
    numbers = {*_dois(record), *(one.lower() for one in _lines(record, "identifier"))}
    keys = {f"{number}\n{title}" for number in numbers - {record.identifier.lower()}}
    creators, dates = _lines(record, "creator"), _lines(record, "date")
    if creators and dates:
        keys.add("\n".join((*sorted(map(normal_form, creators)), min(dates), title)))
    return frozenset(map(_short, keys))


def _texts(record: Harvest) -> dict[str, Text]:
    """The words by language: what names no other language than the record's is in the record's own."""
    own = _language(record)
    languages = dict.fromkeys(
        [own, *(_code(one.language) or own for one in record.said if one.name == "title")]
    )
    made = {}
    for language in list(languages)[:MOST_LINES]:
        said = [one for one in record.said if (_code(one.language) or own) == language]
        titles = [_words(one.text) for one in said if one.name == "title"]
        texts = [_words(one.text) for one in said if one.name == "description"]
        if titles or texts:
            described = "\n\n".join(
                filter(None, [*texts[:MOST_LINES], *(_numbers(record) if any(texts) else ())])
            )
            title = " ".join(titles[0].split()) if titles else ""
            made[language] = Text(
                title=cut(title, TITLE_LIMIT), description=cut(described, DESCRIPTION_LIMIT)
            )
    return made


def _numbers(record: Harvest) -> Iterator[str]:
    """DOIs stand in the text, where people search for them and records of two homes meet by them."""
    text = "\n".join(one.text for one in record.said if one.name == "description").lower()
    for number in sorted(_dois(record)):
        if number not in text:
            yield f"doi:{number}"


def _dois(record: Harvest) -> frozenset[str]:
    return dois("\n".join(one.text for one in record.said if one.name == "identifier"))


def _language(record: Harvest) -> str:
    """The first language that is known; else what the letters say, for some name none."""
    named = (_code(one.text) for one in record.said if one.name == "language")
    words = clean(" ".join(one.text for one in record.said if one.name in ("title", "description")))
    by_letters = "vi" if _VIETNAMESE.search(words) else "en"
    return next(filter(None, named), by_letters)


def _code(written: str) -> str:
    """ISO 639 for what a repository writes for a language (`en_US`, `vie`, «Tiếng Việt»); empty when it is none."""
    folded = normal_form(written.replace("_", " ").replace("-", " "))
    first = folded.partition(" ")[0]
    code = _KNOWN.get(folded) or _KNOWN.get(first) or first
    return code if is_language(code) else ""


def _first(record: Harvest, name: str) -> str:
    return next(iter(_lines(record, name)), "")


def _lines(record: Harvest, name: str) -> list[str]:
    found = (" ".join(_words(one.text).split()) for one in record.said if one.name == name)
    return list(dict.fromkeys(cut(one, LONGEST_LINE) for one in found if one))[:MOST_LINES]


def _words(text: str) -> str:
    """Without markup, which many repositories keep in their descriptions, and without the indentation of their XML."""
    lines = _TAG.sub("", unescape(text)).splitlines()
    return clean("\n".join(" ".join(line.split()) for line in lines))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
