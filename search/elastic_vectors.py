"""Vectors on Elasticsearch: an index of their own, `<prefix>-near-<model>`, with a graph over its dense vectors.

It is written by its alias `<index>-write` alone, as the index of the listings is, and for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.elastic_calls import LONG_PATIENCE, Calls
from search.elastic_shelf import write_alias
from search.engine import SearchError
from search.vectors import Filled, Placed

NOTE, NOTE_KIND = "note", "note"
LOOKED_AT = 8
"""So many times the wanted number is looked at on the way through the graph. Of the 50 nearest of 20,000 made-up vectors
in clusters one in a hundred is then missed, and none of the first ten; at 4 it is one in twenty."""
FEWEST_LOOKED_AT = 200
DONE = (200, 201, 409)
"""Statuses of what is stored; 409 says that this version or a newer one is there."""


@dataclass(frozen=True, slots=True)
class ElasticVectors:
    """`Vectors` on a server."""

    calls: Calls
    prefix: str

    @property
    def _family(self) -> str:
        """Not `<prefix>-v*`, which are the indices of listings."""
        return f"{self.prefix}-near"

    def _index(self, model: str) -> str:
        return f"{self._family}-{model}"

    def filled(self) -> Filled:
        name = self._serving()
        found = self.calls.found(lambda client: client.get(index=name, id=NOTE)) if name else None
        if not found:
            return Filled()
        said = found["_source"]
        return Filled(said["epoch"], said["model"], int(said["version"]))

    def _serving(self) -> str:
        return next(iter(self._all()), "")

    def _all(self) -> Sequence[str]:
        return sorted(self.calls(lambda client: client.indices.get_alias(index=f"{self._family}-*")))

    def start(self, epoch: str, model: str, dimension: int) -> None:
        self.drop()
        index = self._index(model)
        self.calls(
            lambda client: client.indices.create(index=index, aliases={write_alias(index): {}}, **_body(dimension)),
            within=LONG_PATIENCE,
        )  # fmt: skip
        self._note(Filled(epoch, model, 0))

    def apply(self, placed: Sequence[Placed], position: int = 0) -> None:
        filled = self.filled()
        if not filled.model:
            raise SearchError("the vectors have not been started")
        if placed:
            self._store(self._index(filled.model), placed)
        if position > filled.position:
            self._note(Filled(filled.epoch, filled.model, position))

    def _store(self, index: str, placed: Sequence[Placed]) -> None:
        answer = self.calls(
            lambda client: client.bulk(
                index=write_alias(index), operations=list(_lines(placed)), require_alias=True
            ),
            within=LONG_PATIENCE,
        )
        results = [item["index"] for item in answer["items"]]
        if wrong := next((result for result in results if result["status"] not in DONE), None):
            raise SearchError(f"the search engine cannot store vectors now: {wrong['error']['reason']}")
        self.calls(lambda client: client.indices.refresh(index=index), within=LONG_PATIENCE)

    def _note(self, filled: Filled) -> None:
        said = {"kind": NOTE_KIND, "epoch": filled.epoch, "model": filled.model, "version": filled.position}
        self.calls(
            lambda client: client.options(ignore_status=409).index(
                index=write_alias(self._index(filled.model)), id=NOTE, document=said,
                version=filled.position + 1, version_type="external_gte", require_alias=True,
            )
        )  # fmt: skip

    def nearest(self, model: str, direction: bytes, kind: str, count: int) -> list[str]:
        asked = {
            "field": "direction",
            "query_vector": _numbers(direction),
            "k": count,
            "num_candidates": max(LOOKED_AT * count, FEWEST_LOOKED_AT),
            "filter": {"term": {"kind": kind}},
        }
        answer = self.calls.found(
            lambda client: client.search(index=self._index(model), knn=asked, size=count, source=False)
        )
        hits: list[Mapping[str, Any]] = answer["hits"]["hits"] if answer else []
        # The score is (1 + cosine) / 2.
        near = sorted((-hit["_score"], hit["_id"]) for hit in hits if hit["_score"] > 0.5)
        return [uid for _, uid in near]

    def drop(self) -> None:
        if names := self._all():
            self.calls.found(lambda client: client.indices.delete(index=list(names)), within=LONG_PATIENCE)


def _lines(placed: Sequence[Placed]) -> Iterator[Mapping[str, Any]]:
    for one in placed:
        kind = "external" if one.direction else "external_gte"  # Of the same version the removal wins.
        yield {"index": {"_id": one.uid, "version": one.version, "version_type": kind}}
        said: dict[str, Any] = {"kind": one.kind, "version": one.version}
        if one.direction:
            said["direction"] = _numbers(one.direction)
        yield said


def _numbers(direction: bytes) -> list[int]:
    return memoryview(direction).cast("b").tolist()


def _body(dimension: int) -> Mapping[str, Any]:
    """What the index is made with. Bytes as they come from the model: nothing is rounded again."""
    vector = {
        "type": "dense_vector", "dims": dimension, "element_type": "byte", "index": True, "similarity": "cosine",
    }  # fmt: skip
    unasked = {"type": "keyword", "index": False, "doc_values": False}
    kept = {"kind": {"type": "keyword"}, "version": {"type": "long"}, "epoch": unasked, "model": unasked}
    return {
        "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"},
        "mappings": {"dynamic": "strict", "properties": {**kept, "direction": vector}},
    }
