"""One value changed in a profile, so that «what if» can be tried and proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from matching.building import line
from matching.profile import Profile, Wording
from matching.result import Edit
from matching.words import terms, words
from vocabulary.listing import Price


def edited(demand: Profile, offer: Profile, edit: Edit) -> tuple[Profile, Profile]:
    """Both profiles after the edit. Raises KeyError for a field that cannot be edited."""
    if edit.field == "requirement":
        return demand, _with_requirement(offer, demand, int(edit.value))
    if edit.field == "sentence":
        return demand, _with_sentence(offer, edit.value, demand.language)
    change = _CHANGES[edit.field]
    if edit.side == "demand":
        return change(demand, edit.value), offer
    return demand, change(offer, edit.value)


def _with_trl(profile: Profile, value: str) -> Profile:
    low, _, high = value.partition("-")
    return replace(profile, trl_min=int(low), trl_max=int(high or low))


def _with_price(profile: Profile, value: str) -> Profile:
    amount, currency = value.split()
    low, _, high = amount.partition("-")
    kind = profile.price.kind if profile.price else "indicative"
    return replace(profile, price=Price(int(low), int(high or low), currency, kind))


def _with_day(profile: Profile, value: str) -> Profile:
    return replace(profile, needed_by=value)


def _with_forms(profile: Profile, value: str) -> Profile:
    return replace(profile, transfer_forms=_added(profile.transfer_forms, value))


def _with_territory(profile: Profile, value: str) -> Profile:
    return replace(profile, territory=_added(profile.territory, value))


def _with_fields(profile: Profile, value: str) -> Profile:
    return replace(profile, fields=_added(profile.fields, value))


_CHANGES: Mapping[str, Callable[[Profile, str], Profile]] = {
    "trl": _with_trl,
    "price": _with_price,
    "needed_by": _with_day,
    "transfer_forms": _with_forms,
    "territory": _with_territory,
    "fields": _with_fields,
}


def _added(codes: tuple[str, ...], value: str) -> tuple[str, ...]:
    return (*codes, *(code for code in value.split() if code not in codes))


def _with_requirement(offer: Profile, demand: Profile, number: int) -> Profile:
    """The offer states the demand's row as its own, before any other of the same name."""
    row, asked = demand.requirements[number], demand.asked[number]
    stated = replace(offer, requirements=(row, *offer.requirements), asked=(asked, *offer.asked))
    return _saying(stated, line(row), demand.language)


def _with_sentence(offer: Profile, sentence: str, language: str) -> Profile:
    """The offer says this sentence, too."""
    number = len(offer.sentences)
    added = {word: (*offer.places.get(word, ()), number) for word in words(sentence, language)}
    quotable = replace(offer, sentences=(*offer.sentences, sentence), places={**offer.places, **added})
    return _saying(quotable, sentence, language)


def _saying(offer: Profile, text: str, language: str) -> Profile:
    """These words counted with the offer's own, or with its translation into their language."""
    counted = Counter(terms(text, language))
    before = offer.translations.get(language)
    if before is None:
        return replace(offer, words=dict(Counter(offer.words) + counted))
    wording = Wording(dict(Counter(before.words) + counted), before.heading)
    return replace(offer, translations={**offer.translations, language: wording})
