"""The indices of one exchange on Elasticsearch: their names, which one answers, and which one was before it.

`<prefix>-v<INDEX_VERSION>-<epoch>-<number>` is an index. Three kinds of aliases point to them:
`<prefix>-v<INDEX_VERSION>-serving` to the one that answers, `<prefix>-former` to the one before it, and `<index>-write` to
each, by which alone it is written: a server makes a missing index by itself, with a mapping of its own guess, but never
a missing alias.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.elastic_calls import LONG_PATIENCE, Calls
from search.engine import SearchError
from search.fields import INDEX_VERSION
from search.mapping import index_body


def write_alias(index: str) -> str:
    return f"{index}-write"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The indices whose names begin with one prefix."""

    calls: Calls
    prefix: str

    @property
    def answering(self) -> str:
        """The alias all questions go to. Of another `INDEX_VERSION` it is another, so older code reads on beside us."""
        return f"{self._family}-serving"

    @property
    def _family(self) -> str:
        return f"{self.prefix}-v{INDEX_VERSION}"

    @property
    def _before(self) -> str:
        return f"{self.prefix}-former"

    def serving(self) -> str:
        """The index that answers; empty where there is none."""
        return self._behind(self.answering)

    def former(self) -> str:
        """The index that answered before; empty where none is kept."""
        return self._behind(self._before)

    def _behind(self, alias: str) -> str:
        return next(iter(self.calls.found(lambda client: client.indices.get_alias(name=alias)) or ()), "")

    def make(self, epoch: str) -> str:
        """A new index, not yet answering."""
        taken = [int(name.rpartition("-")[2]) for name in self._all() if name.rpartition("-")[2].isdigit()]
        index = f"{self._family}-{re.sub('[^a-z0-9]', '_', epoch.lower())}-{max(taken, default=0) + 1}"
        self.calls(
            lambda client: client.indices.create(
                index=index, **index_body(), aliases={write_alias(index): {}}, timeout=f"{LONG_PATIENCE:.0f}s"
            ),
            within=LONG_PATIENCE,
        )
        return index

    def serve(self, index: str) -> None:
        """Let this one answer, in one step. What answered before is kept, all others go."""
        before = self.serving() or self._newest_but(index)
        self._point(index, before)
        self._delete([name for name in self._all() if name not in (index, before)])

    def back(self) -> str:
        """Change places with the former index; its name."""
        serving, former = self.serving(), self.former()
        if not former:
            raise SearchError("no former index is kept: one is after the next reindex")
        if not re.fullmatch(rf"{self._family}-.*-\d+", former):
            raise SearchError(f"the former index, {former}, can only be read by the Giao that made it")
        self._point(former, serving)
        return former

    def _point(self, answering: str, before: str) -> None:
        actions: list[Mapping[str, Any]] = [
            {"remove": {"index": f"{self.prefix}-v*", "alias": alias, "must_exist": False}}
            for alias in (self.answering, self._before)
        ]
        actions.append({"add": {"index": answering, "alias": self.answering}})
        if before:
            actions.append({"add": {"index": before, "alias": self._before}})
        self.calls(lambda client: client.indices.update_aliases(actions=actions), within=LONG_PATIENCE)

    def _newest_but(self, index: str) -> str:
        """Where code of a new `INDEX_VERSION` comes, what the older reads is kept for it."""
        others = {name: about["settings"]["index"] for name, about in self._all().items() if name != index}
        return max(others, key=lambda name: int(others[name]["creation_date"]), default="")

    def _all(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.calls(
            lambda client: client.indices.get(index=f"{self.prefix}-v*", features=["settings"])
        )
        return found

    def _delete(self, names: Sequence[str]) -> None:
        if names:
            self.calls.found(lambda client: client.indices.delete(index=list(names)), within=LONG_PATIENCE)

    def remove(self, index: str) -> None:
        """Remove one that does not answer."""
        self._delete([index])

    def drop(self) -> None:
        self._delete(list(self._all()))
