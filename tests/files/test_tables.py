"""CSV as spreadsheets in Vietnam and elsewhere write it, and workbooks; formulas stay out."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from marketplace.files.file_row import UnreadableFile
from marketplace.files.rows import listing_row
from tests.files.conftest import Reading
from vocabulary.listing import Price


def refused(read: Reading, name: str, content: bytes | str) -> tuple[str, dict[str, str]]:
    with pytest.raises(UnreadableFile) as refusal:
        read(name, content)
    return refusal.value.problem.code, dict(refusal.value.problem.params)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(read: Reading, separator: str, mark: str, end: str) -> None:
    rows = [["ID", "Title", "Price Min"], ["1", '"Máy sấy; 2 tầng, gọn"', "1,5 tỷ"], ["2", "Tủ", ""]]
    rows[1][2] = '"1,5 tỷ"'
    content = mark + end.join(separator.join(row) for row in rows)
    first, second = read("offers.csv", content)
    assert first.values == {"id": "1", "title": "Máy sấy; 2 tầng, gọn", "price_min": "1,5 tỷ"}
    assert (second.number, second.values) == (3, {"id": "2", "title": "Tủ", "price_min": ""})


def test_a_cell_may_have_lines_and_quotation_marks(read: Reading) -> None:
    (row,) = read("offers.csv", 'id,title\n1,"Dòng một\nDòng ""hai"""\n')
    assert row.values == {"id": "1", "title": 'Dòng một\nDòng "hai"'}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ("file.no_header", {"column": "id"})),
        ("1,Máy sấy\n", ("file.no_header", {"column": "id"})),
        ("title,summary\n", ("file.no_header", {"column": "id"})),
        ("id,price_min\n", ("file.no_header", {"column": "title"})),
        ("id,title,Title\n", ("file.column_twice", {"column": "title"})),
    ],
)
def test_a_table_without_its_header_is_refused(
    read: Reading, content: str, expected: tuple[str, Any]
) -> None:
    assert refused(read, "offers.csv", content) == expected


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2,Máy,thừa một ô", "row.columns"),
        ('2,"Máy" sấy', "row.csv"),
        (f"2,{'x' * 200_000}", "row.csv"),
        (f"2,{'x' * 1_000_000}", "row.too_long"),
    ],
)
def test_a_bad_row_is_told_and_passed_over(read: Reading, line: str, code: str) -> None:
    rows = read("offers.csv", f"id,title\n1,Một\n{line}\n3,Ba\n")
    assert [(row.number, row.problem and row.problem.code) for row in rows] == [
        (2, None),
        (3, code),
        (4, None),
    ]
    assert rows[-1].values == {"id": "3", "title": "Ba"}


def test_a_row_with_two_faults_takes_no_other_with_it(read: Reading) -> None:
    before = "".join(f"{n},{'x' * 900}\n" for n in range(10)).encode()
    rows = read("offers.csv", b"id,title\n" + before + b'a,"M\xe1y" s\n' + "b,Máy\n".encode())
    assert [row.problem and row.problem.code for row in rows[10:]] == ["row.csv", None]
    assert rows[-1].values == {"id": "b", "title": "Máy"}


def test_empty_rows_are_passed_over_and_short_ones_are_filled(read: Reading) -> None:
    rows = read("offers.csv", "id,title,summary\n1,Một\n,,\n\n2,Hai,Ngắn,,\n")
    assert [(row.number, row.values) for row in rows] == [
        (2, {"id": "1", "title": "Một", "summary": ""}),
        (5, {"id": "2", "title": "Hai", "summary": "Ngắn"}),
    ]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", '"=HYPERLINK(""http://x"",""y"")"', "+SUM(A1:A9)", "@SUM(1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!D2",
     "\t=1+1"],
)  # fmt: skip
def test_a_formula_is_refused_in_the_column_it_stands_in(read: Reading, cell: str) -> None:
    formula, good = read("offers.csv", f"id,title,summary\n1,{cell},x\n2,Máy,x\n")
    assert formula.problem is not None
    assert (formula.problem.path, formula.problem.code) == ("title", "value.formula")
    assert good.problem is None


