"""All the scorer may know of one listing. Nothing sealed, nothing about who is asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vocabulary.listing import Price, Requirement, Right


@dataclass(frozen=True, slots=True)
class Wording:
    """What a listing says in one language: `words` are the terms of the whole text with their counts, `heading`
    those of title and first sentence. Both come from `matching.words`."""

    words: Mapping[str, int]
    heading: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Profile:
    """One listing at one revision, as the scorer sees it.

    `words` and `heading` are its wording in its own language; the same revision always gives the same profile.
    """

    uid: str
    rev: int
    kind: Literal["offer", "demand"]
    language: str
    title: str
    words: Mapping[str, int]
    heading: Mapping[str, int]
    translations: Mapping[str, Wording] = field(default_factory=dict)
    """Language -> its wording there. Compared when the other side does not speak the listing's own language."""
    sentences: Sequence[str] = ()
    """The sentences quoted as evidence, in their order in the text."""
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Word -> the numbers of the sentences it stands in, so that evidence is found without reading them
    all."""
    requirements: tuple[Requirement, ...] = ()
    asked: tuple[tuple[str, ...], ...] = ()
    """The words of each requirement, in the order of `requirements`."""
    trl_min: int | None = None
    trl_max: int | None = None
    fields: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    strategic: tuple[str, ...] = ()
    transfer_forms: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    price: Price | None = None
    province: str = ""
    territory: tuple[str, ...] = ()
    needed_by: str = ""
    anonymous: bool = False
    owner: str = ""
    """Organisation id, only compared for equality (one's own offer is no match)."""
    live: bool = True
    """False when expired, paused or withdrawn."""
    prohibition: str = ""
    """`prohibited` or `restricted` where a moderator marked it so, with `prohibition_ground`."""
    prohibition_ground: str = ""
    grants: tuple[Mapping[str, str], ...] = field(default=())
    """Live exclusive licences on the offer: territory, use, until."""
    embedding: bytes = b""
    """Its direction by the sentence model that the snapshot of statistics names, in 127ths, a byte each; empty where no
    model reads its language."""
    sketch: frozenset[int] = field(default=frozenset(), compare=False)
    """That of `matching.likeness`, where it was read with the rest."""

    def speaks(self, language: str) -> bool:
        return language == self.language or language in self.translations

    def spoken(self, language: str) -> Wording:
        """Its wording in this language; in its own when there is no such translation."""
        return self.translations.get(language) or Wording(self.words, self.heading)

    def __hash__(self) -> int:
        """Equal profiles are of one revision, so that what was derived from a profile can be kept beside
        it."""
        return hash((self.uid, self.rev))
