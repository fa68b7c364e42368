"""A term table learned from texts and their translations."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.aligning import learned
from matching.parallel import parallel
from scripts.learn_terms import made
from vocabulary.bilingual import FULL, TermTable, form
from vocabulary.codelist import DATA
from vocabulary.listing import Content, Text

NOUNS = {
    "cảm biến": "sensor",
    "máy bơm": "pump",
    "nhà kính": "greenhouse",
    "lò hơi": "boiler",
    "bể lọc": "filter",
}
VERBS = {"đo nước": "measures water", "bán chạy": "sells well", "chịu nhiệt": "resists heat"}
TEXTS = [(f"{noun} {verb}", f"{NOUNS[noun]} {VERBS[verb]}") for noun in NOUNS for verb in VERBS]

sentences = st.lists(st.sampled_from(["ao", "cá", "tôm", "nước", "mặn", "lúa"]), min_size=1, max_size=5).map(
    " ".join
)
translations = st.lists(
    st.sampled_from(["pond", "fish", "shrimp", "water", "salty", "rice"]), min_size=1, max_size=5
).map(" ".join)
parallels = st.lists(st.tuples(sentences, translations), min_size=1, max_size=8)


def best(table: TermTable, term: str) -> str:
    """What the term most likely means."""
    found = table.translated({term: 1}, "vi", "en")
    return max(found, key=lambda one: found[one][term])


def test_words_of_two_syllables_find_their_counterparts() -> None:
    table = learned(TEXTS, ("vi", "en"))
    meant = {form(vi, "vi")[0]: form(en, "en")[0] for vi, en in NOUNS.items()}
    assert {noun: best(table, noun) for noun in meant} == meant


def test_terms_come_as_people_write_them() -> None:
    assert ("cảm biến", "sensor") in {entry.terms for entry in learned(TEXTS, ("vi", "en")).entries}


@settings(max_examples=40, deadline=None)
@given(parallels, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_nothing(texts: list[tuple[str, str]], chance: random.Random) -> None:
    mixed = list(texts)
    chance.shuffle(mixed)
    assert learned(mixed, ("vi", "en")) == learned(texts, ("vi", "en"))


@settings(max_examples=40, deadline=None)
@given(parallels)
def test_neither_side_is_the_first(texts: list[tuple[str, str]]) -> None:
    turned = learned([(other, one) for one, other in texts], ("en", "vi"))
    assert {entry.turned() for entry in turned.entries} == set(learned(texts, ("vi", "en")).entries)


@settings(max_examples=40, deadline=None)
@given(parallels)
def test_weights_are_shares(texts: list[tuple[str, str]]) -> None:
    assert all(0 < entry.weight <= FULL for entry in learned(texts, ("vi", "en")).entries)


def test_nothing_is_learned_from_nothing() -> None:
    assert not learned([], ("vi", "en"))
    assert not learned([("!?", "…"), ("", "")], ("vi", "en"))


def test_a_listing_in_both_languages_is_read_sentence_beside_sentence() -> None:
    both = Content("offer", "vi", {
        "vi": Text(title="Máy sấy", description="Sấy nhanh. Tốn ít điện.", effect="Rẻ. Bền."),
        "en": Text(title="Dryer", description="Dries fast. Needs little power.", effect="Cheap and lasting."),
    })  # fmt: skip
    assert list(parallel(both, ("vi", "en"))) == [
        ("Máy sấy", "Dryer"), ("Sấy nhanh.", "Dries fast."), ("Tốn ít điện.", "Needs little power."),
        ("Rẻ. Bền.", "Cheap and lasting."),
    ]  # fmt: skip
    assert not list(parallel(both.revised(texts={"vi": both.texts["vi"]}), ("vi", "en")))


def test_the_built_in_table_is_the_one_our_texts_teach_today() -> None:
    assert (DATA / "terms.csv").read_text(encoding="utf-8") == made()
