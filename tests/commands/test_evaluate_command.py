"""`giao evaluate` measures what the web would answer, exactly, and reads judgements for scoring only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import permutations
from math import log2
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from matching.model import MODEL_VERSION
from search import elastic
from search.document import Changes
from search.elastic import ElasticEngine
from tests.commands.conftest import Giao
from tests.search.shelf import listing
from tests.services import service_url
from tests.support.exchanges import own_prefix

FILLER = "thiết bị công nghệ cho sản xuất "


@dataclass(frozen=True)
class Judged:
    """A judged set in a folder. Nothing else need be there: no exchange, no settings."""

    giao: Giao
    docs: Path
    queries: Path
    qrels: Path

    def figures(self, *more: str, task: str = "search") -> Any:
        files = ("--docs", self.docs, "--queries", self.queries, "--qrels", self.qrels)
        return self.giao.json("evaluate", *files, "--task", task, *more)


def judged_set(
    giao: Giao, docs: Sequence[tuple[str, str, str]], queries: Sequence[tuple[str, str, str]],
    relevant: Mapping[str, Sequence[str]],
) -> Judged:  # fmt: skip
    def rows(kind: str, of: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
        return [
            {"id": own, "kind": kind, "title": title, "text": text, "lang": "vi", "meta": {}}
            for own, title, text in of
        ]

    qrels = giao.folder / "qrels.tsv"
    lines = [f"{query}\t{doc}\t1\n" for query, judged in relevant.items() for doc in judged]
    qrels.write_text("query_id\tdoc_id\trelevance\n" + "".join(lines), encoding="utf-8")
    files = [giao.file("docs.jsonl", rows("doc", docs)), giao.file("queries.jsonl", rows("query", queries))]
    return Judged(giao, *files, qrels)


DOCS = [
    ("d1", "Máy sấy", "sấy sấy sấy"),
    ("d2", "Kho lạnh", FILLER * 20 + "sấy"),
    ("d3", "Cảm biến", "đo độ mặn"),
    ("d4", "Ghe", "ghe"),
]


@pytest.fixture
def small(empty: Giao) -> Judged:
    """Three judged queries whose answers are certain, and one without a judgement."""
    queries = [("q1", "", "sấy"), ("q2", "", "mặn"), ("q3", "", "tàu vũ trụ"), ("q4", "", "ghe")]
    return judged_set(empty, DOCS, queries, {"q1": ["d2"], "q2": ["d3", "d4"], "q3": ["d1"]})


def test_the_figures_are_those_computed_by_hand(small: Judged) -> None:
    # q1: d1, then the relevant d2. q2: the relevant d3, and never the other one. q3: nothing.
    figures = small.figures()
    assert figures["queries"] == 3
    assert figures["ndcg_at_10"] == pytest.approx((1 / log2(3) + 1 / (1 + 1 / log2(3)) + 0) / 3)
    assert figures["recall_at_10"] == figures["recall_at_100"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert figures["mrr_at_10"] == pytest.approx((0.5 + 1 + 0) / 3)


def test_a_query_is_counted_once_and_what_is_left_out_is_said(small: Judged) -> None:
    whole = small.figures()
    lines = small.queries.read_text(encoding="utf-8")
    small.queries.write_text(f"{lines}{lines.splitlines()[0]}\n{{broken\n", encoding="utf-8")
    with small.qrels.open("a", encoding="utf-8") as qrels:
        qrels.write("q9\td1\t1\n")
    files = ("--docs", small.docs, "--queries", small.queries, "--qrels", small.qrels)
    told = small.giao("evaluate", *files, "--task", "search", "--json")
    again = json.loads(told.stdout)
    assert {**again, "seconds_per_query": 0} == {**whole, "seconds_per_query": 0}
    assert "2 rows of queries.jsonl, the first of them row 5, could not be read as a query" in told.stderr
    assert "1 judged queries are not in queries.jsonl." in told.stderr


def test_the_record_has_its_keys_and_no_others(small: Judged) -> None:
    figures = small.figures("--fields", "text")
    assert list(figures) == [
        "ndcg_at_10", "recall_at_10", "recall_at_100", "mrr_at_10", "queries", "seconds_per_query", "task", "fields",
        "engine", "model_version",
    ]  # fmt: skip
    assert (figures["task"], figures["fields"]) == ("search", "text")
    assert (figures["engine"], figures["model_version"]) == ("tantivy", MODEL_VERSION)
    assert 0 < figures["seconds_per_query"] < 10


def test_without_json_it_is_a_list_for_people(small: Judged) -> None:
    files = ("--docs", small.docs, "--queries", small.queries, "--qrels", small.qrels)
    result = small.giao("evaluate", *files, "--task", "search")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split()[0] == "ndcg_at_10"
    assert {path.name for path in small.giao.folder.iterdir()} == {"docs.jsonl", "queries.jsonl", "qrels.tsv"}


def many(giao: Giao, shift: int) -> Judged:
    """Forty documents of their own words; `shift` judges each query by another query's document."""
    words = ["sấy", "lạnh", "mặn", "phao", "lưới", "bơm"]
    titles = [" ".join(order) for order in list(permutations(words, 3))[::3]]
    docs = [(f"d{n}", "", f"{title} x{n}x") for n, title in enumerate(titles)]
    queries = [(f"q{n}", "", f"{title} x{n}x") for n, title in enumerate(titles)]
    return judged_set(
        giao, docs, queries, {f"q{n}": [f"d{(n + shift) % len(docs)}"] for n in range(len(docs))}
    )


