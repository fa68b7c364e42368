"""What a listing says, and the record it is kept and exchanged as."""

from __future__ import annotations

import json
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from vocabulary.listing import (
    KINDS,
    OPERATORS,
    Contact,
    Content,
    Localisation,
    Price,
    Requirement,
    Right,
    Text,
    as_record,
    from_record,
)

words = st.text(max_size=20)
some = st.text(min_size=1, max_size=20)
codes = st.lists(some, max_size=3).map(tuple)
share = st.none() | st.integers(0, 100)
amount = st.none() | st.integers(0, 10**15)
said = st.builds(Text, title=some, summary=words, description=words)
contents = st.builds(
    Content,
    kind=st.sampled_from(KINDS),
    language=some,
    texts=st.dictionaries(some, said, max_size=3),
    requirements=st.lists(
        st.builds(Requirement, words, st.sampled_from(OPERATORS), words, words, st.booleans()), max_size=3
    ).map(tuple),
    trl_min=st.none() | st.integers(1, 9),
    fields=codes,
    ipc=codes,
    rights=st.lists(st.builds(Right, words, some, words), max_size=3).map(tuple),
    price=st.none() | st.builds(Price, amount, amount),
    localisation=st.builds(Localisation, share, share, share),
    anonymous=st.booleans(),
    open_for_interest=st.booleans(),
    contact=st.builds(Contact, words, words, words),
)


@given(contents)
def test_a_record_gives_back_the_content_it_was_made_of(content: Content) -> None:
    assert from_record(as_record(content)) == content


@given(contents)
def test_a_record_is_plain_data_and_survives_being_written(content: Content) -> None:
    record = as_record(content)
    assert json.loads(json.dumps(record)) == record


def test_what_is_empty_is_left_out_but_nought_and_no_are_said() -> None:
    content = Content(
        kind="offer",
        texts={"vi": Text(title="Máy sấy"), "en": Text()},
        rights=(Right("patent"),),
        price=Price(minimum=0),
        localisation=Localisation(domestic_value=0),
        open_for_interest=False,
    )
    assert as_record(content) == {
        "kind": "offer",
        "language": "vi",
        "texts": {"vi": {"title": "Máy sấy"}},
        "rights": [{"kind": "patent", "status": "none", "territory": "VN"}],
        "price": {"minimum": 0, "currency": "VND", "kind": "indicative"},
        "localisation": {"domestic_value": 0},
        "anonymous": False,
        "open_for_interest": False,
    }


def test_a_draft_with_an_unnamed_requirement_can_be_read_again() -> None:
    draft = Content(kind="demand", requirements=(Requirement(""),), rights=(Right(""),))
    assert from_record(as_record(draft)) == draft


def test_what_a_newer_exchange_says_more_is_passed_over() -> None:
    record = {
        "kind": "offer",
        "texts": {"vi": {"title": "Máy sấy", "slogan": "!"}},
        "rights": [{"kind": "patent", "registrar": "x"}],
        "price": {"minimum": 5, "per": "month"},
        "warranty": {"years": 2},
    }
    assert from_record(record) == Content(
        kind="offer", texts={"vi": Text(title="Máy sấy")}, rights=(Right("patent"),), price=Price(5)
    )


def test_words_come_in_the_readers_language_or_say_which_they_are_in() -> None:
    vi, en = Text(title="Máy sấy"), Text(title="Dryer")
    both = Content(kind="offer", language="vi", texts={"en": en, "vi": vi})
    assert both.text_in("en") == ("en", en)
    assert both.text_in("fr") == ("vi", vi)
    assert both.title == "Máy sấy"


def test_words_in_no_language_that_was_asked_for_do_not_pretend_to_be() -> None:
    english = Content(kind="offer", language="vi", texts={"en": Text(title="Dryer")})
    assert english.text_in("vi") == ("en", Text(title="Dryer"))
    assert Content(kind="offer").text_in("en") == ("vi", Text())
    assert Content(kind="offer").title == ""


def test_a_revision_changes_what_it_names_and_nothing_else() -> None:
    before = Content(kind="offer", province="92", trl_min=6)
    after = before.revised(trl_min=7)
    assert {one.name for one in fields(Content) if getattr(before, one.name) != getattr(after, one.name)} == {
        "trl_min"
    }
