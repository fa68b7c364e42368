"""Every word a score can say stands in both languages, and every sentence can be filled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given

from matching.engine import explain
from matching.gates import GATES
from matching.model import RULES
from matching.profile import Profile
from matching.result import Said
from matching.statistics import DEFAULT
from tests.matching.listings import demands, offers

LANGUAGES = Path(__file__).parents[2] / "languages"


def messages(language: str) -> dict[str, str]:
    with (LANGUAGES / language / "matching.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


SPOKEN = {language: messages(language) for language in ("vi", "en")}


def said_by(demand: Profile, offer: Profile) -> Iterator[Said]:
    scored = explain(demand, offer, DEFAULT)
    for signal in scored.signals:
        yield from (signal.demand, signal.offer)
    yield from (gate.detail for gate in scored.gates)
    for lift in scored.lifts:
        yield from (lift.change, *lift.also)


@given(demands, offers)
def test_all_that_is_said_has_a_sentence(demand: Profile, offer: Profile) -> None:
    for said in said_by(demand, offer):
        for spoken in SPOKEN.values():
            assert spoken[said.code] % said.params


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_every_signal_gate_and_state_is_named(language: str) -> None:
    keys = SPOKEN[language]
    for rule in RULES:
        assert keys[f"signal.{rule.name}"]
        assert keys[f"signal.{rule.name}.help"]
    for name, _ in GATES:
        assert keys[f"gate.{name}"]
    for state in ("met", "partly", "unmet", "unknown"):
        assert keys[f"state.{state}"]
    for band in ("high", "fair", "low"):
        assert keys[f"band.{band}"]


def test_both_languages_hold_the_same_keys_and_values() -> None:
    assert SPOKEN["vi"].keys() == SPOKEN["en"].keys()
    for key, sentence in SPOKEN["vi"].items():
        assert _names(sentence) == _names(SPOKEN["en"][key]), key


def _names(sentence: str) -> set[str]:
    return {part.split(")")[0] for part in sentence.split("%(")[1:]}
