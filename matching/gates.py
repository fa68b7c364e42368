"""Hard conditions. A pair that fails one is never suggested; what is only to be known is said and passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from matching.profile import Profile
from matching.result import Gate, Said
from matching.term_signals import countries, needs_right

PASSED = Said("said.gate_passed")


class Verdict(NamedTuple):
    passed: bool
    detail: Said = PASSED


OPEN = Verdict(True)


def live(demand: Profile, offer: Profile) -> Verdict:
    """Both listings are open: not expired, paused or withdrawn."""
    if demand.live and offer.live:
        return OPEN
    return Verdict(False, Said("said.offer_closed" if demand.live else "said.demand_closed"))


def permitted(demand: Profile, offer: Profile) -> Verdict:
    """The technology may be transferred (Law on Technology Transfer 07/2017/QH14, articles 9–11).

    A prohibited one is never suggested; a restricted one is, with the ground, for it needs a licence.
    """
    for code in ("prohibited", "restricted"):
        for profile in (offer, demand):
            if profile.prohibition == code:
                return Verdict(
                    code != "prohibited", Said(f"said.{code}", {"ground": profile.prohibition_ground})
                )
    return OPEN


def licence(demand: Profile, offer: Profile) -> Verdict:
    """No exclusive licence that somebody already holds stands in the way where the demand wants the
    technology.

    One given for a particular use is said and passes: whether the uses meet, people must judge. Work, services and
    equipment, for which no right changes hands, are not touched by it, nor who would take them beside a licence.
    """
    if not offer.grants or _without_right(demand.transfer_forms, offer.transfer_forms):
        return OPEN
    noted = OPEN
    for grant in offer.grants:
        if not _meets(grant, demand):
            continue
        if not grant.get("use"):
            return Verdict(False, _licensed(grant.get("territory", "")))
        noted = Verdict(True, Said("said.licensed_for_use", {"name": grant["use"]}))
    return noted


def owner(demand: Profile, offer: Profile) -> Verdict:
    """Nobody is matched with an own listing."""
    if demand.owner and demand.owner == offer.owner:
        return Verdict(False, Said("said.same_owner"))
    return OPEN


def wording(demand: Profile, offer: Profile) -> Verdict:
    """Both have a text. Without one, a province in common would be the whole of a match."""
    if demand.words and offer.words:
        return OPEN
    return Verdict(False, Said("said.demand_without_words" if offer.words else "said.offer_without_words"))


def anonymity(demand: Profile, offer: Profile) -> Verdict:
    """A hidden identity stops nothing: it is shown to the other side when both agree to be introduced."""
    if demand.anonymous and offer.anonymous:
        return Verdict(True, Said("said.both_hidden"))
    if demand.anonymous:
        return Verdict(True, Said("said.demand_hidden"))
    return Verdict(True, Said("said.offer_hidden")) if offer.anonymous else OPEN


GATES: tuple[tuple[str, Callable[[Profile, Profile], Verdict]], ...] = (
    ("live", live),
    ("permitted", permitted),
    ("licence", licence),
    ("owner", owner),
    ("wording", wording),
    ("anonymity", anonymity),
)
"""In the order they are shown; the message `gate.<name>` says what each asks."""


def checked(demand: Profile, offer: Profile) -> tuple[Gate, ...]:
    """Every gate with its answer."""
    return tuple([Gate(name, *ask(demand, offer)) for name, ask in GATES])


def open_to(demand: Profile, offer: Profile) -> bool:
    """Whether all gates are passed, without saying why."""
    for _, ask in GATES:  # noqa: SIM110 - it is asked of every candidate, and a generator takes twice as long
        if not ask(demand, offer).passed:
            return False
    return True


def _licensed(territory: str) -> Said:
    return Said("said.licensed", {"territory": territory}) if territory else Said("said.licensed_everywhere")


def _without_right(wanted: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    """Whether what both would do, or all that the demand wants, hands over no right."""
    if not wanted:
        return False
    return not needs_right(wanted) or any(form in offered and not needs_right((form,)) for form in wanted)


def _meets(grant: Mapping[str, str], demand: Profile) -> bool:
    """Whether the licensed territory and the wanted one have a country in common; an unnamed one is
    everywhere."""
    granted = set(grant.get("territory", "").split())
    wanted = countries(demand.territory, demand.province)
    return not granted or not wanted or not wanted.isdisjoint(granted)
