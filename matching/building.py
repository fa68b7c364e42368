"""From what a listing says to what the scorer knows of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from matching.limits import read
from matching.profile import Profile, Wording
from matching.words import beside, words
from vocabulary.listing import Content, Requirement, Text
from vocabulary.sentences import sentences

STATED = (
    "requirements", "trl_min", "trl_max", "fields", "ipc", "industries", "strategic", "transfer_forms",
    "rights", "price", "province", "territory", "needed_by", "anonymous",
)  # fmt: skip
"""What a profile takes over from the listing as it stands."""
OF_OTHERS = frozenset({"problem", "comparison", "partner"})
"""Parts of an offer that speak of how things are without it, of what others do, and of who is looked for."""
STATED_AS = {
    language: frozenset(words(label, language))
    for language, label in (("vi", "Tiêu chuẩn, chứng nhận"), ("en", "Standards and certificates, certified"))
}
"""What a listing says of a standard by naming it where standards and certificates are asked for."""
OPENING_WORDS = 25
"""Of a first sentence no more than this: some authors never end one."""


@dataclass(slots=True)
class _Counted:
    """The terms of one language."""

    words: Counter[str] = field(default_factory=Counter)
    heading: Counter[str] = field(default_factory=Counter)

    def frozen(self) -> Wording:
        return Wording(dict(self.words), dict(self.heading))


@dataclass(slots=True)
class _Reading:
    """What was read so far. Terms never reach over the end of a sentence."""

    languages: defaultdict[str, _Counted] = field(default_factory=lambda: defaultdict(_Counted))
    quotes: list[str] = field(default_factory=list)
    places: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def read(self, text: Text, language: str, of_others: Container[str]) -> None:
        """Everything a listing says in one language. What it says of others tells what it is about, and is never quoted."""
        counted = self.languages[language]
        if text.title:
            _count(counted.heading, self._sentence(text.title, language, quoted=True))
        for number, (part, sentence) in enumerate(_body(text)):
            single = self._sentence(sentence, language, quoted=part not in of_others)
            if number == 0:
                _count(counted.heading, single[:OPENING_WORDS])

    def standard(self, name: str, language: str) -> None:
        """One that is stated, quoted as it stands: it answers as if the words of its field stood beside it. It does not tell
        what a listing is about, so it counts among no words."""
        for word in STATED_AS.get(language, frozenset()).union(words(name, language)):
            self.places[word].append(len(self.quotes))
        self.quotes.append(name)

    def _sentence(self, sentence: str, language: str, *, quoted: bool) -> list[str]:
        """Count one sentence, which can then be quoted; its words come back."""
        single = words(sentence, language)
        _count(self.languages[language].words, single)
        if quoted:
            for word in set(single):
                self.places[word].append(len(self.quotes))
            self.quotes.append(sentence)
        return single


def _count(into: Counter[str], single: list[str]) -> None:
    into.update(single)
    into.update(beside(single))


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
    language = _own_language(content)
    reading = _read(content, language)
    own = reading.languages.pop(language, _Counted()).frozen()
    return Profile(
        uid=uid,
        rev=rev,
        kind=content.kind,
        language=language,
        title=content.title,
        words=own.words,
        heading=own.heading,
        translations={other: counted.frozen() for other, counted in reading.languages.items()},
        sentences=tuple(reading.quotes),
        places={word: tuple(numbers) for word, numbers in reading.places.items()},
        asked=tuple(_asked(row, language) for row in content.requirements),
        owner=owner,
        live=live,
        prohibition=prohibition,
        prohibition_ground=ground,
        grants=grants,
        **{name: getattr(content, name) for name in STATED},
    )


def _own_language(content: Content) -> str:
    """The one it is shown in where it does not speak the language it names."""
    if content.language in content.texts or not content.texts:
        return content.language
    return next(iter(content.texts))


def _read(content: Content, own: str) -> _Reading:
    reading = _Reading()
    for language, text in sorted(content.texts.items(), key=lambda item: item[0] != own):
        reading.read(text, language, OF_OTHERS if content.kind == "offer" else ())
    for row in content.requirements:
        _count(reading.languages[own].words, words(line(row), own))
    if content.kind == "offer":
        for name in content.standards:
            reading.standard(name, own)
    return reading


def _body(text: Text) -> Iterator[tuple[str, str]]:
    """Every sentence but the title with the part it is of, the most general ones first."""
    for part in (
        "summary", "description", "problem", "comparison", "effect", "advantages", "partner", "evidence",
    ):  # fmt: skip
        for sentence in sentences(getattr(text, part)):
            yield part, sentence


def line(row: Requirement) -> str:
    """A requirement as it is counted among the words of a listing."""
    return f"{row.name} {row.value} {row.unit}"


def _asked(row: Requirement, language: str) -> tuple[str, ...]:
    """What a sentence must speak about to speak to this requirement: its name, and its value when that is text; neither the
    limit nor the words that set it."""
    return tuple(sorted({word for word in words(read(row, language).about, language) if not word.isdigit()}))
