"""Where tests keep their files: in memory, where there is room.

Whoever commits waits until the disk has it, thousands of times in one run: a commit of the index was seen to take 130 ms
on a busy disk, and 13 ms in memory. That a disk keeps what it has confirmed is not what these tests are about.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 1 << 29
"""Bytes, twenty times what two workers were seen to have there at once. Containers often give 64 MB, which is too little."""


def folder() -> str | None:
    """The place for `tempfile.tempdir`; nothing where the system's own is to be used, or `TMPDIR` names one."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return str(MEMORY)
