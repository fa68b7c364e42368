"""One exchange as a process: what `giao run` serves, behind another address, and told by its input what people do.

Each command is a line of JSON; its answer is a line of JSON, printed after the commit. A write without an answer may
have happened or not, as for everybody whose connection breaks.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from marketplace import sync_key
from marketplace.app import create_app
from marketplace.commands.opening import opened
from marketplace.commands.setting_up import migrated
from marketplace.errors import Unavailable
from marketplace.followers import Following
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.services import feed
from marketplace.services.statistics import MATCHMAKING
from marketplace.settings import Settings, write_missing_secrets
from marketplace.work import begin
from marketplace.working import Working
from scripts.chaos import looking, operators, people
from scripts.chaos.people import Said

BEYOND = 2_000_000_000
"""A place no feed reaches."""


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    write_missing_secrets(Settings.data_folder())
    with opened() as runtime:
        migrated(runtime)
        sync_key.ensure(runtime.settings.key_file)
        host = urlsplit(runtime.settings.base_url).hostname or "127.0.0.1"
        server = Server(create_app(runtime), host=host, port=int(os.environ["LISTEN"]))
        stop, working = threading.Event(), _background(runtime)
        threading.Thread(target=obey, args=(runtime, stop), daemon=True).start()
        working.start()
        print(json.dumps({"ready": True}), flush=True)
        server.serve(stop)
        working.stop()


def _background(runtime: Runtime) -> Working | Following:
    """All of it; with RESTING neither matching nor periodic jobs: for measurements of what comes before them."""
    if not os.environ.get("RESTING"):
        return Working(runtime)
    with begin(runtime) as work:
        feed.place(work, MATCHMAKING, BEYOND)
    return Following(runtime)


def obey(runtime: Runtime, stop: threading.Event) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = COMMANDS[asked["do"]](runtime, asked)
        except Unavailable as error:
            said = {"failed": str(error)}
        except Exception as error:
            logging.exception("a command failed")
            said = {"broken": f"{type(error).__name__}: {error}"}
        print(json.dumps({**said, "n": asked["n"]}), flush=True)
    stop.set()


COMMANDS: Mapping[str, Callable[[Runtime, Said], dict[str, Any]]] = {
    "write": people.write, "revise": people.revise, "withdraw": people.withdraw, "load": people.load,
    "invite": operators.invite, "enter": operators.enter, "approve": operators.approve, "push": operators.push,
    "forgive": operators.forgive,
    "state": looking.state, "records": looking.records, "digest": looking.digest, "find": looking.find,
    "browse": looking.browse, "listed": looking.listed, "arrived": looking.arrived,
}  # fmt: skip

if __name__ == "__main__":
    main()
