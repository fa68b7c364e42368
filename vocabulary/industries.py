"""Industries: sections and divisions of Vietnam's VSIC 2018 (Decision 27/2018/QĐ-TTg), which follow ISIC rev. 4 and NACE."""

from vocabulary.codelist import CodeList

VSIC = CodeList("industries")
