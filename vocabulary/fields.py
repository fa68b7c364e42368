"""Fields of research and development: the OECD's FORD classification (Frascati Manual 2015, table 2.2), two levels.

The Vietnamese names follow Decision 12/2008/QĐ-BKHCN, whose six fields are those of the OECD; below them only the
names are taken, for its branches are not those of FORD one by one.
"""

from vocabulary.codelist import CodeList

FORD = CodeList("fields")
"""6 fields («2») and 42 below them («2.10», which is not «2.1»)."""
