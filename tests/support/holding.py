"""A process that takes a job and never ends it: `python -m tests.support.holding DATABASE_URL QUEUE_URL NOW`.

It says the id of the job it holds, on one line, and then waits to be killed.
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime

from marketplace.db import open_database, sessions
from marketplace.runtime import back_end


def main(database_url: str, queue_url: str, now: str) -> None:
    def hold(job_id: str) -> None:
        print(job_id, flush=True)
        threading.Event().wait()

    moment = datetime.fromisoformat(now)
    queue = back_end(queue_url)(queue_url, sessions(open_database(database_url)), lambda: moment)
    queue.work_off(hold)


if __name__ == "__main__":
    main(*sys.argv[1:])
