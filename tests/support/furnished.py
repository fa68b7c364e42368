"""An exchange that is furnished once in a test process, and copied from then on: to make it takes some tenths of a second,
to copy it some milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from marketplace.runtime import Runtime
from marketplace.services import embeddings, profiles

T = TypeVar("T")
Files = dict[Path, tuple[int, bytes]]
"""Path in the data folder -> mode and content."""

_MADE: dict[Callable[..., Any], tuple[list[Files], Any]] = {}


def furnished(make: Callable[..., T], *runtimes: Runtime) -> T:
    """What `make` gives when it furnishes these new exchanges. Where their files are all they have, they are copies of the
    first ones it furnished, down to the ids.

    So `make` is a function of a module; it moves no clock, opens nothing that stays open, and what it gives nobody changes.
    """
    if not all(one.settings.database_url.startswith("sqlite") for one in runtimes):
        return make(*runtimes)
    if make not in _MADE:
        made = make(*runtimes)
        _MADE[make] = [_taken(one) for one in runtimes], made
    else:
        for runtime, files in zip(runtimes, _MADE[make][0], strict=True):
            _put(runtime, files)
        _forget()
    given: T = _MADE[make][1]
    return given


def _taken(runtime: Runtime) -> Files:
    _rest(runtime)
    folder = runtime.settings.data_dir
    return {
        path.relative_to(folder): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def _put(runtime: Runtime, files: Files) -> None:
    _rest(runtime)
    for name, (mode, content) in files.items():
        path = runtime.settings.data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)


def _rest(runtime: Runtime) -> None:
    """Nothing is open, all is in the files; what is needed opens again when it is asked for."""
    for name in ("engine", "queue"):
        if name in runtime.__dict__:
            runtime.__dict__.pop(name).close()
    runtime.database.dispose()


def _forget() -> None:
    """A process remembers what it read by record and revision, which in another copy go on in another way."""
    profiles._profile.cache_clear()
    profiles._compiled.cache_clear()
    embeddings._MADE.clear()
