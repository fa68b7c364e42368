"""What is written for a spreadsheet runs nothing there, and says the same when it is read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from marketplace.files.reading import opened
from marketplace.files.rows import listing_row, unknown_names
from marketplace.files.tables import csv_table
from marketplace.files.writing import DANGEROUS, write_csv
from marketplace.files.writing_workbooks import write_workbook
from marketplace.services.exporting import COLUMNS, cells, flat
from tests.files.streams import stream
from vocabulary.listing import Content, Localisation, Price, Requirement, Right, Text, as_record

EVIL = ["=1+1", "+SUM(A1)", "-2+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("http://x","y")']


def written(*titles: str) -> bytes:
    target = io.StringIO(newline="")
    write_csv(target, ("id", "title"), [{"id": n, "title": title} for n, title in enumerate(titles)])
    return target.getvalue().encode()


def test_no_cell_of_a_csv_begins_like_a_formula() -> None:
    cells = [cell for row in csv.reader(io.StringIO(written(*EVIL).decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(DANGEROUS)]
    assert len(cells) == 2 + 2 * len(EVIL)


def test_a_spreadsheet_knows_the_encoding_by_its_mark() -> None:
    assert written("Máy sấy").startswith(b"\xef\xbb\xbfid,title\r\n")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(str.strip), min_size=1))
def test_what_was_written_is_read_back(titles: list[str]) -> None:
    rows = list(csv_table(stream(written(*titles, *EVIL))))
    assert [row.values and row.values["title"] for row in rows] == [*titles, *EVIL]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with path.open("wb") as target:
        write_workbook(target, ("id", "title"), [{"id": "1", "title": text} for text in (*EVIL, "Máy sấy")])
    sheet = load_workbook(path).active
    assert sheet is not None
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s"}
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [*EVIL, "Máy sấy"]


FULL = Content(
    "demand", "vi",
    {"vi": Text("Máy sấy", "Gọn", "Mô tả\nhai dòng; có chấm phẩy", "=vấn đề", "so", "hiệu", "", "", ""),
     "en": Text("Dryer", "", "- rice", "wet rice", "coal", "dry", "cheap", "a mill", "two seasons")},
    requirements=(Requirement("Công suất", ">=", "5", "kW"), Requirement("Độ ẩm", "range", "10..12", "%", must=False),
                  Requirement("Vỏ", "text", "thép"), Requirement("Dễ vệ sinh")),
    trl_min=6, trl_max=9, fields=("2.11", "4.1"), ipc=("F26B 17/00",), transfer_forms=(),
    rights=(Right("patent", "granted", "1-0031234", "VN"), Right("trademark")),
    price=Price(None, 250_050, "USD", "firm"), province="92", territory=("VN", "LA"), standards=("TCVN 1", "ISO 9"),
    localisation=Localisation(40, None, 3), needed_by="2027-01-31", anonymous=True, open_for_interest=False,
)  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_exported_listing_is_imported_as_it_was(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    rows = [flat({"id": "n:demand:1", "kind": "demand", "content": as_record(FULL), "expires_at": "2027"})]
    if ending == "csv":
        with path.open("w", encoding="utf-8", newline="") as text:
            write_csv(text, COLUMNS, rows)
    else:
        with path.open("wb") as target:
            write_workbook(target, COLUMNS, rows)
    with opened(path) as file:
        (row,) = file.rows
    assert row.values is not None
    read = listing_row(row.values, kind=None)
    assert (read.source_id, read.problems, read.content) == ("n:demand:1", (), FULL)


def test_every_public_field_of_the_form_has_its_column() -> None:
    kept_back = {"sealed_text", "reserve_price", "contact_name", "contact_email", "contact_phone"}
    assert set(cells(FULL)) - set(COLUMNS) == kept_back - {"reserve_price"}


def test_every_exported_column_is_known_when_it_is_read_back() -> None:
    assert unknown_names(dict.fromkeys(COLUMNS, "")) == set()
