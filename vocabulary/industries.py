"""Industries: sections and divisions of Vietnam's VSIC 2025 (Decision 36/2025/QĐ-TTg of 29 September 2025, in force
since 15 November 2025), which follows ISIC rev. 5.

It replaced VSIC 2018 (Decision 27/2018/QĐ-TTg). What each code of that became is told by the conversion tables of the
Statistics Office (official letter 3061/CTK-CSCL, December 2025).
"""

from collections.abc import Mapping

from vocabulary.codelist import CodeList
from vocabulary.problems import Unreadable

CATALOGUE = "36/2025/QĐ-TTg"
"""The edition that the codes below are of."""

VSIC = CodeList("industries")
"""22 sections («C») and 87 divisions («10»)."""

SINCE_2018: Mapping[str, tuple[str, ...]] = {
    "J": (
        "J",
        "K",
    ),  # Information and communication: what is made and sent, and the networks and programs for it.
    **{old: (new,) for old, new in zip("KLMNOPQRSTU", "LMNOPQRSTUV", strict=True)},
    "45": ("46", "47", "95"),  # Motor vehicles are sold as other goods are, and mended as other goods are.
}
"""Code of VSIC 2018 -> codes here, where they differ. Classes that moved from one division to another are too few to move
the whole."""


def read(text: str) -> str:
    """An industry by code or name. Raises `Unreadable`: `code.unknown`, or `code.former` for a division that is no more."""
    try:
        return VSIC.read(text)
    except Unreadable:
        became = SINCE_2018.get(text.strip())
        if became is None:
            raise
        raise Unreadable("code.former", value=text.strip(), codes=", ".join(became)) from None
