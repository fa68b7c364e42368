"""What each side says about a signal, as codes and values; the sentences `said.<code>` stand in the language
files."""

from __future__ import annotations

from collections.abc import Sequence

from matching.facts import Facts
from matching.figure_signals import compared
from matching.figures import named
from matching.money import at_home, ends
from matching.pair import Pair
from matching.prepared import Weighted
from matching.profile import Profile
from matching.result import Said
from matching.term_signals import apart, countries, distance, holds_in, track_record
from vocabulary.listing import Price
from vocabulary.money import HOME
from vocabulary.regions import PROVINCES

NOTHING = Said("said.nothing")
"""This side says nothing about it."""
SHOWN = 6
"""More figures would not be read."""


def words_used(pair: Pair) -> Said:
    return Said("said.words_used", {"count": str(len(pair.demand.words))})


def words_shared(pair: Pair) -> Said:
    return Said("said.words_shared", {"count": str(pair.common.text)})


def title_asked(pair: Pair) -> Said:
    return Said("said.title", {"name": pair.demand.profile.title})


def title_offered(pair: Pair) -> Said:
    return Said("said.title", {"name": pair.offer.profile.title})


def heading_found(pair: Pair) -> Said:
    return _found("said.heading_found", pair.common.heading, pair.demand.heading)


def opening_asked(pair: Pair) -> Said:
    return _found("said.opening_asked", pair.common.opening, pair.offer.heading)


def telling_asked(pair: Pair) -> Said:
    return Said("said.telling_asked", {"count": str(len(pair.demand.telling.terms))})


def telling_found(pair: Pair) -> Said:
    return _found("said.telling_found", pair.common.telling, pair.demand.telling)


def _found(code: str, found: int, asked: Weighted) -> Said:
    return Said(code, {"count": str(found), "of": str(len(asked.terms))})


def meaning(pair: Pair) -> Said:
    """Which words the meaning links is worked out only where a pair is explained."""
    known = pair.overlap.meaning is not None or pair.overlap.sense is not None
    return Said("said.meaning") if known else NOTHING


def requirements_asked(pair: Pair) -> Said:
    rows = pair.demand.profile.requirements
    return Said("said.requirements_asked", {"count": str(len(rows))}) if rows else NOTHING


def requirements_answered(pair: Pair) -> Said:
    judgements = [finding.judgement for finding in pair.findings]
    counted = {name: judgements.count(name) for name in ("met", "partly", "conflict")}
    if not any(counted.values()):
        return NOTHING
    params = {name: str(count) for name, count in counted.items()}
    return Said("said.requirements_answered", params | {"of": str(len(judgements))})


def figures_asked(pair: Pair) -> Said:
    """The figures that the offer's are held against; where there are none, all that are named."""
    return _figures([asked.typed for asked, _ in compared(pair)] or named(pair.demand.figures))


def figures_offered(pair: Pair) -> Said:
    return _figures([offered.typed for _, offered in compared(pair)] or named(pair.offer.figures))


def _figures(typed: Sequence[str]) -> Said:
    shown = list(dict.fromkeys(typed))[:SHOWN]
    return Said("said.figures", {"words": "; ".join(shown)}) if shown else NOTHING


def fields_asked(pair: Pair) -> Said:
    return _catalogues(pair.demand.profile)


def fields_offered(pair: Pair) -> Said:
    return _catalogues(pair.offer.profile)


def _catalogues(profile: Profile) -> Said:
    """One message for each combination of catalogues: `said.fields`, `said.fields_ipc` …"""
    codes = {
        "fields": profile.fields,
        "ipc": profile.ipc,
        "industries": profile.industries,
        "strategic": profile.strategic,
    }
    stated = {name: " ".join(values) for name, values in codes.items() if values}
    return Said(f"said.{'_'.join(stated)}", stated) if stated else NOTHING


def readiness_asked(pair: Pair) -> Said:
    profile = pair.demand.profile
    if profile.trl_min is None and profile.trl_max is None:
        return NOTHING
    return Said("said.trl_asked", {"trl": _range(profile.trl_min or 1, profile.trl_max or 9)})


def readiness_offered(pair: Pair) -> Said:
    level = pair.offer.profile.trl_max or pair.offer.profile.trl_min
    return Said("said.trl_offered", {"trl": str(level)}) if level else NOTHING


