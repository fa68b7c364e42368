"""What the doctor says about the keys of what is sealed."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.commands.findings import Finding
from marketplace.runtime import Runtime
from marketplace.services import rotation
from marketplace.work import look

MEND = "Put the key it was sealed with into SEALED_KEYS, in any place but the first; without it nobody reads it again."


def of_keys(runtime: Runtime) -> Iterator[Finding]:
    """Whether what is sealed in the database can be opened: a value of each sort and key is tried."""
    with look(runtime) as work:
        shut = rotation.shut(work)
    known = {key.id for key in runtime.settings.sealed_keys}
    for key in sorted(shut):
        why = "does not open it, or it was changed" if key in known else "is not among SEALED_KEYS"
        yield Finding("sealed", False, f"the key {key} {why}", MEND)
    if not shut:
        yield Finding("sealed", True, "a value of each sort and key opens")
