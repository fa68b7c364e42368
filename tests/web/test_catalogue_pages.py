"""Search, a listing and its matches, as a visitor meets them."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.work import begin
from tests.support.clock import HandMovedClock
from tests.support.compiled import application
from tests.support.furnished import furnished
from tests.support.market import content, publish, settle
from vocabulary.listing import Price, Requirement, Text

SALT = "Cảm biến đo độ mặn liên tục cho ao nuôi tôm, sai số 0,3 ‰, cảnh báo qua điện thoại"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    furnished(settle, runtime)
    return application(runtime).test_client()


def titles(page: str) -> list[str]:
    found = re.findall(r"<h3><a href=[^>]*>(.*?)</a></h3>", page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", title).split()) for title in found]


def total(page: str) -> str:
    match = re.search(r"<h2 data-announce>(.*?)</h2>", page)
    assert match
    return match[1]


@pytest.mark.parametrize(
    "typed", ["cảm biến độ mặn", "cam bien do man", unicodedata.normalize("NFD", "cảm biến độ mặn")]
)
def test_typed_with_marks_without_or_decomposed_the_same_is_found(
    runtime: Runtime, client: FlaskClient, typed: str
) -> None:
    publish(runtime, content("offer", "Cảm biến độ mặn", SALT), content("offer", "Máy sấy lúa"))
    settle(runtime)
    page = client.get("/vi/offers", query_string={"q": typed}).text
    assert len(titles(page)) == 1
    assert "<mark>" in page
    assert "độ" in page, "the highlight stands in the original letters"


@pytest.mark.parametrize(("typed", "told"), [("lùa", "lùa"), ("LÚA", ""), ("lua", "")])
def test_a_page_says_so_where_nothing_is_written_as_it_was_typed(
    runtime: Runtime, client: FlaskClient, typed: str, told: str
) -> None:
    publish(runtime, content("offer", "Máy sấy lúa"))
    settle(runtime)
    page = client.get("/vi/offers", query_string={"q": typed}).text
    assert len(titles(page)) == 1
    said = re.search("không hồ sơ nào viết đúng dấu: ([^.]*)", page)
    assert (said[1] if said else "") == told


def test_a_filter_narrows_its_chip_takes_it_away_and_the_address_holds_it_all(
    runtime: Runtime, client: FlaskClient
) -> None:
    publish(
        runtime,
        content("offer", "Máy sấy lúa", province="92", trl_min=8, trl_max=8),
        content("offer", "Máy sấy cá", province="96", trl_min=4, trl_max=4),
    )
    settle(runtime)
    page = client.get("/vi/offers?q=m%C3%A1y+s%E1%BA%A5y&province=92").text
    assert titles(page) == ["Máy sấy lúa"]
    assert 'class="chip" href="/vi/offers?q=m%C3%A1y+s%E1%BA%A5y"' in page
    assert "Cà Mau" in page, "the other province can still be ticked"
    assert titles(client.get("/vi/offers?trl_from=6&trl_to=9").text) == ["Máy sấy lúa"]


def test_a_price_typed_in_words_filters(runtime: Runtime, client: FlaskClient) -> None:
    publish(
        runtime,
        content("offer", "Máy rẻ", price=Price(100_000_000, 200_000_000)),
        content("offer", "Máy đắt", price=Price(5_000_000_000, None)),
    )
    settle(runtime)
    assert titles(client.get("/vi/offers", query_string={"price_to": "1,5 tỷ"}).text) == ["Máy rẻ"]
    page = client.get("/vi/offers", query_string={"price_to": "mười con bò"}).text
    assert len(titles(page)) == 2
    assert "mười con bò" in page, "what could not be read is said, and nothing is lost"


@pytest.mark.parametrize(
    "text",
    [
        '"chưa đóng ngoặc',
        "x" * 10_000,
        "\x00\x01\x02",
        "the of and",
        "((((",
        "😀😀",
        "AND OR NOT",
        "a:b^2~",
        "*",
        "\u202e",
        "+-*/",
    ],
)
def test_a_hostile_question_gets_a_sensible_answer(runtime: Runtime, client: FlaskClient, text: str) -> None:
    publish(runtime, content("offer", "Máy sấy lúa"))
    settle(runtime)
    assert (
        client.get(
            "/vi/offers", query_string={"q": text, "page": "-7", "trl_from": "abc", "sort": "'"}
        ).status_code
        == 200
    )


def test_what_people_write_is_never_markup(runtime: Runtime, client: FlaskClient) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(2)> "quoted"'
    (uid,) = publish(
        runtime, content("offer", evil, evil, standards=(evil,), requirements=(Requirement(evil),))
    )
    settle(runtime)
    for address in ("/vi/offers?q=script", f"/vi/listings/{uid}", f"/vi/listings/{uid}/matches", "/vi/"):
        page = client.get(address).text
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address


def test_results_come_in_numbered_pages(runtime: Runtime, client: FlaskClient) -> None:
    publish(runtime, *(content("offer", f"Máy bơm nước số {n}") for n in range(23)))
    settle(runtime)
    pages = [titles(client.get(f"/vi/offers?q=m%C3%A1y+b%C6%A1m&page={n}").text) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({title for page in pages for title in page}) == 23
    assert total(client.get("/vi/offers?q=m%C3%A1y+b%C6%A1m").text).startswith("23")


def test_a_listing_in_another_language_says_so(runtime: Runtime, client: FlaskClient) -> None:
    both = {
        "vi": Text(title="Máy sấy", description="Sấy lúa"),
        "en": Text(title="Grain dryer", description="Dries rice"),
    }
    translated, only_vietnamese = publish(
        runtime, content("offer", "Máy sấy").revised(texts=both), content("offer", "Máy gặt")
    )
    settle(runtime)
    page = client.get(f"/en/listings/{translated}").text
    assert "Grain dryer" in page
    assert "Máy sấy" not in page
    assert "Tiếng Việt" in client.get(f"/en/listings/{only_vietnamese}").text.partition("<main")[2]


def test_a_withdrawn_listing_is_gone_with_its_day_and_one_that_never_was_is_not_found(
    runtime: Runtime, client: FlaskClient
) -> None:
    (uid,) = publish(runtime, content("offer", "Máy sấy"))
    with begin(runtime) as work:
        feed.retire(work, uid=uid, reason="withdrawn")
    gone = client.get(f"/vi/listings/{uid}")
    assert gone.status_code == 410
    assert "24/11/2026" in gone.text
    assert client.get("/vi/listings/test:offer:01NOTHING").status_code == 404


@pytest.mark.parametrize(
    ("reason", "title", "comes_back"),
    [
        ("withdrawn", "Hồ sơ đã được rút", False),
        ("sold", "Công nghệ đã được chuyển giao", False),
        ("paused", "Hồ sơ đang tạm ẩn", True),
        ("expired", "Hồ sơ đã hết hạn", True),
        ("legal", "Hồ sơ bị tạm gỡ", True),
        ("erased", "Hồ sơ đã bị xóa", False),
        ("held", "Hồ sơ đang được sửa", True),
        ("moved", "Hồ sơ đã chuyển sang sàn khác", True),
        ("unshared", "Hồ sơ không còn được chia sẻ", False),
    ],
)
def test_what_is_no_longer_public_is_called_what_it_is_with_the_day_in_vietnam(
    embedded: Runtime, clock: HandMovedClock, reason: str, title: str, comes_back: bool
) -> None:
    (uid,) = publish(embedded, content("offer", "Máy sấy"))
    clock.move(timedelta(hours=15))
    op, said = ("erase", "legal") if reason == "erased" else ("delete", reason)
    with begin(embedded) as work:
        feed.write(work, [feed.Record(uid, "offer", op, said)])
    page = application(embedded).test_client().get(f"/vi/listings/{uid}")
    assert page.status_code == 410, "every tombstone tells programs to forget their copy"
    assert f'<h1 tabindex="-1">{title}</h1>' in page.text
    assert f"<title>{title}" in page.text
    assert ("không trở lại" not in page.text) is comes_back
    assert "25/11/2026" in page.text, "one in the morning there, still the day before in UTC"


def test_a_match_shows_parts_that_sum_to_its_score(runtime: Runtime, client: FlaskClient) -> None:
    (offer,) = publish(
        runtime, content("offer", "Cảm biến độ mặn", SALT, trl_min=8, trl_max=8, province="92"), owner="A"
    )
    (demand,) = publish(
        runtime,
        content("demand", "Cần cảm biến độ mặn", SALT, trl_min=7, trl_max=9, province="96",
                requirements=(Requirement("Sai số", "<=", "0.5", "‰"),)),
        owner="B",
    )  # fmt: skip
    settle(runtime)
    listed = client.get(f"/vi/listings/{demand}").text
    assert f"/vi/matches/{demand}/{offer}" in client.get(f"/vi/listings/{demand}/matches").text
    assert "Cảm biến độ mặn" in listed
    page = client.get(f"/vi/matches/{demand}/{offer}").text
    parts = page.partition('<ol class="parts">')[2].partition("</ol>")[0]
    points = [float(number.replace(",", ".")) for number in re.findall(r"<span><b>([\d,]+)</b>", parts)]
    *earned, shown = points
    assert round(sum(earned), 3) == shown
    assert "TRL" in page
    for key in ("signal.", "said.", "gate.", "lift.", "timeline."):
        assert key not in re.sub(r"<[^>]+>", "", page), f"a message is missing: {key}"


def test_a_budget_that_only_begins_somewhere_is_shown_so(runtime: Runtime, client: FlaskClient) -> None:
    (offer,) = publish(runtime, content("offer", "Cảm biến độ mặn", SALT), owner="A")
    (demand,) = publish(
        runtime, content("demand", "Cần cảm biến độ mặn", SALT, price=Price(10**9, None)), owner="B"
    )
    settle(runtime)
    for language, budget in (("vi", "ngân sách từ 1 tỷ ₫"), ("en", "budget from ₫1B")):
        page = client.get(f"/{language}/matches/{demand}/{offer}").text
        assert budget in page.replace("\N{NO-BREAK SPACE}", " ")


def test_matches_are_found_from_either_side(runtime: Runtime, client: FlaskClient) -> None:
    (offer,) = publish(runtime, content("offer", "Cảm biến độ mặn", SALT), owner="A")
    (demand,) = publish(runtime, content("demand", "Cần cảm biến độ mặn", SALT), owner="B")
    settle(runtime)
    for uid in (offer, demand):
        assert f"/vi/matches/{demand}/{offer}" in client.get(f"/vi/listings/{uid}/matches").text
    assert client.get(f"/vi/matches/{offer}/{demand}").status_code == 404, "the demand stands first"


def test_a_result_shows_its_title_in_one_language(runtime: Runtime, client: FlaskClient) -> None:
    both = {
        "vi": Text(title="Máy sấy lúa", description="Sấy lúa"),
        "en": Text(title="Rice dryer", description="Dries"),
    }
    publish(runtime, content("offer", "Máy sấy lúa").revised(texts=both))
    settle(runtime)
    assert titles(client.get("/vi/offers?q=may+say").text) == ["Máy sấy lúa"]
    assert titles(client.get("/en/offers?q=may+say").text) == ["Rice dryer"]


def ways_out(page: str) -> dict[str, str]:
    """The words of each link that drops one filter -> its address."""
    return {
        unescape(words): unescape(url)
        for url, words in re.findall(r'<li><a href="([^"]+)">(Bỏ «[^<]+)</a>', page)
    }


def test_who_finds_nothing_sees_which_filter_to_drop_and_what_is_found_then(
    runtime: Runtime, client: FlaskClient
) -> None:
    publish(
        runtime,
        content("offer", "Máy sấy lúa", province="92", trl_min=8, trl_max=8),
        content("offer", "Máy sấy cá", province="92", trl_min=8, trl_max=8),
        content("offer", "Máy sấy cà phê", province="96", trl_min=4, trl_max=4),
    )
    settle(runtime)
    page = client.get("/vi/offers?q=m%C3%A1y+s%E1%BA%A5y&province=96&trl_from=8&language=en").text
    assert titles(page) == []
    assert ways_out(page) == {}, "no single one would help"
    ways = ways_out(client.get("/vi/offers?q=m%C3%A1y+s%E1%BA%A5y&province=96&trl_from=8").text)
    assert list(ways) == ["Bỏ «Cà Mau»: 2 kết quả", "Bỏ «TRL 8–9»: 1 kết quả"]
    for words, url in ways.items():
        assert f": {len(titles(client.get(url).text))} kết quả" in words


def test_a_price_with_one_end_says_which(runtime: Runtime, client: FlaskClient) -> None:
    publish(runtime, content("offer", "Máy rẻ", price=Price(100_000_000, 200_000_000)))
    settle(runtime)
    assert "Từ 1 tỷ" in client.get("/vi/offers", query_string={"price_from": "1 tỷ"}).text
    assert "Đến 1 tỷ" in client.get("/vi/offers", query_string={"price_to": "1 tỷ"}).text


def test_a_page_after_the_last_leads_to_the_last(runtime: Runtime, client: FlaskClient) -> None:
    publish(runtime, *(content("offer", f"Máy sấy số {n}") for n in range(12)))
    settle(runtime)
    answer = client.get("/vi/offers?q=m%C3%A1y&page=500")
    assert answer.headers["Location"] == "/vi/offers?q=m%C3%A1y&page=2"
    assert len(titles(client.get(answer.headers["Location"]).text)) == 2
    assert "Chưa tìm thấy" in client.get("/vi/offers?q=hydroponics&page=500").text


def test_a_range_typed_the_wrong_way_round_is_read_as_it_was_meant(
    runtime: Runtime, client: FlaskClient
) -> None:
    publish(runtime, content("offer", "Máy sấy", trl_min=8, trl_max=8, price=Price(500_000_000, 500_000_000)))
    settle(runtime)
    assert titles(client.get("/vi/offers?trl_from=9&trl_to=3").text) == ["Máy sấy"]
    wrong_way = {"price_from": "1 tỷ", "price_to": "100 triệu"}
    assert titles(client.get("/vi/offers", query_string=wrong_way).text) == ["Máy sấy"]


def test_an_address_that_says_one_thing_twice_is_refused_but_filters_add_up(
    runtime: Runtime, client: FlaskClient
) -> None:
    answer = client.get("/vi/offers?q=m%C3%A1y&q=c%C3%A1")
    assert answer.status_code == 400
    assert "«q»" in answer.text
    assert client.get("/vi/sign-in?next=/vi/desk&next=/vi/account").status_code == 400
    assert client.get("/vi/offers?province=92&province=96").status_code == 200
