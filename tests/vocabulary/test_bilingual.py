"""What a term of one language is called in another: the table and its files."""

from __future__ import annotations

import random
from collections.abc import Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary import term_files, term_list
from vocabulary.bilingual import FULL, LONGEST, ORIGINS, Entry, TermTable, above, form, merged

WAY = ("vi", "en")


def entry(vi: str, en: str, weight: int = FULL, origin: str = "librarian") -> Entry:
    return Entry(WAY, (vi, en), weight, origin)  # type: ignore[arg-type]


words = st.sampled_from(["mặn", "độ mặn", "máy", "máy sấy lúa", "cảm biến", "trí tuệ nhân tạo", "đo", "ao"])
english = st.sampled_from(["salinity", "rice dryer", "sensor", "internet of things", "pond", "measure"])
entries = st.builds(entry, words, english, st.integers(0, FULL), st.sampled_from(ORIGINS))
tables = st.lists(entries, max_size=12).map(lambda some: TermTable(tuple(some)))


@pytest.mark.parametrize(
    ("term", "language", "parts"),
    [
        ("độ mặn", "vi", ("do_man",)),
        ("ĐỘ MẶN", "vi", ("do_man",)),
        ("mặn", "vi", ("man",)),
        ("trí tuệ nhân tạo", "vi", ("tri_tue", "tue_nhan", "nhan_tao")),
        ("dryers", "en", ("dryer",)),
        ("internet of things", "en", ("internet", "thing")),
        ("!?", "vi", ()),
    ],
)
def test_a_term_is_compared_by_what_must_all_be_there(
    term: str, language: str, parts: tuple[str, ...]
) -> None:
    assert form(term, language) == parts


def once(*terms: str) -> dict[str, int]:
    """These terms, each said once."""
    return dict.fromkeys(terms, 1)


def surely(
    table: TermTable, terms: dict[str, int], way: tuple[str, str] = WAY, said: Set[str] = frozenset()
) -> set[str]:
    """The terms of the other language that surely mean it."""
    return {given for sense in table.surely(terms, *way, said=said) for given in sense.whole}


def test_a_table_leads_both_ways() -> None:
    table = TermTable((entry("độ mặn", "salinity", 800),))
    assert table.translated(once("do", "man", "do_man"), *WAY) == {"salin": {"do_man": 0.8}}
    assert table.translated(once("salin"), "en", "vi")["do_man"] == {"salin": 0.8}
    assert table.partners("vi") == ("en",)
    assert table.partners("fr") == ()


def test_a_long_term_is_met_only_where_all_of_it_is_said() -> None:
    table = TermTable((entry("trí tuệ nhân tạo", "AI"),))
    assert not table.translated(once("tri_tue"), *WAY)
    assert "ai" in table.translated(once("tri_tue", "tue_nhan", "nhan_tao"), *WAY)


def test_a_word_within_a_longer_term_means_nothing_by_itself() -> None:
    table = TermTable((entry("nước", "water"), entry("nước thải", "wastewater")))
    sewage = {"nuoc": 1, "thai": 1, "nuoc_thai": 1}
    assert surely(table, sewage) == {"wastewat"}
    assert surely(table, {**sewage, "nuoc": 2}) == {"water", "wastewat"}


def test_sure_is_what_people_say_and_what_was_learned_only_where_they_say_nothing() -> None:
    table = TermTable((
        entry("muối", "salt", origin="list"), entry("cách", "salt", 808, "learned"),
        entry("ao", "pond", 700, "learned"), entry("ao", "lake", 200, "learned"), entry("cà phê", "coffee"),
    ))  # fmt: skip
    assert surely(table, once("salt"), ("en", "vi")) == {"muoi"}
    assert surely(table, once("ao")) == {"pond"}
    assert surely(table, once("coffe"), ("en", "vi")) == {"ca_phe"}, "and neither «cà» nor «phê»"


def test_with_marks_a_word_is_only_what_is_written_so() -> None:
    table = TermTable((entry("cân", "weighing"), entry("cần", "need")))
    assert surely(table, once("can")) == {"weigh", "need"}
    assert surely(table, once("can"), said={"cân", "điện", "tử"}) == {"weigh"}


def test_a_persons_word_stands_above_a_list_and_a_list_above_what_was_learned() -> None:
    learned, listed = entry("cá", "fish", 900, "learned"), entry("cá", "fish", 500, "list")
    aside = entry("cá", "fish", 0)
    assert merged(TermTable((learned,)), TermTable((listed,))).entries == (listed,)
    assert not merged(TermTable((learned, listed)), TermTable((aside,))).translated(once("ca"), *WAY)