@pytest.mark.parametrize("task", ["search", "match"])
def test_judgements_only_score_for_shuffled_they_give_nearly_nothing(empty: Giao, task: str) -> None:
    assert many(empty, 0).figures(task=task)["mrr_at_10"] > 0.95
    assert many(empty, 17).figures(task=task)["mrr_at_10"] < 0.15


def test_the_title_alone_or_the_text_alone_can_be_asked(empty: Giao) -> None:
    both = judged_set(empty, DOCS, [("q", "mặn", "sấy")], {"q": ["d3"]})
    assert both.figures("--fields", "title")["mrr_at_10"] == 1
    assert both.figures("--fields", "text")["mrr_at_10"] == 0
    assert 0 < both.figures()["mrr_at_10"] <= 1


def test_a_query_without_the_field_is_asked_with_the_other(empty: Giao) -> None:
    only_text = judged_set(empty, DOCS, [("q", "", "mặn")], {"q": ["d3"]})
    assert only_text.figures("--fields", "title")["mrr_at_10"] == 1


def test_queries_can_be_asked_without_their_marks(empty: Giao) -> None:
    marked = judged_set(
        empty, [("d1", "", "đo độ mặn"), ("d2", "", "do do man")], [("q", "", "độ mặn")], {"q": ["d1"]}
    )
    assert marked.figures("--without-marks")["recall_at_10"] == 1


@pytest.mark.parametrize("task", ["search", "like", "match"])
def test_a_document_is_not_its_own_answer(empty: Giao, task: str) -> None:
    twins = [
        ("a", "Máy sấy lúa", "Sấy lúa ướt bằng trấu."),
        ("b", "Máy sấy lúa", "Sấy lúa ướt bằng trấu và điện."),
    ]
    judged = judged_set(empty, [*twins, *DOCS], [twins[0]], {"a": ["b"]})
    assert judged.figures(task=task)["mrr_at_10"] == 1


def test_a_set_in_which_nothing_is_judged_is_said(empty: Giao) -> None:
    judged = judged_set(empty, DOCS, [("q1", "", "sấy")], {"other": ["d1"]})
    files = ("--docs", judged.docs, "--queries", judged.queries, "--qrels", judged.qrels)
    result = empty("evaluate", *files, "--task", "search", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No query of queries.jsonl has a judgement in qrels.tsv." in result.stderr


@pytest.mark.parametrize(
    "content",
    ["", "a\tb\n1\t2\n", "query_id\tdoc_id\trelevance\nq1\td1\tvery\n", "query_id\tdoc_id\trelevance\nq\n"],
)
def test_judgements_nobody_can_read_are_said(small: Judged, content: str) -> None:
    small.qrels.write_text(content, encoding="utf-8")
    files = ("--docs", small.docs, "--queries", small.queries, "--qrels", small.qrels)
    result = small.giao("evaluate", *files, "--task", "search")
    assert (result.exit_code, "query_id, doc_id, relevance" in result.stderr) == (1, True)


def test_documents_that_had_to_be_left_out_are_counted(empty: Giao) -> None:
    docs = [*DOCS, DOCS[0], ("d9", "", "")]
    judged = judged_set(empty, docs, [("q1", "", "mặn")], {"q1": ["d3"]})
    files = ("--docs", judged.docs, "--queries", judged.queries, "--qrels", judged.qrels)
    result = empty("evaluate", *files, "--task", "search")
    assert result.exit_code == 0
    assert "2 documents could not be read and were left out." in result.stderr


def test_contradictory_judgements_are_named_and_none_is_used(small: Judged) -> None:
    lines = ["query_id\tdoc_id\trelevance", "q1\td1\t1", "q1\td2\t0", "q1\td1\t0", "q1\td2\t0"]
    small.qrels.write_text("\n".join(lines), encoding="utf-8")
    files = ("--docs", small.docs, "--queries", small.queries, "--qrels", small.qrels)
    result = small.giao("evaluate", *files, "--task", "search")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Row 4 says something else than row 2" in result.stderr
    assert "“q1”" in result.stderr


def test_matching_says_how_often_scores_tie_and_one_document_floods(small: Judged) -> None:
    figures = small.figures(task="match")
    assert 0 <= figures["tie_share"] <= 1
    assert 0 <= figures["hub_share"] <= 1


@pytest.fixture
def theirs() -> Iterator[tuple[ElasticEngine, str]]:
    """The index of an exchange, and its URL."""
    url = f"{service_url('SEARCH_URL').rstrip('/')}/{own_prefix()}"
    with closing(elastic.open_engine(url)) as engine:
        engine.start("life")
        engine.apply(Changes(1, (listing(1),)))
        yield engine, url
        engine.drop()


def test_on_a_server_it_keeps_to_an_index_of_its_own_and_leaves_nothing(
    small: Judged, theirs: tuple[ElasticEngine, str]
) -> None:
    """Also where the URL is that of an exchange: its settings name it, or somebody copied it."""
    engine, url = theirs
    expected = small.figures()
    named = small.figures("--search-url", url)
    small.giao.settings["SEARCH_URL"] = url
    for one in (named, small.figures()):
        assert (one["engine"], one["ndcg_at_10"]) == ("elasticsearch", expected["ndcg_at_10"])
    assert (engine.epoch, engine.count()) == ("life", 1)
    address, _, prefix = url.rpartition("/")
    with Elasticsearch(address) as client:
        assert not client.indices.get(index=f"{prefix}_*")
