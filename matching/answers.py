"""What the demand requires, one row at a time, beside the offer's sentence that speaks to it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from matching.building import STATED_AS
from matching.denials import denies, has_denial, has_hope, hopes
from matching.limits import Judgement, Wanted, compared, read
from matching.naming import (
    each_part_is_said,
    figures_agree,
    holds_the_heavier,
    names,
    needs_alike,
    written_alike,
    written_otherwise,
)
from matching.offered import Stated, stated
from matching.prepared import OWN_WORDS, Asked, Prepared
from matching.profile import Profile
from matching.quantities import Quantity
from matching.rating import FULL
from matching.subject import is_of_another
from matching.words import placed
from vocabulary.listing import Requirement

SPEAKS = 600_000
"""Millionths of a requirement's words, weighted, that a sentence must hold to speak about the same thing."""
TOUCHES = 400_000
"""A sentence with fewer of them says nothing about the requirement."""


class Finding(NamedTuple):
    """How the offer answers one requirement. `source` is the number of a sentence, or -1 - n for the offer's
    own requirement row n; None when nothing speaks to it. `quantity` is the figure that decided."""

    judgement: Judgement
    source: int | None = None
    quantity: Quantity | None = None


SILENT = Finding("unknown")
_FIELD = frozenset[str]().union(*STATED_AS.values())
BEST_FIRST: Sequence[Judgement] = ("met", "partly", "conflict", "unknown")


class _Sought(NamedTuple):
    """A requirement as it was typed, the language of its demand, and what follows from it."""

    row: Requirement
    language: str
    asked: Asked

    whole: bool
    """Whether `asked` holds its own words; what was put into another language may hold several for one."""

    @property
    def denies(self) -> bool:
        """Whether it asks that something should not be: «không dùng clo»."""
        return has_denial(said(self.row), self.language)

    def judged(self, text: str, language: str, held: Container[str]) -> Judgement:
        """A text that speaks about it and holds these words: met where both deny or neither does and nothing is
        missing. Who is asked for none of something and denies nothing may mean anything."""
        if denies(text, language, self.asked.terms):
            return "met" if self.denies else "conflict"
        if self.denies and not has_denial(text, language):
            return "partly"
        return "met" if self._nothing_is_missing(text, language, held) else "partly"

    def _nothing_is_missing(self, text: str, language: str, held: Container[str]) -> bool:
        words, terms = said(self.row), self.asked.terms
        return (
            names(words, text)
            and figures_agree(words, text)
            and written_alike(words, text)
            and not (self.whole and self._lacks(held))
            and needs_alike(words, text)
            and (not hopes(text, language, terms) or has_hope(words, self.language))
        )

    def _lacks(self, held: Container[str]) -> bool:
        row, terms = self.row, self.asked.terms
        parts = (row.name, row.value)
        return not holds_the_heavier(said(row), terms, held) or not each_part_is_said(
            parts, self.language, terms, held
        )

    def is_about(self, figure: Quantity, sentence: str, language: str, held: Container[str]) -> bool:
        """Whether a figure in a sentence that holds these words is one of what is asked."""
        if self.whole and not holds_the_heavier(said(self.row), self.asked.terms, held):
            return False
        name = _about(self.row, self.language)
        return not is_of_another(name, sentence, language, figure.start, figure.end)


def said(row: Requirement) -> str:
    """The words of a row."""
    return f"{row.name} {row.value} {row.unit}".strip()


@lru_cache(maxsize=1_024)
def _about(row: Requirement, language: str) -> str:
    """What a requirement is about, without its limit."""
    return read(row, language).about


def findings(demand: Prepared, offer: Prepared) -> tuple[Finding, ...]:
    """The answer to each of the demand's requirements, in their order."""
    rows = zip(demand.profile.requirements, demand.asked, strict=True)
    whole = demand.sources is OWN_WORDS
    return tuple([_judged(_Sought(row, demand.profile.language, asked, whole), offer) for row, asked in rows])


def _judged(sought: _Sought, offer: Prepared) -> Finding:
    """How the offer answers one requirement: by a row of its own, else by a sentence."""
    asked = sought.asked
    if offer.words.keys().isdisjoint(asked.terms):
        return SILENT
    row = _same_row(asked, offer)
    answer = None if row is None else _by_row(sought, row, offer)
    return answer or _in_sentences(sought, offer)


def _by_row(sought: _Sought, row: int, offer: Prepared) -> Finding | None:
    """The answer of the offer's own row; None when it holds no figure that could be compared."""
    wanted, profile = sought.asked.wanted, offer.profile
    if wanted is None:
        own = offer.asked[row].terms
        return Finding(sought.judged(said(profile.requirements[row]), profile.language, own), -1 - row)
    offered = offer.asked[row].wanted
    if offered is None or offered.dimension != wanted.dimension:
        return None
    quantity = Quantity(offered.low, offered.high, offered.dimension)
    side = offered.operator if offered.operator[0] in "<>" else ""
    return Finding(compared(wanted, quantity, side), -1 - row, quantity)


