"""From what a listing says to what the scorer knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from matching.profile import Profile
from matching.words import words
from vocabulary.listing import Content, Requirement, Text
from vocabulary.text import pairs, sentences

STATED = (
    "language", "requirements", "trl_min", "trl_max", "fields", "ipc", "industries", "strategic", "transfer_forms",
    "rights", "price", "province", "territory", "needed_by", "anonymous",
)  # fmt: skip
"""What a profile takes over from the listing as it stands."""
OPENING_WORDS = 25
"""Of a first sentence no more than this: some authors never end one."""


@dataclass(slots=True)
class _Reading:
    """What was read so far. Terms never reach over the end of a sentence."""

    counts: Counter[str] = field(default_factory=Counter)
    opening: Counter[str] = field(default_factory=Counter)
    quotes: list[str] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)

    def take(self, sentence: str, language: str) -> list[str]:
        """Count one sentence, which can then be quoted; its words come back."""
        single = words(sentence, language)
        self.counts.update(single)
        self.counts.update(pairs(single))
        for word in set(single):
            self.places.setdefault(word, []).append(len(self.quotes))
        self.quotes.append(sentence)
        return single

    def open_with(self, single: list[str]) -> None:
        """Count these words as what the listing is about, too."""
        self.opening.update(single)
        self.opening.update(pairs(single))


def profile(
    content: Content,
    *,
    uid: str,
    rev: int,
    owner: str,
    live: bool = True,
    prohibition: str = "",
    ground: str = "",
    grants: tuple[Mapping[str, str], ...] = (),
) -> Profile:
    """The Profile of one revision. Raises ValueError for an initiative, which is not matched."""
    if content.kind == "initiative":
        raise ValueError("an initiative is neither an offer nor a demand")
    reading = _read(content)
    return Profile(
        uid=uid,
        rev=rev,
        kind=content.kind,
        title=content.title,
        words=dict(reading.counts),
        heading=dict(reading.opening),
        sentences=tuple(reading.quotes),
        places={word: tuple(numbers) for word, numbers in reading.places.items()},
        asked=tuple(_asked(row, content.language) for row in content.requirements),
        owner=owner,
        live=live,
        prohibition=prohibition,
        prohibition_ground=ground,
        grants=grants,
        **{name: getattr(content, name) for name in STATED},
    )


def _read(content: Content) -> _Reading:
    reading = _Reading()
    for language, text in content.texts.items():
        _read_text(reading, text, language)
    for row in content.requirements:
        single = words(_line(row), content.language)
        reading.counts.update(single)
        reading.counts.update(pairs(single))
    return reading


def _read_text(reading: _Reading, text: Text, language: str) -> None:
    if text.title:
        reading.open_with(reading.take(text.title, language))
    for number, sentence in enumerate(_body(text)):
        single = reading.take(sentence, language)
        if number == 0:
            reading.open_with(single[:OPENING_WORDS])


def _body(text: Text) -> Iterator[str]:
    """Every sentence but the title, the most general ones first."""
    for part in (text.summary, text.description, text.problem, text.comparison, text.effect, text.advantages):
        yield from sentences(part)
    for part in (text.partner, text.evidence):
        yield from sentences(part)


def _line(row: Requirement) -> str:
    return f"{row.name} {row.value} {row.unit}"


def _asked(row: Requirement, language: str) -> tuple[str, ...]:
    """What a sentence must speak about to speak to this requirement: its name, and its value when that is
    text."""
    spoken = f"{row.name} {row.value}" if row.operator == "text" else row.name
    return tuple(sorted({word for word in words(spoken, language) if not word.isdigit()}))
