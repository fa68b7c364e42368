"""What a listing does not say yet: named checks, in the order in which saying it helps most to be found and matched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vocabulary.listing import Content


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is the message `check.<name>`; `field` the control of the form where it is said."""

    name: str
    field: str
    met: bool


def checks(content: Content) -> tuple[Check, ...]:
    """Every check of this kind of listing."""
    return tuple(
        Check(name, _FIELDS.get(name, name), bool(_SAID[name](content))) for name in _ASKED[content.kind]
    )


def missing(content: Content, *, at_most: int = 2) -> tuple[Check, ...]:
    """The first things still to say."""
    return tuple(check for check in checks(content) if not check.met)[:at_most]


_ASKED: Mapping[str, tuple[str, ...]] = {
    "demand": ("description", "fields", "requirements", "trl", "price", "needed_by", "province", "transfer_forms",
               "contact"),
    "offer": ("description", "fields", "advantages", "trl", "evidence", "transfer_forms", "rights", "price",
              "province", "contact"),
    "initiative": ("description", "fields", "problem", "effect", "trl", "province", "contact"),
}  # fmt: skip

_SAID: Mapping[str, Callable[[Content], object]] = {
    "description": lambda content: content.title and content.text.description,
    "fields": lambda content: content.fields,
    "requirements": lambda content: content.requirements,
    "advantages": lambda content: content.text.advantages,
    "problem": lambda content: content.text.problem,
    "effect": lambda content: content.text.effect,
    "trl": lambda content: content.trl_min or content.trl_max,
    "evidence": lambda content: content.text.evidence,
    "transfer_forms": lambda content: content.transfer_forms,
    "rights": lambda content: content.rights,
    "price": lambda content: content.price,
    "needed_by": lambda content: content.needed_by,
    "province": lambda content: content.province,
    "contact": lambda content: content.contact.email or content.contact.phone,
}

_FIELDS: Mapping[str, str] = {"trl": "trl_min", "price": "price_min", "contact": "contact_email"}
