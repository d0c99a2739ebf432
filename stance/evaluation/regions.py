"""The regional groups of the United Nations, by ISO 3166 alpha-3 code.

Source: UN Department for General Assembly and Conference Management, "Regional groups of Member States". Türkiye is
listed with Western Europe, as for elections; Israel and the United States likewise; Kiribati belongs to no group.
"""

from __future__ import annotations

from functools import lru_cache

from stance.extraction.countries import find_places

_GROUPS = {
    "Africa": (
        "DZA AGO BEN BWA BFA BDI CPV CMR CAF TCD COM COG CIV COD DJI EGY GNQ ERI SWZ ETH GAB GMB GHA GIN GNB KEN LSO "
        "LBR LBY MDG MWI MLI MRT MUS MAR MOZ NAM NER NGA RWA STP SEN SYC SLE SOM ZAF SSD SDN TGO TUN UGA TZA ZMB ZWE"
    ),
    "Asia-Pacific": (
        "AFG BHR BGD BTN BRN KHM CHN CYP PRK FJI IND IDN IRN IRQ JPN JOR KAZ KWT KGZ LAO LBN MYS MDV MHL FSM MNG MMR "
        "NRU NPL OMN PAK PLW PNG PHL QAT KOR WSM SAU SGP SLB LKA SYR TJK THA TLS TON TKM TUV ARE UZB VUT VNM YEM"
    ),
    "Eastern Europe": "ALB ARM AZE BLR BIH BGR HRV CZE EST GEO HUN LVA LTU MNE MKD POL MDA ROU RUS SRB SVK SVN UKR",
    "Latin America and Caribbean": (
        "ATG ARG BHS BRB BLZ BOL BRA CHL COL CRI CUB DMA DOM ECU SLV GRD GTM GUY HTI HND JAM MEX NIC PAN PRY PER KNA "
        "LCA VCT SUR TTO URY VEN"
    ),
    "Western Europe and Others": (
        "AND AUS AUT BEL CAN DNK FIN FRA DEU GRC ISL IRL ISR ITA LIE LUX MLT MCO NLD NZL NOR PRT SMR ESP SWE CHE TUR "
        "GBR USA"
    ),
}


@lru_cache(maxsize=1)
def _by_code() -> dict[str, str]:
    return {code: group for group, codes in _GROUPS.items() for code in codes.split()}


def region_of(country: str) -> str:
    """Return the regional group of a country.

    :param country: A name or code; the first country that it names counts.
    :returns: The name of the group; an empty text for organisations, observers and what is no country.
    """
    if country in _by_code():
        return _by_code()[country]
    return next((_by_code()[found.code] for found in find_places(country) if found.code in _by_code()), "")
