"""`giao evaluate --model`: matches by a sentence model from a folder. The model is a tiny one made by the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Giao
from tests.support.tiny_model import tiny

COMMON = "portable device for farmers"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    return tiny(tmp_path / "model")


@pytest.fixture
def set_of(empty: Giao) -> tuple[object, ...]:
    """Two queries and two documents that have the same words in common; which fits which only their meaning tells."""
    return judged(empty, "en")


def judged(giao: Giao, language: str) -> tuple[object, ...]:
    docs = [{"id": "d1", "text": f"{COMMON} brine"}, {"id": "d2", "text": f"{COMMON} paddy"}]
    queries = [{"id": "q1", "text": f"{COMMON} salinity"}, {"id": "q2", "text": f"{COMMON} rice"}]
    more = {"title": COMMON, "lang": language, "meta": {}}
    files = [
        giao.file(f"{kind}.{language}.jsonl", [one | more | {"kind": kind} for one in rows])
        for kind, rows in (("doc", docs), ("query", queries))
    ]
    qrels = giao.folder / "qrels.tsv"
    qrels.write_text("query_id\tdoc_id\trelevance\nq1\td1\t1\nq2\td2\t1\n", encoding="utf-8")
    return ("evaluate", "--docs", files[0], "--queries", files[1], "--qrels", qrels, "--task", "match")


def test_meaning_tells_what_words_cannot(empty: Giao, set_of: tuple[object, ...], model: Path) -> None:
    assert empty.json(*set_of)["mrr_at_10"] == 0.75
    assert empty.json(*set_of, "--model", model)["mrr_at_10"] == 1


def test_it_also_tells_what_is_like_what(empty: Giao, set_of: tuple[object, ...], model: Path) -> None:
    asked = (*set_of[:-1], "like")
    assert empty.json(*asked)["mrr_at_10"] == 0.75
    assert empty.json(*asked, "--model", model)["mrr_at_10"] == 1


def test_vietnamese_is_left_alone_by_a_model_that_does_not_read_it(empty: Giao, model: Path) -> None:
    asked = judged(empty, "vi")
    assert empty.json(*asked, "--model", model)["mrr_at_10"] == empty.json(*asked)["mrr_at_10"] == 0.75
    (model / "giao.json").write_text(json.dumps({"languages": ["vi", "en"]}), encoding="utf-8")
    assert empty.json(*asked, "--model", model)["mrr_at_10"] == 1


def test_a_damaged_model_is_refused_in_one_sentence(
    empty: Giao, set_of: tuple[object, ...], model: Path
) -> None:
    whole = (model / "model.onnx").read_bytes()
    (model / "model.onnx").write_bytes(whole[: len(whole) // 2])
    refused = empty(*set_of, "--model", model)
    assert refused.exit_code == 1
    assert "model.onnx is damaged or no ONNX model" in refused.output


def test_a_task_it_takes_no_part_in_is_refused(empty: Giao, set_of: tuple[object, ...], model: Path) -> None:
    refused = empty(*set_of[:-1], "search", "--model", model)
    assert refused.exit_code == 2
    assert "--task match or like" in refused.output
