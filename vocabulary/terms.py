"""Forms of transfer and rights: the short lists a listing is filled with.

Forms of transfer are those of the Law on Technology Transfer 07/2017/QH14, article 5, with the usage of the trade;
kinds of rights are those of the Law on Intellectual Property 50/2005/QH11 as amended (a utility solution is what
its article 58 calls an invention without an inventive step; know-how is kept with trade secrets).
"""

from __future__ import annotations

from collections.abc import Mapping

from vocabulary.codelist import CodeList

TRANSFER_FORMS = CodeList("transfer_forms")
RIGHT_KINDS = CodeList("right_kinds")
RIGHT_STATUSES = CodeList("right_statuses")

LICENCES = ("exclusive_licence", "sole_licence", "non_exclusive_licence")
NEEDS_RIGHT = frozenset({"ownership_assignment", *LICENCES, "franchise", "capital_contribution"})
"""Forms that hand over a right, so that one must exist or be on its way."""
TECHNICAL = frozenset(
    {"patent", "utility_solution", "layout_design", "plant_variety", "copyright", "trade_secret"}
)
"""Kinds of rights in a technology itself; a trademark and a design say how it is named and looks."""
LIVE_STATUSES = frozenset({"filed", "published", "granted"})
"""A right that exists or is on its way."""

FAMILIES: Mapping[str, str] = {
    "ownership_assignment": "assignment",
    **dict.fromkeys(LICENCES, "licence"),
    "franchise": "licence",
    "capital_contribution": "venture",
    "joint_venture": "venture",
    "spin_off": "venture",
    "investment_project": "equipment",
    "equipment": "equipment",
    "contract_research": "research",
    "joint_research": "research",
    "technical_assistance": "service",
    "consulting_training": "service",
}
"""Forms that can stand in for one another in a negotiation."""
WITHIN_FAMILY = 0.6
"""How close two forms of one family are: our estimate, not a measurement."""


def closeness(first: str, second: str) -> float:
    """1 for the same form, `WITHIN_FAMILY` for forms of one family (a sole licence for an exclusive one), else 0."""
    if first == second:
        return 1.0
    return WITHIN_FAMILY if FAMILIES.get(first, first) == FAMILIES.get(second, second) else 0.0