@pytest.mark.parametrize(
    "cell", ["- một dòng", "-5", "+84 (24) 3869 1234", "-Tăng năng suất (20 %)", "@vien_congnghe"]
)
def test_dashes_numbers_and_handles_are_no_formulas(read: Reading, cell: str) -> None:
    (row,) = read("offers.csv", f"id,title\n1,{cell}\n")
    assert row.values == {"id": "1", "title": cell}


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def test_a_workbook_is_read_as_people_see_it(read: Reading) -> None:
    header = ["id", "title", "needed_by", "price_min", "trl", "mastery", "standards"]
    values = [7, "Máy sấy", date(2027, 1, 31), 1_500_000_000.0, 6, None, datetime(2027, 2, 1, 8, 30)]  # noqa: DTZ001 - cells have no zone
    (row,) = read("offers.xlsx", book(header, values))
    assert row.values == {
        "id": "7", "title": "Máy sấy", "needed_by": "2027-01-31", "price_min": "1500000000", "trl": "6",
        "mastery": "", "standards": "2027-02-01",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "price"), [(18.5, Price(1850, 1850, "USD")), (18.125, None), (1e-05, None)]
)
def test_a_number_of_a_workbook_is_never_taken_for_thousands(
    read: Reading, number: float, price: Price | None
) -> None:
    header = ["id", "kind", "title", "price", "currency"]
    (row,) = read("offers.xlsx", book(header, ["1", "offer", "Máy", number, "USD"]))
    assert row.values is not None
    said = listing_row(row.values, kind=None)
    assert said.content is not None
    assert said.content.price == price
    assert [problem.code for problem in said.problems] == ([] if price else ["money.fraction"])


def test_a_formula_in_a_workbook_is_refused(read: Reading) -> None:
    (row,) = read("offers.xlsx", book(["id", "title"], ["1", "=CONCAT(A1,A2)"]))
    assert row.problem is not None
    assert row.problem.code == "value.formula"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04cut off", book(["id", "title"])[:900]])
def test_a_damaged_workbook_is_refused(read: Reading, content: bytes) -> None:
    assert refused(read, "offers.xlsx", content)[0] == "file.damaged"


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with some of its parts replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = Path(name).stem
            new.writestr(name, parts.get(key, old.read(name)))
    return made.getvalue()


def test_a_zip_bomb_is_refused_before_it_goes_off(read: Reading) -> None:
    bomb = repacked(book(["id", "title"]), sheet1=b" " * 150_000_000)
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        assert refused(read, "offers.xlsx", bomb) == ("file.too_large", {"limit": "100 MB"})
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_entities_that_unfold_without_end_are_refused(read: Reading) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    cell = '<row><c t="str"><v>&e8;</v></c></row>'
    xml = f"<!DOCTYPE x [{entities}]><worksheet><sheetData>{cell}</sheetData></worksheet>"
    assert refused(read, "offers.xlsx", repacked(book(["id"]), sheet1=xml.encode()))[0] == "file.damaged"


@pytest.mark.parametrize("claimed", [b"A1:XFD1048576", b"A1"])
def test_a_sheet_is_read_as_it_is_whatever_size_it_claims(read: Reading, claimed: bytes) -> None:
    content = repacked(
        book(["id", "title"]),
        sheet1=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="' + claimed + b'"/><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>title</v></c></row>'
        b'<row r="2"><c r="A2" t="str"><v>1</v></c><c r="B2" t="str"><v>Tu</v></c></row>'
        b"</sheetData></worksheet>",
    )
    assert [row.values for row in read("offers.xlsx", content)] == [{"id": "1", "title": "Tu"}]
