"""What the demand requires, one row at a time, beside the offer's sentence that speaks to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from matching.building import STATED_AS
from matching.limits import Judgement, Wanted, compared
from matching.naming import written_otherwise
from matching.offered import Stated, stated
from matching.prepared import Asked, Prepared
from matching.profile import Profile
from matching.quantities import Quantity
from matching.rating import FULL
from matching.sought import Sought, said, sought_by
from matching.words import placed

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


def findings(demand: Prepared, offer: Prepared) -> tuple[Finding, ...]:
    """The answer to each of the demand's requirements, in their order."""
    return tuple([_judged(one, offer) for one in sought_by(demand)])


def prospects(demand: Prepared, offer: Prepared) -> tuple[Judgement, ...]:
    """What each of these answers can be at best, as far as the words tell without a sentence being read."""
    return tuple([_prospect(one.asked, offer) for one in sought_by(demand)])


def _prospect(asked: Asked, offer: Prepared) -> Judgement:
    if _same_row(asked, offer) is not None:
        return "met"
    most = max(_held_together(asked, offer.profile.places).values(), default=0)
    if not most or FULL * most < TOUCHES * asked.total:
        return "unknown"
    return "met" if _share(most, asked) >= SPEAKS else "partly"


def _judged(sought: Sought, offer: Prepared) -> Finding:
    """How the offer answers one requirement: by a row of its own, else by a sentence."""
    asked = sought.asked
    if offer.words.keys().isdisjoint(asked.terms) and offer.profile.places.keys().isdisjoint(asked.terms):
        return SILENT
    row = _same_row(asked, offer)
    answer = None if row is None else _by_row(sought, row, offer)
    return answer or _in_sentences(sought, offer)


def _by_row(sought: Sought, row: int, offer: Prepared) -> Finding | None:
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


def _in_sentences(sought: Sought, offer: Prepared) -> Finding:
    """The sentences that share most with the requirement, of equals the first, answer it."""
    found = sorted(_touching(sought.asked, offer.profile.places), reverse=True)
    if not found:
        return SILENT
    wanted = sought.asked.wanted
    return _in_figures(sought, wanted, found, offer) if wanted else _in_words(sought, found, offer)


def _in_words(sought: Sought, found: Sequence[tuple[int, int]], offer: Prepared) -> Finding:
    """The first sentence that meets it decides, else the first that does not deny what it speaks about. Where all that speak
    about it do, they contradict; what only touches it and denies something says nothing."""
    denied = half = SILENT
    for share, number, held in _telling(sought, found, offer.profile):
        speaks = share >= SPEAKS
        if not speaks and (denied, half) != (SILENT, SILENT):
            continue
        profile = offer.profile
        judgement = sought.judged(profile.sentences[number], profile.language, held)
        if judgement == "met" and speaks:
            return Finding("met", number)
        if judgement != "conflict" and half is SILENT:
            half = Finding("partly", number)
        if judgement == "conflict" and speaks and denied is SILENT:
            denied = Finding("conflict", number)
    return half if half is not SILENT else denied


def _in_figures(sought: Sought, wanted: Wanted, found: Sequence[tuple[int, int]], offer: Prepared) -> Finding:
    """The first sentence with a figure of the wanted dimension decides; without one the requirement is only spoken about.
    What only touches it may speak of another thing: a figure there is no contradiction, and half an answer at best."""
    spoken = touched = SILENT
    for share, number, held in _telling(sought, found, offer.profile):
        told = _figured(sought, wanted, offer.profile, number)
        if told is None:
            spoken = Finding("partly", number) if share >= SPEAKS and spoken is SILENT else spoken
        elif share >= SPEAKS and _is_about(sought, told, offer.profile, number, held):
            return told
        elif told.judgement != "conflict" and touched is SILENT:
            touched = told._replace(judgement="partly")
    return touched if touched is not SILENT else spoken


def _figured(sought: Sought, wanted: Wanted, offer: Profile, number: int) -> Finding | None:
    """What the figures of a sentence say: of those one may choose from, the best."""
    sentence = offer.sentences[number]
    found = stated(sentence, offer.language, sought.asked.terms, wanted.dimension, sought.words)
    told = [(_softened(compared(wanted, one.quantity, one.side), one), one.quantity) for one in found]
    if not told:
        return None
    judgement, quantity = min(told, key=lambda one: BEST_FIRST.index(one[0]))
    return Finding(judgement, number, quantity)


def _is_about(sought: Sought, told: Finding, offer: Profile, number: int, held: Set[str]) -> bool:
    figure = told.quantity
    return figure is None or sought.is_about(figure, offer.sentences[number], offer.language, held)


def _softened(judgement: Judgement, one: Stated) -> Judgement:
    return judgement if one.surely or judgement == "conflict" else "partly"


def _telling(
    sought: Sought, found: Iterable[tuple[int, int]], offer: Profile
) -> Iterator[tuple[int, int, Set[str]]]:
    """(share, number, words held) of those that still touch it when what has other marks there is left out, worked out as
    they are asked for: mostly the first decides. What only its field says of a standard says nothing by itself."""
    asked = sought.asked
    for share, before in found:
        sentence = offer.sentences[-before]
        held = _held(asked, offer, -before)
        if held <= _FIELD and held.isdisjoint(word for word, _, _ in placed(sentence, offer.language)):
            continue
        lost = sum(asked.terms[word] for word in held & written_otherwise(sought.words, sentence))
        share -= FULL * lost // asked.total
        if share >= TOUCHES:
            yield share, -before, held


def _held(asked: Asked, offer: Profile, number: int) -> set[str]:
    return {word for word in asked.terms if number in offer.places.get(word, ())}


def _touching(asked: Asked, places: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """(share, -number) of the sentences that hold enough of the requirement's words: of equals the first is greater."""
    least, held = TOUCHES * asked.total, _held_together(asked, places)
    return [(_share(weight, asked), -number) for number, weight in held.items() if FULL * weight >= least]


def _held_together(asked: Asked, places: Mapping[str, Sequence[int]]) -> dict[int, int]:
    """What the requirement's words that each sentence holds weigh; nothing where no sentence can hold enough of them."""
    terms = asked.terms
    said = terms.keys() & places.keys()
    held = dict[int, int]()
    # Most offers hold too few of the words for any of their sentences to: that is quickly seen.
    if FULL * sum(map(terms.__getitem__, said)) >= TOUCHES * asked.total:
        for word in said:
            weight = terms[word]
            for number in places[word]:
                held[number] = held.get(number, 0) + weight
    return held


def _share(weight: int, asked: Asked) -> int:
    return FULL * weight // asked.total if asked.total else 0
