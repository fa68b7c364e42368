"""Countries and territories by their two letters (ISO 3166-1 alpha-2). Their names are the language library's."""

from __future__ import annotations

from collections.abc import Set

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

COUNTRIES = frozenset(_CODES.split())
HOME = "VN"
"""Where this exchange stands: a listing that names a province of it and no country is meant for it."""

OFFICES = frozenset({"AP", "EA", "EM", "EP", "EU", "OA", "WO"})
"""Offices that grant or register rights for several countries at once (WIPO standard ST.3), and the Union itself."""
WORLD = "WO"
"""An application that may still go into any country."""


def covers(territory: str, countries: Set[str]) -> bool:
    """Whether a right registered there may hold in one of these countries; none of them named is all of them. Which members
    of a regional office it was taken to nobody says; this country is a member of none."""
    if not territory or territory == WORLD or not countries:
        return True
    return territory in countries or (territory in OFFICES and not countries <= {HOME})
