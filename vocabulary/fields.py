"""Fields of research and development: the OECD's FORD classification (Frascati Manual 2015, table 2.2), two levels.

The Vietnamese names follow Decision 12/2008/QĐ-BKHCN, whose six fields are those of the OECD.
"""

from vocabulary.codelist import CodeList

FORD = CodeList("fields")
