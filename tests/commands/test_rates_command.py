"""`giao rates`: entered one by one or as a file, listed, and refused with a sentence."""

from __future__ import annotations

from tests.commands.conftest import Giao


def test_a_rate_is_set_and_listed(giao: Giao) -> None:
    assert "No rate is known" in giao("rates", "list").output
    result = giao(
        "rates", "set", "LAK", "1180", "--units", "1000", "--day", "2026-11-20", "--source", "Bank A"
    )
    assert result.exit_code == 0, result.output
    listed = giao("rates", "list").output
    assert "2026-11-20" in listed
    assert "Bank A" in listed
    giao("rates", "set", "LAK", "1190", "--units", "1000", "--day", "2026-11-21", "--source", "Bank A")
    assert "1,180" not in giao("rates", "list").output
    assert "1,180" in giao("rates", "list", "--all").output


def test_a_wrong_rate_is_refused_with_its_reason(giao: Giao) -> None:
    result = giao("rates", "set", "USD", "25400", "--day", "2999-01-01", "--source", "Bank A")
    assert result.exit_code == 1
    assert "day: The day 2999-01-01 has not come yet" in result.output


def test_a_file_is_imported_row_by_row(giao: Giao) -> None:
    file = giao.folder / "rates.csv"
    file.write_text("currency,rate,day,source\nUSD,25400,2026-11-20,A\nEUR,29300.5,2026-11-20,A\n", "utf-8")
    result = giao("rates", "import", file)
    assert result.exit_code == 1
    assert "row 3: rate: “29300.5” is no whole number" in result.output
    assert "1 rates entered, 1 rows left out" in result.output
    assert "USD" in giao("rates", "list").output
