"""One index on Elasticsearch: what is put into it, how far it has come, and all it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from search.document import Changes, Entry, Refused
from search.elastic_calls import LONG_PATIENCE, PATIENCE, Calls
from search.elastic_shelf import write_alias
from search.engine import SearchError
from search.mapping import LENGTHS, WINDOW
from search.record import GONE, LIVE, NOTE_UID, Value, gone, live, note

BULK = 500  # records in one request
UNREADABLE = (400, 413)
"""Statuses of a request that would be refused again: not readable, or too large."""
KEEP_ALIVE = "2m"
"""How long a point in time outlives the last page asked of it, should its reader die."""

Record = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Index:
    """An index by its own name: what is begun on it ends on it, whatever answers meanwhile."""

    calls: Calls
    name: str

    def put(self, changes: Changes) -> tuple[Refused, ...]:
        """Store records in place of older ones of the same uid; those that cannot be stored, and why."""
        records = iter([*map(live, changes.put), *map(gone, changes.remove)])
        refused: list[Refused] = []
        while part := list(islice(records, BULK)):
            refused.extend(self._store(part))
        return tuple(refused)

    def _store(self, records: Sequence[Record]) -> list[Refused]:
        """Of a request that is refused as a whole each half is tried alone, down to the record it was refused for."""
        try:
            answer = self.calls(lambda client: self._bulk(client, records), within=LONG_PATIENCE)
        except SearchError as error:
            cause = error.__cause__
            if not isinstance(cause, ApiError) or cause.status_code not in UNREADABLE:
                raise
            if len(records) == 1:
                return [Refused(str(records[0]["uid"]), str(error))]
            middle = len(records) // 2
            return self._store(records[:middle]) + self._store(records[middle:])
        return list(_refused(answer["items"])) if answer["errors"] else []

    def _bulk(self, client: Elasticsearch, records: Sequence[Record]) -> Any:
        lines: list[Mapping[str, Any]] = []
        for record in records:
            # Of a listing and a removal of the same version the removal wins.
            kind = "external_gte" if record["state"] == GONE else "external"
            head = {"_id": record["uid"], "version": record["version"], "version_type": kind}
            lines.extend(({"index": head}, {**LENGTHS, **record}))
        return client.bulk(index=write_alias(self.name), operations=lines, require_alias=True)

    # -- how far it has come ---------------------------------------------------------------------------------------

    def note(self, within: float = PATIENCE) -> tuple[str, int]:
        """Its epoch and position; empty and 0 where none was written."""
        found = self.calls.found(lambda client: client.get(index=self.name, id=NOTE_UID), within=within)
        return (found["_source"]["title_text"], int(found["_source"]["version"])) if found else ("", 0)

    def put_note(self, epoch: str, position: int) -> None:
        """Note how far it has come; nothing where another process has come further meanwhile (409)."""
        self.calls(
            lambda client: client.options(ignore_status=409).index(
                index=write_alias(self.name), id=NOTE_UID, document={**LENGTHS, **note(epoch, position)},
                version=position + 1, version_type="external_gte", require_alias=True,
            )
        )  # fmt: skip

    def furthest(self) -> int:
        """The highest version of all it holds: of listings, of what was removed, and of its note."""
        self.refresh()
        highest = {"highest": {"max": {"field": "version"}}}
        answer = self.calls(lambda client: client.search(index=self.name, size=0, aggregations=highest))
        return int(answer["aggregations"]["highest"]["value"] or 0)

    def refresh(self) -> None:
        """Let everything stored be found."""
        self.calls(lambda client: client.indices.refresh(index=self.name), within=LONG_PATIENCE)

    # -- all it holds ----------------------------------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        """By uid, from one point in time, which is given back at the end, also when the reader stops early."""
        held = self.calls(lambda client: client.open_point_in_time(index=self.name, keep_alive=KEEP_ALIVE))[
            "id"
        ]
        try:
            last: list[Any] = []
            while page := self._page(held, last):
                yield from map(_entry, page)
                last = page[-1]["sort"]
        finally:
            self.calls.found(lambda client: client.close_point_in_time(id=held))

    def _page(self, held: str, last: list[Any]) -> Sequence[Mapping[str, Any]]:
        answer = self.calls(
            lambda client: client.search(
                pit={"id": held, "keep_alive": KEEP_ALIVE}, query={"term": {"state": LIVE}}, source=False, version=True,
                docvalue_fields=[{"field": "fingerprint"}], sort=["uid"], size=WINDOW - 1,
                search_after=last or None, track_total_hits=False,
            ),
            within=LONG_PATIENCE,
        )  # fmt: skip
        hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
        return hits


def _entry(hit: Mapping[str, Any]) -> Entry:
    # Not the version that stands in the record: this one goes up as well when somebody changes it by hand, and is the one
    # that whatever is sent later has to pass.
    return Entry(hit["_id"], hit["_version"], hit.get("fields", {}).get("fingerprint", [0])[0])


def _refused(items: Sequence[Mapping[str, Any]]) -> Iterator[Refused]:
    """What was refused. 409 says that the index has this version or a newer one: that is done.

    Raises `SearchError` where the server only had too much to do, or where its index is closed for writing.
    """
    for item in items:
        result = item["index"]
        if result["status"] in (200, 201, 409):
            continue
        why = f"{result['error']['type']}: {result['error']['reason']}"
        if result["status"] in (403, 404, 429, 503):
            raise SearchError(f"the search engine cannot store listings now: {why}")
        yield Refused(result["_id"], why)
