"""Which language two listings are compared in."""

from __future__ import annotations

from matching.building import profile
from matching.engine import explain, score
from matching.lifts import apply
from matching.profile import Profile
from matching.statistics import DEFAULT, collect
from vocabulary.listing import Content, Kind, Text

VI = Text(title="Máy lọc nước mặn", description="Lọc nước mặn cho đảo.")
EN = Text(title="Salt water filter", description="Filters salt water for islands.")


def spoken(kind: Kind, own: str, **texts: Text) -> Profile:
    return profile(Content(kind, own, texts), uid=f"{kind}-{own}-{'-'.join(texts)}", rev=1, owner="")


def total(demand: Profile, offer: Profile) -> int:
    return score(demand, offer, DEFAULT).total


def test_a_translation_takes_nothing_from_a_pair_of_one_language() -> None:
    asking, plain = spoken("demand", "vi", vi=VI), spoken("offer", "vi", vi=VI)
    assert total(asking, spoken("offer", "vi", vi=VI, en=EN)) == total(asking, plain)
    assert total(spoken("demand", "vi", vi=VI, en=EN), plain) == total(asking, plain)


def test_a_translation_on_either_side_brings_two_languages_together() -> None:
    apart = total(spoken("demand", "en", en=EN), spoken("offer", "vi", vi=VI))
    assert apart == 0
    by_offer = total(spoken("demand", "en", en=EN), spoken("offer", "vi", vi=VI, en=EN))
    by_demand = total(spoken("demand", "en", en=EN, vi=VI), spoken("offer", "vi", vi=VI))
    by_a_third = total(spoken("demand", "fr", fr=Text("Filtre"), en=EN), spoken("offer", "vi", vi=VI, en=EN))
    assert min(by_offer, by_demand, by_a_third) > 80_000


def test_changes_are_true_in_a_translation_too() -> None:
    asking = spoken("demand", "en", en=EN)
    offering = spoken("offer", "vi", vi=VI, en=Text(title="Filter"))
    explained = explain(asking, offering, DEFAULT)
    assert explained.lifts
    for lift in explained.lifts:
        assert total(*apply(lift, asking, offering)) == explained.total + lift.gain


def test_statistics_count_a_listing_once_in_all_its_languages() -> None:
    same = Text(title="Sensor")
    known = collect([spoken("offer", "vi", vi=same, fr=same), spoken("demand", "vi", vi=same)])
    assert (known.documents, known.frequency["sensor"]) == (2, 2)