def _same_row(asked: Asked, offer: Prepared) -> int | None:
    """The offer's own requirement row that names the same thing, the first if there are several."""
    for number, row in enumerate(offer.asked):
        if _share(sum(asked.terms[word] for word in asked.terms.keys() & row.terms.keys()), asked) >= SPEAKS:
            return number
    return None


def _in_sentences(sought: _Sought, offer: Prepared) -> Finding:
    """The sentences that share most with the requirement, of equals the first, answer it."""
    found = sorted(_touching(sought.asked, offer.profile.places), reverse=True)
    if not found:
        return SILENT
    wanted = sought.asked.wanted
    return _in_figures(sought, wanted, found, offer) if wanted else _in_words(sought, found, offer)


def _in_words(sought: _Sought, found: Sequence[tuple[int, int]], offer: Prepared) -> Finding:
    """The first sentence that meets it decides, else the first that does not deny what it speaks about. Where all that speak
    about it do, they contradict; what only touches it and denies something says nothing."""
    denied = half = SILENT
    for share, number in _telling(sought, found, offer.profile):
        speaks = share >= SPEAKS
        if not speaks and (denied, half) != (SILENT, SILENT):
            continue
        judgement = _of_sentence(sought, offer, number)
        if judgement == "met" and speaks:
            return Finding("met", number)
        if judgement != "conflict" and half is SILENT:
            half = Finding("partly", number)
        if judgement == "conflict" and speaks and denied is SILENT:
            denied = Finding("conflict", number)
    return half if half is not SILENT else denied


def _of_sentence(sought: _Sought, offer: Prepared, number: int) -> Judgement:
    profile = offer.profile
    return sought.judged(profile.sentences[number], profile.language, _held(sought.asked, profile, number))


def _in_figures(
    sought: _Sought, wanted: Wanted, found: Sequence[tuple[int, int]], offer: Prepared
) -> Finding:
    """The first sentence with a figure of the wanted dimension decides; without one the requirement is only spoken about.
    What only touches it may speak of another thing: a figure there is no contradiction, and half an answer at best."""
    spoken = touched = SILENT
    for share, number in _telling(sought, found, offer.profile):
        told = _figured(sought, wanted, offer.profile, number)
        if told is None:
            spoken = Finding("partly", number) if share >= SPEAKS and spoken is SILENT else spoken
        elif share >= SPEAKS and _is_about(sought, told, offer.profile, number):
            return told
        elif told.judgement != "conflict" and touched is SILENT:
            touched = told._replace(judgement="partly")
    return touched if touched is not SILENT else spoken


def _figured(sought: _Sought, wanted: Wanted, offer: Profile, number: int) -> Finding | None:
    """What the figures of a sentence say: of those one may choose from, the best."""
    row = said(sought.row)
    found = stated(offer.sentences[number], offer.language, sought.asked.terms, wanted.dimension, row)
    told = [(_softened(compared(wanted, one.quantity, one.side), one), one.quantity) for one in found]
    if not told:
        return None
    judgement, quantity = min(told, key=lambda one: BEST_FIRST.index(one[0]))
    return Finding(judgement, number, quantity)


def _is_about(sought: _Sought, told: Finding, offer: Profile, number: int) -> bool:
    held = _held(sought.asked, offer, number)
    figure = told.quantity
    return figure is None or sought.is_about(figure, offer.sentences[number], offer.language, held)


def _softened(judgement: Judgement, one: Stated) -> Judgement:
    return judgement if one.surely or judgement == "conflict" else "partly"


def _telling(sought: _Sought, found: Iterable[tuple[int, int]], offer: Profile) -> Iterator[tuple[int, int]]:
    """(share, number) of those that still touch it when what has other marks there is left out, worked out as they are asked
    for: mostly the first decides. What only its field says of a standard says nothing by itself."""
    asked, row = sought.asked, said(sought.row)
    for share, before in found:
        sentence = offer.sentences[-before]
        held = _held(asked, offer, -before)
        if held <= _FIELD and held.isdisjoint(word for word, _, _ in placed(sentence, offer.language)):
            continue
        lost = sum(asked.terms[word] for word in held & written_otherwise(row, sentence))
        share -= FULL * lost // asked.total
        if share >= TOUCHES:
            yield share, -before


def _held(asked: Asked, offer: Profile, number: int) -> set[str]:
    return {word for word in asked.terms if number in offer.places.get(word, ())}


def _touching(asked: Asked, places: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """(share, -number) of the sentences that hold enough of the requirement's words: of equals the first is greater."""
    terms, least = asked.terms, TOUCHES * asked.total
    said = terms.keys() & places.keys()
    # Most offers hold too few of the words for any of their sentences to: that is quickly seen.
    if FULL * sum(map(terms.__getitem__, said)) < least:
        return []
    held = dict[int, int]()
    for word in said:
        weight = terms[word]
        for number in places[word]:
            held[number] = held.get(number, 0) + weight
    return [
        (FULL * weight // asked.total, -number) for number, weight in held.items() if FULL * weight >= least
    ]


def _share(weight: int, asked: Asked) -> int:
    return FULL * weight // asked.total if asked.total else 0
