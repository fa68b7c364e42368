"""Strategic technologies: the eleven groups of Decision 1131/QĐ-TTg of 12 June 2025.

Certain: that there are eleven groups (with 35 groups of products below them), their order and what each covers, as the
press of the Ministry of Science and Technology printed them. Not certain: that every name here is the decision's
letter for letter. Its products are not carried.

Decision 21/2026/QĐ-TTg of 30 April 2026, in force since 1 July 2026, replaces the list by ten groups with 30 products.
Its text was not to hand when this was written; until it is carried over `CATALOGUE` names the edition that the
codes are of.
"""

from __future__ import annotations

from vocabulary.codelist import CodeList

CATALOGUE = "1131/QĐ-TTg"
"""The edition that the codes below are of."""

STRATEGIC = CodeList("strategic")
"""11 groups, «1» to «11»."""