def test_what_greater_texts_taught_of_a_term_replaces_what_lesser_ones_did() -> None:
    lesser = TermTable(
        (
            entry("cá", "meat", 900, "learned"),
            entry("ao", "pond", 900, "learned"),
            entry("cá", "fish", 900, "list"),
        )
    )
    greater = TermTable((entry("cá", "trout", 300, "learned"),))
    meant = above(greater, lesser).translated(once("ca", "ao"), *WAY)
    assert meant.keys() == {"trout", "fish", "pond"}


def test_spellings_of_the_same_two_terms_are_one_entry() -> None:
    assert TermTable((entry("Độ mặn", "Salinity", 100), entry("do man", "salinity", 900))).entries == (
        entry("do man", "salinity", 900),
    )


@given(st.lists(entries, max_size=12), st.randoms(use_true_random=False))
def test_the_same_entries_in_any_order_are_one_table(some: list[Entry], chance: random.Random) -> None:
    mixed = list(some)
    chance.shuffle(mixed)
    assert TermTable(tuple(mixed)).entries == TermTable(tuple(some)).entries
    assert TermTable(tuple(mixed)).version == TermTable(tuple(some)).version


@given(tables, tables)
def test_another_content_is_another_version(one: TermTable, other: TermTable) -> None:
    assert (one.version == other.version) == (one.entries == other.entries)


@given(tables)
def test_a_weight_is_a_share_and_comes_from_what_was_said(table: TermTable) -> None:
    said = once("do", "man", "do_man", "may", "may_say", "say_lua", "cam_bien")
    for senses in table.translated(said, *WAY).values():
        assert senses.keys() <= said.keys()
        assert all(0 < weight <= 1 for weight in senses.values())


# -- files ---------------------------------------------------------------------------------------------------------


@given(tables)
def test_a_table_written_and_read_again_is_the_same(table: TermTable) -> None:
    assert term_files.read(term_files.written(table, "một\nhai").encode()) == table


def test_a_librarian_may_leave_weight_and_origin_out() -> None:
    read = term_files.read("vi,en\nđộ mặn,salinity\n".encode("utf-8-sig"))
    assert read.entries == (entry("độ mặn", "salinity"),)


@pytest.mark.parametrize(
    ("content", "row", "code"),
    [
        ("", 1, "terms.empty"),
        ("# nothing\n\n", 1, "terms.empty"),
        ("word,meaning\na,b\n", 1, "terms.header"),
        ("vi,vi\na,b\n", 1, "terms.header"),
        ("vi,en,weight\nao,pond,0.5\nmặn,,1\n", 3, "terms.missing"),
        (f"vi,en\nao,{'x' * (LONGEST + 1)}\n", 2, "terms.too_long"),
        ("vi,en\nao,!?\n", 2, "terms.no_word"),
        ("# remark\nvi,en,weight\nao,pond,much\n", 3, "terms.weight"),
        ("vi,en,weight\nao,pond,1.5\n", 2, "terms.weight"),
        ("vi,en,weight\nao,pond,nan\n", 2, "terms.weight"),
        ("vi,en,weight,origin\nao,pond,1,heard\n", 2, "terms.origin"),
        ('vi,en\n"ao,pond\n', 2, "terms.missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(content: str, row: int, code: str) -> None:
    with pytest.raises(term_files.BadTable) as bad:
        term_files.read(content.encode())
    assert [(flaw.row, flaw.code) for flaw in bad.value.flaws] == [(row, code)]


def test_a_file_of_another_encoding_says_so_and_every_bad_row_is_told() -> None:
    with pytest.raises(term_files.BadTable) as bad:
        term_files.read(
            "vi,en\nđộ,one\nmặn,two\n".encode("cp1258", errors="replace").replace(b"\xf0", b"\xff")
            + b"\xff,x\n"
        )
    assert "terms.encoding" in {flaw.code for flaw in bad.value.flaws}


# -- what every exchange begins with -------------------------------------------------------------------------------


def test_the_names_of_our_code_lists_are_in_the_built_in_table() -> None:
    assert "hanoi" in term_list.built_in().translated(once("ha", "noi", "ha_noi"), *WAY)


def test_the_glossary_is_in_it_and_says_nothing_twice() -> None:
    rows = list(term_list.glossary())
    assert len({one.key for one in rows}) == len(rows) > 1_000
    assert all(len(part) > 1 for one in rows for part in one.key), "a term without a word"
    assert surely(term_list.built_in(), once("coffe"), ("en", "vi")) == {"ca_phe"}


def test_the_learned_part_is_what_our_own_texts_teach() -> None:
    from_texts = [one for one in term_list.built_in().entries if one.origin == "learned"]
    assert len(from_texts) > 1_000
    assert (
        max(
            term_list.built_in().translated(once("cam_bien"), *WAY),
            key=lambda term: sum(term_list.built_in().translated(once("cam_bien"), *WAY)[term].values()),
        )
        == "sensor"
    )
