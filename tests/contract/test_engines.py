"""What every search engine does. Nothing here knows which one it is; another engine is one more line of `ENGINES`."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.document import Changes, Removal
from search.engine import Engine
from search.query import FACETS, Query, Translation
from tests.contract.engines import NOW, found, listing, put, versions

# -- life of an index --------------------------------------------------------------------------------------------------


def test_what_was_applied_is_found_at_once_and_the_index_knows_how_far_it_is(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"), listing(6, "Máy cấy"))
    assert found(engine, "máy sấy")[0] == 1
    assert (engine.epoch, engine.position, engine.count()) == ("first", 7, 2)
    assert versions(engine) == {"test:offer:0001": 2, "test:offer:0006": 7}


def test_the_same_change_twice_changes_nothing(engine: Engine) -> None:
    for _ in range(2):
        put(engine, listing(1, "Máy sấy"))
    assert engine.count() == 1


def test_an_older_version_never_wins(engine: Engine) -> None:
    put(engine, replace(listing(1, "Máy mới"), version=9))
    put(engine, replace(listing(1, "Máy cũ"), version=3))
    assert found(engine, "mới") == [1]
    assert found(engine, "cũ", forgiving=False) == []
    engine.apply(Changes(9, remove=(Removal("test:offer:0001", 3),)))
    assert engine.count() == 1


def test_what_was_removed_is_gone_and_may_come_back_newer(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    engine.apply(Changes(5, remove=(Removal("test:offer:0001", 5), Removal("test:offer:never", 5))))
    assert (found(engine), engine.count(), versions(engine)) == ([], 0, {})
    put(engine, replace(listing(1, "Máy sấy cũ"), version=4))
    assert engine.count() == 0, "an old version must not rise from the dead"
    put(engine, replace(listing(1, "Máy sấy lại"), version=8))
    assert found(engine, "lại") == [1]


def test_a_new_epoch_begins_empty(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    engine.start("second")
    assert (engine.epoch, engine.position, engine.count()) == ("second", 0, 0)
    put(engine, listing(2, "Máy gặt"))
    assert found(engine) == [2]


def test_a_stretch_of_the_feed_without_listings_moves_the_position(engine: Engine) -> None:
    engine.apply(Changes(9))
    engine.apply(Changes(4))
    assert engine.position == 9, "an older stretch never moves it back"


def test_a_listing_that_cannot_be_held_is_refused_and_its_neighbours_are_not(engine: Engine) -> None:
    put(engine, listing(1, "Máy sấy"))
    broken = replace(listing(2, "Máy hỏng"), updated_at=NOW, price_min=2**64, price_max=2**64)
    (refused,) = engine.apply(Changes(4, (listing(1, "Máy in"), broken, listing(3, "Máy gặt"))))
    assert refused.uid == broken.uid
    assert refused.reason
    assert engine.position == 4, "what was refused holds up nothing"
    assert sorted(found(engine)) == [1, 3]


# -- words -------------------------------------------------------------------------------------------------------------

TYPED = [
    "cảm biến độ mặn",
    "cam bien do man",
    "CẢM BIẾN ĐỘ MẶN",
    unicodedata.normalize("NFD", "cảm biến độ mặn"),
]


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("written", [TYPED[0], TYPED[3]])
def test_marks_case_and_form_do_not_matter(engine: Engine, typed: str, written: str) -> None:
    put(engine, listing(1, written), listing(2, "Máy sấy lúa"))
    assert found(engine, typed) == [1]


@pytest.mark.parametrize("typed", ["co2", "CO₂"])
@pytest.mark.parametrize("written", ["Thu giữ CO2", "Thu giữ CO₂"])
def test_a_formula_is_found_with_small_digits_and_without(engine: Engine, typed: str, written: str) -> None:
    put(engine, listing(1, written), listing(2, "Máy sấy lúa"))
    assert found(engine, typed, forgiving=False) == [1]


def test_words_laid_beside_a_listing_find_it_and_are_not_shown_as_its_own(engine: Engine) -> None:
    laid = "Automatic salinity station\nNuôi trồng thuỷ sản"
    put(engine, listing(1, "Trạm đo", layer=laid), listing(2, "Máy sấy"))
    assert found(engine, "salinity stations") == [1]
    assert found(engine, '"trồng thuỷ sản"') == [1]
    (hit,) = engine.search(Query(text="salinity", size=9, now=NOW, highlight=True)).hits
    assert {passage.text for passage in hit.passages.values()} == {"Trạm đo"}


def test_what_is_laid_beside_a_listing_later_is_a_newer_version_of_it(engine: Engine) -> None:
    put(engine, replace(listing(1, "Trạm đo", layer="salinity", fields=("4",)), version=9))
    put(engine, replace(listing(1, "Trạm đo"), version=2))
    assert found(engine, "salinity") == [1]
    put(engine, replace(listing(1, "Trạm đo"), version=10))
    assert found(engine, filters={"field": ("4",)}) == []


def test_neighbouring_syllables_count_more_than_scattered_ones(engine: Engine) -> None:
    put(engine, listing(1, "mặn độ cho biến và cảm"), listing(2, "cảm biến độ mặn"))
    assert found(engine, "cảm biến độ mặn") == [2, 1]


def test_english_is_found_by_its_stems(engine: Engine) -> None:
    put(engine, listing(1, "Drying machines for harvested rice", languages=("en",)))
    assert found(engine, "machine dries harvest") == [1]


@pytest.mark.parametrize(
    ("written", "typed"), [("锂电池回收技术", "电池回收"), ("เทคโนโลยีรีไซเคิลแบตเตอรี่", "แบตเตอรี่")]
)
def test_scripts_without_spaces_are_found_by_a_part(engine: Engine, written: str, typed: str) -> None:
    put(engine, listing(1, written), listing(2, "Máy sấy"))
    assert found(engine, typed)[0] == 1


def test_of_two_that_speak_of_it_the_one_that_is_called_so_comes_first(engine: Engine) -> None:
    said = "thiết bị cho trang trại và nhà máy chế biến, có bơm nhiệt"
    put(engine, listing(1, "Trang trại", description=said), listing(2, "Bơm nhiệt", description=said))
    assert found(engine, "bơm nhiệt") == [2, 1]


def test_what_is_written_as_it_was_typed_comes_first_and_the_rest_is_found_too(engine: Engine) -> None:
    put(
        engine, listing(1, "Đuổi muỗi"), listing(2, "Ruộng muối và kho chứa muối lớn"), listing(3, "Bat muoi")
    )
    assert found(engine, "muối")[0] == 2
    assert found(engine, "muỗi")[0] == 1
    assert sorted(found(engine, "muối")) == sorted(found(engine, "muoi")) == [1, 2, 3]


def test_it_is_told_which_words_no_listing_of_the_page_writes_as_they_were_typed(engine: Engine) -> None:
    put(engine, listing(1, "Đuổi muỗi"), listing(2, "Ruộng muối"), listing(3, "Bat muoi"))
    told = {"mười": ("mười",), "MUỐI": (), "muoi": (), "ruộng mười": ("mười",), "tỏi": ()}
    for text, unlike in told.items():
        assert engine.search(Query(text, highlight=True, now=NOW)).unlike == unlike, text


def test_nothing_is_told_of_words_that_have_other_forms_or_no_marks(engine: Engine) -> None:
    put(engine, listing(1, "Cảm biến sensor café"), listing(2, "绿茶叶"))
    for text in ("cảm biến sensors", "cafés", "茶"):
        answer = engine.search(Query(text, highlight=True, now=NOW))
        assert (answer.total, answer.unlike) == (1, ()), text


def test_nothing_is_told_of_a_word_that_is_there_in_another_language_only(engine: Engine) -> None:
    put(engine, listing(1, "Garlic dryer", languages=("en",)), listing(2, "Buổi tối"))
    garlic = Translation("en", {"garlic": 2.0}, {"garlic": frozenset({"garlic"})})
    answer = engine.search(Query("tỏi", translations=(garlic,), languages=("en",), highlight=True, now=NOW))
    assert (answer.total, answer.unlike) == (1, ())


def test_a_word_typed_without_marks_among_others_is_meant_so(engine: Engine) -> None:
    put(engine, listing(1, "Trồng cam"), listing(2, "Trồng cảm"))
    assert found(engine, "cam sành") == [1, 2]
    assert sorted(found(engine, "cam")) == [1, 2]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Kỹ thuật nuôi tôm", "kĩ thuật"),
        ("Tỉ lệ sống", "tỷ lệ"),
        ("Thuỷ sản", "thủy sản"),
        ("Máy li tâm", "máy ly tâm"),
    ],
)
def test_both_spellings_of_a_syllable_find_the_same(engine: Engine, written: str, typed: str) -> None:
    put(engine, listing(1, written), listing(2, "Máy sấy"), listing(3, "Công ty quản lý"))
    answers = [engine.search(Query(text, highlight=True, now=NOW)) for text in (typed, written)]
    assert [answer.hits[0].uid for answer in answers] == ["test:offer:0001"] * 2
    title = answers[0].hits[0].passages["title"]
    marked = [title.text[start:end].lower() for start, end in title.marks]
    assert marked == written.lower().split()[: len(marked)]
    assert len(marked) == len(typed.split())


def test_a_rarer_spelling_is_worth_no_more_than_the_usual_one(engine: Engine) -> None:
    put(engine, listing(1, "Qui trình"), *(listing(n, "Quy trình") for n in range(2, 9)))
    for typed in ("quy trình", "qui trình", "qui trinh"):
        scores = {round(hit.score, 4) for hit in engine.search(Query(typed, now=NOW)).hits}
        assert len(scores) == 1, typed


def test_the_symbol_of_an_element_is_no_syllable(engine: Engine) -> None:
    put(engine, listing(1, "Hợp kim Ti"), listing(2, "Công ty"), listing(3, "Tỷ lệ"))
    assert found(engine, "Ti") == [1]
    assert sorted(found(engine, "tỉ")) == [1, 2, 3]


def test_words_in_quotation_marks_stand_together(engine: Engine) -> None:
    put(engine, listing(1, "máy sấy bơm nhiệt"), listing(2, "nhiệt kế và bơm nước"))
    assert found(engine, '"bơm nhiệt"') == [1]
    assert sorted(found(engine, "bơm nhiệt")) == [1, 2]


def test_words_in_quotation_marks_are_found_as_they_were_typed(engine: Engine) -> None:
    put(
        engine,
        listing(1, "Ruộng muối lớn"),
        listing(2, "Mười ruộng muối"),
        listing(3, "Ruong muoi"),
        listing(4, "Ruộng mười"),
    )
    put(engine, listing(5, "Nước thuỷ sản"))
    assert sorted(found(engine, "«ruộng muối»")) == [1, 2]
    assert sorted(found(engine, '"ruong muoi"')) == [1, 2, 3, 4], "without marks as ever"
    assert sorted(found(engine, '"mười"')) == [2, 4]
    assert found(engine, '"muỗi"', forgiving=False) == []
    assert found(engine, '"thủy sản"') == [5], "in either spelling"
    put(engine, listing(6, f"ẩ{'a' * 100}"))
    assert found(engine, f'"ẩ{"a" * 100}"') == [6], "a run that is no word is cut on both sides"
    assert sorted(found(engine, "ruộng muối")) == [1, 2, 3, 4]


def test_what_a_listing_quotes_is_not_asked_for_as_it_stands(engine: Engine) -> None:
    quoting = listing(3, 'Máy sấy "bơm nhiệt" như đã nói')
    put(engine, listing(1, "máy sấy có bơm tản nhiệt"))
    assert found(engine, quoting.title, typed=False) == [1]
    assert [hit.uid for hit in engine.like(quoting, Query()).hits] == ["test:offer:0001"]


def test_a_slip_of_the_finger_is_forgiven_only_when_nothing_is_found(engine: Engine) -> None:
    put(engine, listing(1, "Hydroponics greenhouse", languages=("en",)))
    results = engine.search(Query(text="hydroponcs"))
    assert [hit.uid for hit in results.hits] == ["test:offer:0001"]
    assert results.corrected
    assert engine.search(Query(text="hydroponcs", forgiving=False)).total == 0
    assert engine.search(Query(text="hydroponics")).corrected == ""


def test_a_slip_is_forgiven_where_only_common_words_are_left(engine: Engine) -> None:
    put(engine, *(listing(n, "Máy bơm") for n in range(60)), listing(60, "Máy hydroponics"))
    results = engine.search(Query(text="máy hydroponcs"))
    assert (results.corrected, results.total) == ("máy hydroponics", 1)
    assert engine.search(Query(text="máy")).total == 61


@given(st.text(max_size=200))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_can_be_typed_is_an_error(engine: Engine, text: str) -> None:
    assert engine.search(Query(text=text, facets=FACETS, highlight=True, now=NOW)).total == 0


@pytest.mark.parametrize(
    "text", ['"', "«»", "(" * 500, "the of and", "x" * 10_000, "a:b^3~2 AND OR NOT *?", "\x00\ud800"]
)
def test_hostile_questions_are_answered(engine: Engine, text: str) -> None:
    put(engine, listing(1, "Máy sấy"))
    assert engine.search(Query(text=text, facets=FACETS, highlight=True, now=NOW)).total >= 0


def test_without_words_everything_is_found_the_newest_first(engine: Engine) -> None:
    put(engine, listing(2, "Hai"), listing(0, "Không"), listing(1, "Một"))
    assert found(engine) == [0, 1, 2]


# -- filters, ranges, facets -------------------------------------------------------------------------------------------


def stocked(engine: Engine) -> None:
    put(
        engine,
        listing(1, "Máy sấy", province="92", trl_min=8, trl_max=8, price_min=100_000_000, price_max=200_000_000,
                fields=("2", "2.3"), transfer_forms=("equipment", "sole_licence"), owner="A", origin="can-tho"),
        listing(2, "Máy gặt", province="96", trl_min=4, trl_max=6, price_min=None, price_max=900_000_000,
                fields=("2", "2.3"), transfer_forms=("equipment",), owner="B", origin="ca-mau"),
        listing(40, "Máy bơm", province="92", fields=("4", "4.1"), kind="demand", origin="can-tho"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kinds": ("demand",)}, [40]),
        ({"filters": {"province": ("92",)}}, [1, 40]),
        ({"filters": {"province": ("92", "96")}}, [1, 2, 40]),
        ({"filters": {"province": ("92",), "field": ("4.1",)}}, [40]),
        ({"filters": {"transfer_form": ("sole_licence",)}}, [1]),
        ({"filters": {"province": ("nowhere",)}}, []),
        ({"trl": (7, 9)}, [1]),
        ({"trl": (5, 8)}, [1, 2]),
        ({"price": (150_000_000, 160_000_000)}, [1, 2]),
        ({"price": (950_000_000, None)}, []),
        ({"price": (None, 50_000_000)}, [2]),
        ({"exclude": ("test:offer:0001",)}, [2, 40]),
        ({"exclude_owner": "A"}, [2, 40]),
        ({"filters": {"updated": ("week",)}}, [1, 2]),
    ],
)
def test_filters_and_ranges(engine: Engine, asked: dict[str, Any], expected: list[int]) -> None:
    stocked(engine)
    assert sorted(found(engine, **asked)) == expected


def test_a_facet_counts_what_its_own_filter_would_hide(engine: Engine) -> None:
    stocked(engine)
    results = engine.search(Query(filters={"province": ("92",)}, facets=("province", "kind", "trl"), now=NOW))
    assert results.total == 2
    assert results.facets["province"] == {"92": 2, "96": 1}
    assert results.facets["kind"] == {"offer": 1, "demand": 1}
    assert results.facets["trl"] == {"8": 1}


def test_prices_levels_and_days_are_counted(engine: Engine) -> None:
    stocked(engine)
    facets = engine.search(Query(facets=("price", "updated", "trl"), now=NOW)).facets
    assert facets["price"] == {"100m_500m": 2, "under_100m": 1, "500m_1b": 1}
    assert facets["updated"] == {"week": 2, "month": 2, "quarter": 3, "year": 3}
    assert facets["trl"] == {"4": 1, "5": 1, "6": 1, "8": 1}


def test_a_filter_that_there_is_not_is_our_mistake(engine: Engine) -> None:
    with pytest.raises(ValueError, match="colour"):
        engine.search(Query(filters={"colour": ("red",)}))


# -- order and pages ---------------------------------------------------------------------------------------------------


def test_orders(engine: Engine) -> None:
    put(
        engine,
        *(listing(n, "Máy", price_min=price, price_max=price, expires_at=NOW + timedelta(days=days))
          for n, price, days in ((1, 300, 5), (2, 100, 9), (3, 200, 1))),
        listing(4, "Máy", expires_at=NOW + timedelta(days=3)),
    )  # fmt: skip
    assert found(engine, "máy", sort="newest") == [1, 2, 3, 4]
    assert found(engine, "máy", sort="oldest") == [4, 3, 2, 1]
    assert found(engine, "máy", sort="expiring") == [3, 4, 1, 2]
    assert found(engine, "máy", sort="price_up") == [2, 3, 1, 4], "a listing without a price stands last"
    assert found(engine, "máy", sort="price_down") == [1, 3, 2, 4]


@pytest.mark.parametrize("sort", ["relevance", "newest", "price_up"])
def test_pages_and_what_lies_beyond_them_hold_every_listing_once(engine: Engine, sort: Any) -> None:
    put(engine, *(listing(n, f"Máy bơm số {n}", price_min=n * 10, price_max=n * 10) for n in range(57)))
    asked = Query(text="máy bơm", sort=sort, size=10, now=NOW)
    pages = [engine.search(replace(asked, page=page)) for page in range(1, 8)]
    assert [len(page.hits) for page in pages] == [10, 10, 10, 10, 10, 7, 0]
    assert {page.total for page in pages} == {57}
    numbered = [hit.uid for page in pages for hit in page.hits]
    assert len(set(numbered)) == 57
    following, after = [], pages[0].after
    while after:
        results = engine.search(replace(asked, after=after))
        following += [hit.uid for hit in results.hits]
        after = results.after
    assert following == numbered[10:]


@pytest.mark.parametrize(
    "place", ["not-a-place", "W10=", "WyJuZXdlc3QiLCAieCJd", "WyJyZWxldmFuY2UiLCAiLTUiXQ=="]
)
@pytest.mark.parametrize("text", ["", "máy"])
def test_a_place_that_nobody_gave_is_no_crash(engine: Engine, place: str, text: str) -> None:
    stocked(engine)
    assert engine.search(Query(text, after=place, now=NOW)).total == 3


@pytest.mark.soak
@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_go_to_ten_thousand_by_number_and_on_from_there(engine: Engine, sort: Any) -> None:
    for start in range(0, 10_050, 500):
        put(engine, *(listing(n, f"Máy bơm {n}") for n in range(start, min(start + 500, 10_050))))
    asked = Query(text="máy bơm", sort=sort, size=10, now=NOW)
    last = engine.search(replace(asked, page=1_000))
    assert (last.total, len(last.hits)) == (10_050, 10)
    assert engine.search(replace(asked, page=4_000)).hits == last.hits, "no number leads further"
    beyond, after = set(), last.after
    while after:
        results = engine.search(replace(asked, after=after))
        beyond |= {hit.uid for hit in results.hits}
        after = results.after
    assert len(beyond) == 50


# -- likeness and highlights -------------------------------------------------------------------------------------------


def test_like_this_finds_the_same_subject_and_keeps_the_filters(engine: Engine) -> None:
    subject = listing(
        1, "Cảm biến độ mặn cho ao tôm", description="đo độ mặn liên tục trong ao nuôi tôm nước lợ"
    )
    put(
        engine, subject, listing(2, "Đo độ mặn nước ao tôm"), listing(3, "Máy sấy lúa tầng sôi"),
        listing(4, "Cần đo độ mặn ao tôm", kind="demand"),
    )  # fmt: skip
    asked = Query(kinds=("offer",), exclude=(subject.uid,), size=5)
    assert [hit.uid for hit in engine.like(subject, asked).hits][:1] == ["test:offer:0002"]
    assert "test:offer:0004" not in [hit.uid for hit in engine.like(subject, asked).hits]


@pytest.mark.parametrize("typed", ["độ mặn", "do man"])
def test_highlights_stand_on_the_original_letters(engine: Engine, typed: str) -> None:
    put(engine, listing(1, "Đo độ mặn", description=f"{'Lời dẫn dài. ' * 60}Thiết bị đo độ mặn trong ao."))
    (hit,) = engine.search(Query(text=typed, highlight=True)).hits
    title, body = hit.passages["title"], hit.passages["body"]
    assert title.text == "Đo độ mặn"
    marked = {
        word
        for passage in (title, body)
        for start, end in passage.marks
        for word in passage.text[start:end].split()
    }
    assert {"độ", "mặn"} <= marked <= {"độ", "mặn", "đo", "Đo"}
    assert "độ mặn" in body.text
    assert len(body.text) < 400


# -- across languages --------------------------------------------------------------------------------------------------

SALINITY = Translation("en", {"salin": 2.0, "sensor": 1.0, "can": 0.5, "salin_sensor": 1.0})


def test_a_question_also_finds_what_is_said_in_another_language(engine: Engine) -> None:
    put(
        engine,
        listing(1, "Cảm biến đo độ mặn"),
        listing(2, "Salinity sensor for ponds", languages=("en",)),
        listing(3, "Pressure sensor", languages=("en",)),
        listing(4, "Máy sấy lúa"),
    )
    assert found(engine, "độ mặn") == [1]
    assert found(engine, "độ mặn", translations=(SALINITY,))[:1] in ([1], [2])
    assert sorted(found(engine, "độ mặn", translations=(SALINITY,))) == [1, 2, 3]
    assert found(engine, "tàu vũ trụ", translations=(SALINITY,)) == [2, 3]


def test_a_translation_is_looked_for_in_listings_of_its_language_only(engine: Engine) -> None:
    # «can» is an English word, and «cần», «cân» and «cạn» without their marks.
    put(engine, listing(1, "Cân cạn cần"), listing(2, "It can", languages=("en",)))
    assert found(engine, "xyz", translations=(Translation("en", {"can": 1.0}),)) == [2]


def test_a_translation_of_what_nobody_says_changes_nothing(engine: Engine) -> None:
    put(engine, listing(1, "Cảm biến đo độ mặn"), listing(2, "Cảm biến"))
    unsaid = (Translation("en", {"spacecraft": 2.0}), Translation("fr", {"capteur": 1.0}))
    for text in ("cảm biến", "độ mặn", "", "không có"):
        asked = Query(text=text, now=NOW)
        assert engine.search(replace(asked, translations=unsaid)) == engine.search(asked)


MILK = Translation("vi", {"sua": 2.0, "bo": 0.6}, {"sua": frozenset({"sữa"})})


def test_whoever_types_finds_only_what_surely_means_the_same_and_is_written_so(engine: Engine) -> None:
    put(
        engine,
        listing(1, "Sữa bò tươi"),
        listing(2, "Sửa máy bơm"),
        listing(3, "Nuôi bò"),
        listing(4, "Sữa đậu nành"),
    )
    assert found(engine, "milk", translations=(MILK,)) == [1, 4], "the rest only raises"
    assert len(found(engine, "milk", translations=(MILK,), typed=False)) == 4, "a listing looks for all"
    answer = engine.search(Query("milk", translations=(MILK,), highlight=True, now=NOW))
    title = answer.hits[0].passages["title"]
    assert [title.text[start:end] for start, end in title.marks] == ["Sữa"]


def test_any_number_of_translated_words_is_looked_for_as_written(engine: Engine) -> None:
    unmarked = " ".join(f"tu{n}" for n in range(60))
    put(engine, listing(1, "Sữa"), listing(2, "Sửa"), listing(3, unmarked), listing(4, f"từ59 {unmarked}"))
    terms = {"sua": "sữa", **{f"tu{n}": f"từ{n}" for n in range(60)}}
    many = Translation("vi", dict.fromkeys(terms, 1.0), {one: frozenset({way}) for one, way in terms.items()})
    assert sorted(found(engine, "milk", translations=(many,))) == [1, 4]


def test_a_translated_pair_finds_without_its_words(engine: Engine) -> None:
    put(engine, listing(1, "Cà phê rang"), listing(2, "Cá tra"), listing(3, "Ca phê duyệt"))
    coffee = Translation("vi", {"ca_phe": 2.0, "ca": 0.6, "phe": 0.6}, {"ca_phe": frozenset({"cà", "phê"})})
    assert sorted(found(engine, "coffee", translations=(coffee,))) == [1, 3]
    put(engine, listing(4, "Cà phê, ca và phễ"))
    answer = engine.search(Query("coffee", translations=(coffee,), highlight=True, now=NOW))
    titles = [hit.passages["title"] for hit in answer.hits]
    marked = {title.text: [title.text[start:end] for start, end in title.marks] for title in titles}
    assert marked["Cà phê, ca và phễ"] in (["Cà phê"], ["Cà", "phê"])


def test_what_is_typed_stands_before_what_it_means_elsewhere(engine: Engine) -> None:
    many = (listing(n, "Cảm biến áp suất") for n in range(3, 9))
    put(
        engine,
        listing(1, "Cảm biến áp suất nước"),
        listing(2, "Sensor for pressure", languages=("en",)),
        *many,
    )
    sensor = Translation("en", {"sensor": 2.5}, {"sensor": frozenset({"sensor"})})
    assert found(engine, "cảm biến", translations=(sensor,))[0] != 2


def test_facets_and_filters_count_what_a_translation_finds(engine: Engine) -> None:
    put(engine, listing(1, "Độ mặn"), listing(2, "Salinity sensor", languages=("en",), kind="demand"))
    answer = engine.search(Query("độ mặn", translations=(SALINITY,), facets=("kind",), now=NOW))
    assert (answer.total, answer.facets["kind"]) == (2, {"offer": 1, "demand": 1})
    assert found(engine, "độ mặn", translations=(SALINITY,), kinds=("demand",)) == [2]


def test_the_words_of_a_translation_are_marked(engine: Engine) -> None:
    put(engine, listing(2, "A salinity sensor", languages=("en",)))
    title = (
        engine.search(Query("độ mặn", translations=(SALINITY,), highlight=True, now=NOW))
        .hits[0]
        .passages["title"]
    )
    assert [title.text[start:end] for start, end in title.marks] == ["salinity", "sensor"]
