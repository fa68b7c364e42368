"""The frozen statistics a score rests on."""

from __future__ import annotations

import random

import pytest

from matching.statistics import DEFAULT, collect, from_bytes, to_bytes
from tests.matching.listings import offer

CROWD = [offer(f"máy lọc {word}", uid=word) for word in ("asen", "mangan", "bụi", "bụi mịn")]


def test_rare_terms_weigh_more_and_unknown_ones_most() -> None:
    known = collect(CROWD)
    assert known.idf("may") < known.idf("bui") < known.idf("chưa ai nói")
    assert known.idf("may") > 0


def test_before_anything_was_counted_all_terms_are_alike() -> None:
    assert DEFAULT.documents == 0
    assert DEFAULT.idf("may") == DEFAULT.idf("asen") > 0


def test_the_version_names_the_content_and_no_order() -> None:
    shuffled = random.Random(3).sample(CROWD, len(CROWD))
    assert collect(CROWD).version == collect(shuffled).version
    assert collect(CROWD).version != collect(CROWD[:3]).version


def test_bytes_there_and_back() -> None:
    known = collect(CROWD)
    assert from_bytes(to_bytes(known)) == known
    assert from_bytes(to_bytes(known)).idf("bui") == known.idf("bui")
    assert to_bytes(known) == to_bytes(collect(CROWD))


@pytest.mark.parametrize("damaged", [b"", b"nonsense", to_bytes(DEFAULT)[:-9]])
def test_damaged_bytes_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        from_bytes(damaged)


def test_a_pair_weighs_less_than_a_word_as_rare() -> None:
    known = collect(CROWD)
    assert known.weights["may_loc"] == known.idf("may_loc") * 2 // 5
    assert known.weights["bui"] == known.idf("bui")
