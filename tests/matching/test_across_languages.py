"""A demand in one language beside an offer in another, through a term table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.building import profile
from matching.engine import explain, rank, score
from matching.profile import Profile
from matching.statistics import DEFAULT, Statistics, speaking
from vocabulary.bilingual import EMPTY, Entry, TermTable
from vocabulary.listing import Content, Kind, Requirement, Text

TABLE = TermTable(
    tuple(
        Entry(("vi", "en"), terms)
        for terms in (
            ("cảm biến", "sensor"), ("độ mặn", "salinity"), ("ao nuôi", "pond"), ("máy sấy", "dryer"), ("lúa", "rice"),
            ("sai số", "error"),
        )
    )
)  # fmt: skip
SPEAKING = speaking(DEFAULT, TABLE)


def listing(kind: Kind, language: str, title: str, body: str = "", **more: object) -> Profile:
    content = Content(kind, language, {language: Text(title=title, description=body or title)}).revised(
        **more
    )
    return profile(content, uid=f"{kind}:{title}", rev=1, owner=kind)


DEMAND = listing("demand", "vi", "Cảm biến đo độ mặn", "Cần cảm biến độ mặn cho ao nuôi.")
SENSOR = listing("offer", "en", "Salinity sensor", "A salinity sensor for the pond.")
DRYER = listing("offer", "en", "Rice dryer", "A dryer for rice.")


def total(demand: Profile, offer: Profile, statistics: Statistics = SPEAKING) -> int:
    return score(demand, offer, statistics).total


def test_the_fitting_offer_of_another_language_comes_first() -> None:
    assert rank(DEMAND, [DRYER, SENSOR], SPEAKING)[0].offer == SENSOR.uid
    assert total(DEMAND, SENSOR) > 2 * total(DEMAND, SENSOR, DEFAULT)
    assert total(DEMAND, DRYER) < total(DEMAND, SENSOR)


def test_it_goes_both_ways() -> None:
    wanted = listing("demand", "en", "Salinity sensor", "A sensor of salinity for a pond.")
    offered = listing("offer", "vi", "Cảm biến độ mặn", "Cảm biến đo độ mặn trong ao nuôi.")
    assert total(wanted, offered) > 2 * total(wanted, offered, DEFAULT)


def test_candidates_of_several_languages_are_each_compared_in_their_own() -> None:
    offers = [DRYER, listing("offer", "vi", "Máy sấy lúa", "Cảm biến độ mặn không có."), SENSOR]
    demands = [listing("demand", "en", "Salinity sensor", "A sensor for a pond."), DEMAND]
    for subject, others in ((DEMAND, offers), (SENSOR, demands)):
        found = {
            one.demand if subject is SENSOR else one.offer: one for one in rank(subject, others, SPEAKING)
        }
        alone = [rank(subject, [other], SPEAKING) for other in others]
        assert list(found.values()) == sorted((one for (one,) in alone), key=lambda one: -one.total)


def test_the_explanation_shows_both_terms() -> None:
    telling = next(one for one in explain(DEMAND, SENSOR, SPEAKING).signals if one.name == "telling")
    assert "độ mặn ↔ salinity" in telling.offer.params["words"].lower()
    assert "độ mặn" in telling.demand.params["words"].lower()


def test_a_requirement_is_answered_by_a_sentence_of_the_other_language() -> None:
    demand = listing(
        "demand", "vi", "Cảm biến độ mặn", requirements=(Requirement("sai số", "<=", "0,5", "‰"),)
    )
    offer = listing("offer", "en", "Salinity sensor", "It measures salinity. The error is at most 0.3 ‰.")
    found = explain(demand, offer, SPEAKING).evidence[0]
    assert (found.state, found.quote) == ("met", "The error is at most 0.3 ‰.")


def test_pairs_of_one_language_do_not_know_the_table() -> None:
    offer = listing("offer", "vi", "Cảm biến độ mặn")
    both = Content("offer", "en", {"en": Text(title="Sensor"), "vi": Text(title="Cảm biến độ mặn")})
    for one in (offer, profile(both, uid="both", rev=1, owner="offer")):
        with_table, without = score(DEMAND, one, SPEAKING), score(DEMAND, one, DEFAULT)
        assert (with_table.total, with_table.ratings) == (without.total, without.ratings)


def test_a_score_names_its_table() -> None:
    assert score(DEMAND, SENSOR, SPEAKING).statistics_version == f"{DEFAULT.version}-{TABLE.version}"
    assert speaking(SPEAKING, EMPTY).version == DEFAULT.version


words = st.sampled_from(["cảm biến", "độ mặn", "ao nuôi", "máy sấy", "lúa", "Omega", "42"])
english = st.sampled_from(["sensor", "salinity", "pond", "dryer", "rice", "Omega", "42"])


@given(st.lists(words, min_size=1, max_size=9), st.lists(english, min_size=1, max_size=9))
def test_points_sum_and_lifts_are_true_across_languages(vi: list[str], en: list[str]) -> None:
    demand, offer = listing("demand", "vi", " ".join(vi)), listing("offer", "en", " ".join(en))
    told = explain(demand, offer, SPEAKING)
    assert sum(signal.points for signal in told.signals) == told.total
    assert 0 <= told.total <= 100_000


@pytest.mark.parametrize("body", ["", "!?", "42", "x" * 5_000])
def test_nothing_to_translate_is_no_error(body: str) -> None:
    assert 0 <= total(listing("demand", "vi", "?", body), SENSOR) <= 100_000
