import pytest

from stance.evaluation.regions import region_of
from stance.extraction.countries import table


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("Cuba", "Latin America and Caribbean"),
        ("PRK", "Asia-Pacific"),
        ("United States", "Western Europe and Others"),
        ("Russian Federation", "Eastern Europe"),
        ("Côte d'Ivoire", "Africa"),
        ("European Union", ""),
        ("Palestine", ""),
        ("", ""),
    ],
)
def test_a_country_belongs_to_a_regional_group(country, region):
    assert region_of(country) == region


def test_all_member_states_but_one_have_a_group():
    codes = {place.code for place in table().values() if place.kind == "name" and region_of(place.code)}
    assert len(codes) == 192
