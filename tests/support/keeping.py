"""A process that holds a lease until it is killed: `python -m tests.support.keeping DATABASE_URL DATA_DIR LEASE NOW`."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path

from marketplace.db import open_database, sessions
from marketplace.leases import Claim


def main(database_url: str, data_dir: str, lease: str, now: str) -> None:
    claim = Claim(lease, Path(data_dir))
    with sessions(open_database(database_url)).begin() as session:
        held = claim.hold(session, datetime.fromisoformat(now))
    print("held" if held else "refused", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