def budget(pair: Pair) -> Said:
    return _money("said.budget", pair.demand.profile.price, pair.offer.profile.price, pair.demand.facts)


def price(pair: Pair) -> Said:
    return _money("said.price", pair.offer.profile.price, pair.demand.profile.price, pair.demand.facts)


def _money(code: str, amount: Price | None, beside: Price | None, facts: Facts) -> Said:
    """What one side names; where the other names another currency, also what that is in đồng."""
    if amount is None:
        return NOTHING
    low, high = ends(amount)
    if low is None or high is None:
        return Said("said.negotiable")
    # «From a thousand million on» has no upper end.
    until = _range if amount.maximum is not None else _from
    named = {"price": f"{until(low, high)} {amount.currency}"}
    if beside is None or amount.currency in (beside.currency, HOME) or ends(beside)[0] is None:
        return Said(code, named)
    rate = facts.rates.get(amount.currency)
    if rate is None:
        return Said(f"{code}_no_rate", named | {"currency": amount.currency})
    worth = until(at_home(low, rate), at_home(high, rate))
    quoted = {"rate": f"{rate.units} {rate.currency} {rate.amount} {HOME}", "date": rate.day.isoformat()}
    return Said(f"{code}_exchanged", named | {"worth": f"{worth} {HOME}"} | quoted)


def transfer_asked(pair: Pair) -> Said:
    return _listed("said.transfer_asked", "transfer_forms", pair.demand.profile.transfer_forms)


def transfer_offered(pair: Pair) -> Said:
    return _listed("said.transfer_offered", "transfer_forms", pair.offer.profile.transfer_forms)


def place_asked(pair: Pair) -> Said:
    profile = pair.demand.profile
    if profile.province and not (profile.territory and _apart(pair)):
        return Said("said.place", {"province": profile.province})
    return _listed("said.territory", "territory", profile.territory)


def place_offered(pair: Pair) -> Said:
    profile = pair.offer.profile
    if not profile.province or _apart(pair):
        return _listed("said.territory", "territory", profile.territory)
    if not (profile.province in PROVINCES and pair.demand.profile.province in PROVINCES):
        return Said("said.place", {"province": profile.province})
    return Said("said.place_away", {"province": profile.province, "km": str(distance(pair))})


def _apart(pair: Pair) -> bool:
    """Whether their countries part them, however near their provinces are."""
    demand, offer = pair.demand.profile, pair.offer.profile
    return apart((demand.territory, demand.province), (offer.territory, offer.province))


def needed_by(pair: Pair) -> Said:
    return _day("said.needed_by", pair.demand.profile)


def ready_from(pair: Pair) -> Said:
    return _day("said.ready_from", pair.offer.profile)


def _day(code: str, profile: Profile) -> Said:
    return Said(code, {"date": profile.needed_by}) if profile.needed_by else NOTHING


def rights_asked(pair: Pair) -> Said:
    profile = pair.demand.profile
    if profile.rights:
        return _listed("said.rights_asked", "right", [right.kind for right in profile.rights])
    return _listed("said.rights_needed", "transfer_forms", profile.transfer_forms)


def rights_held(pair: Pair) -> Said:
    held, demand = pair.offer.profile.rights, pair.demand.profile
    where = countries(demand.territory, demand.province)
    said = _listed("said.rights_held", "right", [f"{right.kind}:{right.status}" for right in held])
    if elsewhere := dict.fromkeys(right.territory for right in held if not holds_in(right, where)):
        return Said("said.rights_elsewhere", {**said.params, "territory": " ".join(elsewhere)})
    return said


def record_asked(pair: Pair) -> Said:
    return Said("said.record_asked")


def record_held(pair: Pair) -> Said:
    """How many cases, and with whom, is nobody's business: a step is all that is told."""
    if pair.offer.profile.anonymous:
        return Said("said.record_hidden")
    reached = track_record(pair.offer)
    return Said("said.record_short") if reached is None else Said(f"said.record_{reached}")


def _listed(code: str, name: str, values: Sequence[str]) -> Said:
    return Said(code, {name: " ".join(values)}) if values else NOTHING


def _from(low: int, _: int) -> str:
    return f"{low}-"


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
