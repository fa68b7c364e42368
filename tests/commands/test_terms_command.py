"""`giao terms learn` makes a table a librarian can read; `giao evaluate --terms` measures with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands.conftest import Giao
from vocabulary import term_files

NOUNS = {"quả bí": "pumpkin", "cái gáo": "ladle", "con diều": "kite", "chiếc nón": "hat", "cây sáo": "flute"}
VERBS = {"bị vỡ": "broke", "rơi xuống": "fell", "bay mất": "vanished", "rất đẹp": "shines"}
TEXTS = [(f"{noun} {verb}", f"{NOUNS[noun]} {VERBS[verb]}") for noun in NOUNS for verb in VERBS]


@dataclass(frozen=True)
class Taught:
    giao: Giao
    vi: Path
    en: Path
    pairs: Path


@pytest.fixture
def taught(empty: Giao) -> Taught:
    def rows(language: str, side: int) -> list[dict[str, object]]:
        return [
            {"id": f"{language}-{n}", "kind": "doc", "title": "", "text": pair[side], "lang": language}
            for n, pair in enumerate(TEXTS)
        ]

    pairs = empty.folder / "pairs.tsv"
    lines = (f"vi-{n}\ten-{n}\t1\n" for n in range(len(TEXTS)))
    pairs.write_text("query_id\tdoc_id\trelevance\n" + "".join(lines), encoding="utf-8")
    return Taught(empty, empty.file("vi.jsonl", rows("vi", 0)), empty.file("en.jsonl", rows("en", 1)), pairs)


def test_a_table_is_learned_written_and_measured_with(taught: Taught) -> None:
    giao, out = taught.giao, taught.giao.folder / "table.csv"
    result = giao(
        "terms", "learn", "--docs", taught.vi, "--docs", taught.en, "--qrels", taught.pairs, "--out", out
    )
    assert result.exit_code == 0, result.output
    assert "vi,en,weight,origin" in out.read_text(encoding="utf-8")
    assert {"pumpkin"} <= term_files.read(out.read_bytes()).translated({"qua_bi": 1}, "vi", "en").keys()
    files = ("--docs", taught.en, "--queries", taught.vi, "--qrels", taught.pairs, "--task", "search")
    without, with_table = giao.json("evaluate", *files), giao.json("evaluate", *files, "--terms", out)
    assert without["ndcg_at_10"] < 0.2
    assert with_table["ndcg_at_10"] > 0.9


def test_folds_are_measured_with_tables_that_did_not_see_them(taught: Taught) -> None:
    result = taught.giao(
        "terms", "learn", "--docs", taught.vi, "--docs", taught.en, "--qrels", taught.pairs,
        "--out", taught.giao.folder / "t.csv", "--folds", "4",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    figures = [line for line in result.output.splitlines() if "nDCG@10" in line]
    assert [line.partition(":")[0] for line in figures] == ["vi -> en", "en -> vi"]
    assert all(float(line.split("nDCG@10 ")[1].split()[0]) > 0.2 for line in figures)


def test_texts_that_do_not_belong_together_are_refused(taught: Taught) -> None:
    giao = taught.giao
    out = giao.folder / "t.csv"
    same = giao(
        "terms", "learn", "--docs", taught.vi, "--docs", taught.vi, "--qrels", taught.pairs, "--out", out
    )
    assert (same.exit_code, "in neither file" in same.output) == (1, True)
    once = giao("terms", "learn", "--docs", taught.vi, "--qrels", taught.pairs, "--out", out)
    assert (once.exit_code, "--docs twice" in once.output) == (2, True)
    taught.pairs.write_text("query_id\tdoc_id\trelevance\n", encoding="utf-8")
    none = giao(
        "terms", "learn", "--docs", taught.vi, "--docs", taught.en, "--qrels", taught.pairs, "--out", out
    )
    assert (none.exit_code, "no pair of texts" in none.output) == (1, True)
    assert not out.exists()


def test_a_bad_table_is_told_row_by_row_and_stops_the_start(giao: Giao) -> None:
    table = giao.folder / "bad.csv"
    table.write_text("vi,en,weight\nao,pond,1\nmặn,,1\ncá,fish,2\n", encoding="utf-8")
    told = giao("terms", "check", table)
    assert told.exit_code == 1
    assert "row 3: The term in the column en is missing" in told.output
    assert "row 4: “2” is no weight" in told.output
    giao.settings["TERMS_FILE"] = str(table)
    for command in ("run", "web", "worker"):
        stopped = giao(command)
        assert (stopped.exit_code, "row 3" in stopped.output) == (3, True), command
    refused = giao("search", "ao")
    assert (refused.exit_code, "TERMS_FILE" in refused.output, "row 3" in refused.output) == (3, True, True)


def _learned(taught: Taught, **files: Path) -> Result:
    """`giao terms learn` with the good files but those that are given."""
    use = {"one": taught.vi, "other": taught.en, "pairs": taught.pairs, "out": taught.giao.folder / "t.csv"}
    use |= files
    return taught.giao(
        "terms", "learn", "--docs", use["one"], "--docs", use["other"], "--qrels", use["pairs"], "--out", use["out"],
    )  # fmt: skip


def _rows(**changed: object) -> list[dict[str, object]]:
    return [{"id": f"vi-{n}", "text": pair[0], "lang": "vi"} | changed for n, pair in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"lang": None}, "one language each"),
        ({"lang": "klingon!!"}, "one language each"),
        ({"text": {"vi": "quả bí"}}, "in neither file"),
        ({"text": "!!! ..."}, "nothing could be learned"),
    ],
)
def test_texts_that_teach_nothing_leave_no_table(
    taught: Taught, changed: dict[str, object], told: str
) -> None:
    result = _learned(taught, one=taught.giao.file("odd.jsonl", _rows(**changed)))
    assert (result.exit_code, told in result.output) == (1, True), result.output
    assert not (taught.giao.folder / "t.csv").exists()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_relevance_that_is_no_number_is_refused(taught: Taught, value: str) -> None:
    taught.pairs.write_text(f"query_id\tdoc_id\trelevance\nvi-0\ten-0\t{value}\n", encoding="utf-8")
    result = _learned(taught)
    assert (result.exit_code, "cannot be read" in result.output) == (1, True), result.output


def test_where_nothing_can_be_written_a_sentence_says_so(taught: Taught) -> None:
    result = _learned(taught, out=taught.giao.folder / "missing" / "t.csv")
    assert (result.exit_code, "cannot be written" in result.output) == (1, True), result.output


def test_of_a_thousand_bad_rows_the_first_are_told(giao: Giao) -> None:
    table = giao.folder / "bad.csv"
    table.write_text("vi,en,weight\n" + "ao,,1\n" * 1_000, encoding="utf-8")
    told = giao("terms", "check", table)
    assert told.exit_code == 1
    assert told.output.count("row ") == 20
    assert "1000 rows of bad.csv" in told.output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("vi,en,weight\n", "holds no terms"),
        ("vi,en\n" + "a" * 200_000 + ",pond\n", "row 2: The row cannot be read"),
    ],
)
def test_a_table_that_says_nothing_or_too_much_is_refused(giao: Giao, content: str, told: str) -> None:
    table = giao.folder / "odd.csv"
    table.write_text(content, encoding="utf-8")
    result = giao("terms", "check", table)
    assert (result.exit_code, told in result.output) == (1, True), result.output
