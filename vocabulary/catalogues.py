"""Editions of catalogues: the law replaces a list now and then, and in the new one the same code may mean something else.

So codes travel with the edition they are of, and those of an edition before are read through the table that leads
from it to the present one. An edition that is not known here makes its codes unknown: they wait until it has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vocabulary import industries, strategic

MEMBER = "catalogues"
"""Under this name a record says the editions: list -> edition."""
PRESENT: Mapping[str, str] = {"industries": industries.CATALOGUE, "strategic": strategic.CATALOGUE}
"""Lists that have had more than one edition, and the one our codes are of."""
UNSAID: Mapping[str, str] = {"industries": "27/2018/QĐ-TTg", "strategic": "1131/QĐ-TTg"}
"""What codes are of in a record that does not say it: so were all before editions were said."""
FORMER: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("industries", "27/2018/QĐ-TTg"): industries.SINCE_2018,
}
"""List and edition -> code there -> codes here. A code that is missing means here what it meant there."""


def editions(record: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a record says of the codes it holds; nothing where it holds none."""
    return {name: edition for name, edition in PRESENT.items() if record.get(name)}


def present(name: str, codes: Iterable[str], said: object) -> tuple[str, ...]:
    """Codes of a list as they are here; `said` is what their record says of editions, whatever it is. Those of a list that
    has had one edition only stay as they are."""
    if name not in PRESENT:
        return tuple(codes)
    edition = said.get(name) if isinstance(said, Mapping) else None
    edition = edition or UNSAID[name]
    if edition == PRESENT[name]:
        return tuple(codes)
    table = FORMER.get((name, str(edition)))
    if table is None:
        return tuple(f"{code} ({edition})" for code in codes)
    return tuple(dict.fromkeys(here for code in codes for here in table.get(code, (code,))))
