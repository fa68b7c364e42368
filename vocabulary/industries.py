"""Industries: sections and divisions of Vietnam's VSIC 2018 (Decision 27/2018/QĐ-TTg), which follow ISIC rev. 4 and NACE.

Decision 36/2025/QĐ-TTg, in force since 15 November 2025, put a list of 22 sections (VSIC 2025) in its place. The 2018
divisions are kept until that text has been carried over: the same code may mean something else in it.
"""

from vocabulary.codelist import CodeList

VSIC = CodeList("industries")
"""21 sections («C») and 88 divisions («10»)."""
