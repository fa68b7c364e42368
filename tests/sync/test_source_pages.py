"""What the staff of the national exchange, and anyone who reads a harvested listing, see of catalogues that are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.models.exchanges import Replica
from marketplace.runtime import Runtime
from marketplace.services.sync import projection
from marketplace.work import look
from tests.support.compiled import application
from tests.support.members import PASSWORD
from tests.support.repository import Repository
from tests.support.visitor import Visitor, words_of
from tests.sync.harvesting import NODE, Reading, entry
from tests.sync.test_pages import staff

FORM = {"node_id": "kho-hai", "name_vi": "Kho hai", "name_en": "", "chosen": "", "kind": "demand"}


def test_one_person_enters_a_source_and_another_approves_it(reader: Runtime, there: Repository) -> None:
    first = staff(reader, "mot@example.org", "admin")
    second = staff(reader, "hai@example.org", "admin")
    operator = staff(reader, "van.hanh@example.org", "operator")
    assert first.post("/vi/sources/new", **FORM, url=there.url).status_code == 303
    assert "Chờ một quản trị viên khác duyệt" in words_of(first.get("/vi/sources/kho-hai"))
    first.post("/vi/sources/kho-hai/approve")
    assert operator.post("/vi/sources/kho-hai/approve").status_code == 403
    assert "Chờ một quản trị viên khác duyệt" in words_of(operator.get("/vi/sources/kho-hai"))
    second.post("/vi/sources/kho-hai/approve")
    page = words_of(operator.get("/vi/sources/kho-hai"))
    assert "Đang hoạt động" in page
    assert "Mức L0" in page
    operator.post("/vi/sources/kho-hai/pause")
    assert "‖ Tạm ngừng" in words_of(operator.get("/vi/sources/kho-hai"))


def test_the_form_lets_choose_how_a_catalogue_is_read(reader: Runtime) -> None:
    operator = staff(reader, "van.hanh@example.org", "operator")
    dcat = FORM | {"format": "dcat", "url": "https://dulieu.example/catalog.jsonld?q=may"}
    assert operator.post("/vi/sources/new", **(dcat | {"format": "oai"})).status_code == 422
    assert operator.post("/vi/sources/new", **dcat).status_code == 303
    for language, label in (("vi", "Cách đọc"), ("en", "How it can be read")):
        assert f"{label} DCAT (JSON-LD, RDF/XML, Turtle)" in words_of(
            operator.get(f"/{language}/sources/kho-hai")
        )
        form = words_of(operator.get(f"/{language}/sources/new"))
        ways = "OAI-PMH (oai_dc) DCAT (JSON-LD, RDF/XML, Turtle)"
        feed = {"vi": "Nguồn thay đổi (xsync/1, /changes)", "en": "Feed of changes (xsync/1, /changes)"}
        assert f"{label} {ways} {feed[language]}" in form


@pytest.mark.parametrize(
    ("wrong", "vi", "en"),
    [({"url": "https://x.example/c#1"}, "không có dấu #", "without a # sign"),
     ({"url": "file:///etc/passwd"}, "không có dấu #", "without a # sign"),
     ({"format": "rdf"}, "Hãy chọn OAI-PMH, DCAT hoặc nguồn thay đổi", "Choose OAI-PMH, DCAT or feed of changes"),
     ({"chosen": "may"}, "Chỉ OAI-PMH có tập hợp", "Only OAI-PMH has sets")],
)  # fmt: skip
def test_the_form_says_what_is_wrong_with_a_catalogue_in_dcat(
    reader: Runtime, wrong: dict[str, str], vi: str, en: str
) -> None:
    operator = staff(reader, "van.hanh@example.org", "operator")
    said = FORM | {"format": "dcat", "url": "https://x.example/c"} | wrong
    for language, sentence in (("vi", vi), ("en", en)):
        answer = operator.post(f"/{language}/sources/new", **said)
        assert (answer.status_code, sentence in words_of(answer)) == (422, True)


def test_a_feed_is_entered_by_the_address_of_its_changes(reader: Runtime) -> None:
    operator = staff(reader, "van.hanh@example.org", "operator")
    feed = FORM | {"format": "feed", "url": "https://san.example/sync/v1/changes"}
    for wrong in (
        {"url": "https://san.example/sync/v1"},
        {"url": feed["url"] + "?since="},
        {"url": "file:///changes"},
    ):
        for language, sentence in (
            ("vi", "kết thúc bằng /changes"),
            ("en", "that ends with /changes is needed"),
        ):
            answer = operator.post(f"/{language}/sources/new", **(feed | wrong))
            assert (answer.status_code, sentence in words_of(answer)) == (422, True)
    assert operator.post("/en/sources/new", **(feed | {"chosen": "may"})).status_code == 422
    assert operator.post("/en/sources/new", **feed).status_code == 303
    for language, level in (
        ("vi", "Mức L1: có nguồn thay đổi"),
        ("en", "Level L1: serves its feed of changes"),
    ):
        assert level in words_of(operator.get(f"/{language}/sources/kho-hai"))
    assert "kho-hai · L1" in words_of(operator.get("/en/exchanges"))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "javascript:alert(1)"])
def test_a9_the_form_says_which_addresses_are_read(reader: Runtime, url: str) -> None:
    operator = staff(reader, "van.hanh@example.org", "operator")
    answer = operator.post("/vi/sources/new", **FORM, url=url)
    assert answer.status_code == 422
    assert "Cần một địa chỉ http:// hoặc https://" in words_of(answer)
    assert 'value="Kho hai"' in answer.text


def test_a_name_that_is_taken_is_refused_in_the_form(entered: Reading) -> None:
    operator = staff(entered.national, "van.hanh@example.org", "operator")
    answer = operator.post("/en/sources/new", **(FORM | {"node_id": NODE}), url=entered.there.url)
    assert (answer.status_code, "taken" in words_of(answer)) == (422, True)


def test_a_rejected_source_leaves_its_name(entered: Reading) -> None:
    admin = staff(entered.national, "mot@example.org", "admin")
    assert admin.post(f"/vi/sources/{NODE}/reject").status_code == 303
    assert admin.get(f"/vi/sources/{NODE}").status_code == 404
    entered.enter()


def test_the_page_of_exchanges_tells_of_every_source_how_its_last_pass_went(reading: Reading) -> None:
    reading.there.entries = [*reading.there.entries[1:], entry(11)]
    reading.run()
    operator = staff(reading.national, "van.hanh@example.org", "operator")
    page = words_of(operator.get("/en/exchanges"))
    assert "Repository kho-oai · L0 ✓ Active 11 0 1 day ago 1 0 0" in page
    reading.there.entries = []
    reading.run()
    operator.sign_in("van.hanh@example.org", PASSWORD)
    page = words_of(operator.get("/en/exchanges"))
    assert "! The list is empty or lacks suspiciously much" in page
    assert operator.get(f"/en/exchanges/{NODE}").status_code == 404


def test_the_page_says_whether_the_whole_list_was_read_or_only_changes(entered: Reading) -> None:
    entered.there.deletions = "persistent"
    entered.approve()
    operator = staff(entered.national, "van.hanh@example.org", "operator")
    assert "What was read" not in words_of(operator.get(f"/en/sources/{NODE}"))
    entered.run(timedelta(0))
    page = words_of(operator.get(f"/en/sources/{NODE}"))
    assert "What was read The whole list" in page
    assert "Last pass through the whole list" not in page
    entered.run(timedelta(0))
    page = words_of(operator.get(f"/vi/sources/{NODE}"))
    assert "Phạm vi đọc Chỉ những gì đã thay đổi Lần đọc trọn danh sách gần nhất" in page


def test_c20_an_operator_confirms_what_is_gone_on_the_page(reading: Reading) -> None:
    reading.there.entries = reading.there.entries[:7]
    reading.run()
    operator = staff(reading.national, "van.hanh@example.org", "operator")
    assert "Số hồ sơ không thấy nữa: 3" in words_of(operator.get(f"/vi/sources/{NODE}"))
    operator.post(f"/vi/sources/{NODE}/decide/confirm")
    assert "Danh sách trống" not in words_of(operator.get(f"/vi/sources/{NODE}"))
    assert reading.source().confirmed == 3


def test_c21_an_operator_sees_both_ids_and_links_them(reading: Reading) -> None:
    reading.there.renamed("oai:cu:", "oai:moi:")
    reading.run()
    operator = staff(reading.national, "van.hanh@example.org", "operator")
    page = words_of(operator.get(f"/vi/sources/{NODE}"))
    assert "Máy số 1 oai:cu:1 oai:moi:1" in page
    operator.post(f"/vi/sources/{NODE}/decide/relink")
    reading.run()
    assert "oai:cu:1" not in words_of(operator.get(f"/vi/sources/{NODE}"))


def test_a11_what_a_source_says_is_shown_as_text_and_links_to_pages_only(reading: Reading) -> None:
    hostile = (
        ("identifier", "javascript:alert(1)"),
        ("identifier", "https://repo.example/?a=1&b=2"),
        ("creator", "<b onclick='x()'>Lê Thu</b> & <script>x()</script>"),
        ("publisher", "Viện <img src=x onerror=x()>"),
    )
    reading.there.entries[0] = replace(
        reading.there.entries[0], title="Máy <script>alert(1)</script> sấy", more=hostile
    )
    reading.run()
    reading.settle()
    uid = next(uid for title, uid in reading.shown().items() if title.startswith("Máy alert"))
    page = Visitor(application(reading.national)).get(f"/vi/listings/{uid}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "onclick" not in page.text
    assert "onerror" not in page.text
    assert 'href="javascript:' not in page.text
    assert 'href="https://repo.example/?a=1&amp;b=2" rel="noopener nofollow"' in page.text
    words = words_of(page)
    assert "Thu thập từ danh mục khác" in words
    assert "Lê Thu &" in words
    assert "Kho tư liệu" in words


def test_what_a_source_says_of_rights_stands_on_the_page_of_the_listing(reading: Reading) -> None:
    licence = (("rights", "CC BY 4.0"), ("rights", "<b>© Viện Cơ điện</b>"))
    reading.there.entries[0] = replace(reading.there.entries[0], more=licence)
    assert reading.run().last["changed"] == 1
    reading.settle()
    visitor = Visitor(application(reading.national))
    uid = reading.shown()["Máy số 1"]
    assert "Quyền và giấy phép CC BY 4.0 ; © Viện Cơ điện" in words_of(visitor.get(f"/vi/listings/{uid}"))
    assert "Rights and licence CC BY 4.0" in words_of(visitor.get(f"/en/listings/{uid}"))
    other = reading.shown()["Máy số 2"]
    assert "Rights and licence" not in words_of(visitor.get(f"/en/listings/{other}"))


@pytest.mark.parametrize(
    ("source", "shown"),
    [({"url": "javascript:alert(1)"}, ""), ({"url": 7}, ""), ({}, None), ({"url": "https://x.example/1"}, "https://x.example/1")],
)  # fmt: skip
def test_a11_a_pushed_record_that_names_a_page_is_linked_only_when_it_is_one(
    reading: Reading, source: dict[str, object], shown: str | None
) -> None:
    """The way in is another, the rule is the same."""
    uid = reading.shown()["Máy số 1"]
    with look(reading.national) as work:
        kept = work.session.get_one(Replica, uid)
        body = {**kept.body, "source": source}
        seen = projection.view(uid=uid, schema=kept.schema, op="upsert", body=body)
    assert seen.state == "visible"
    assert seen.body is not None
    assert seen.body.get("source", {}).get("url") == shown


def test_a_source_that_is_no_object_holds_the_record(reading: Reading) -> None:
    uid = reading.shown()["Máy số 1"]
    with look(reading.national) as work:
        kept = work.session.get_one(Replica, uid)
        seen = projection.view(uid=uid, schema=kept.schema, op="upsert", body={**kept.body, "source": "x"})
    assert [problem.path for problem in seen.problems] == ["source"]
