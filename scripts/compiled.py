"""Load what commands load, so that it is compiled: `python -m scripts.compiled`, where nothing else would keep it."""

from __future__ import annotations

from marketplace.commands import COMMANDS
from marketplace.deferred import loaded
from marketplace.runtime import back_end
from marketplace.settings import DEFAULTS


def main() -> None:
    for place in COMMANDS.values():
        loaded(f"marketplace.commands.{place}")
    for name in ("SEARCH_URL", "QUEUE_URL", "MAIL_URL", "SCANNER_URL"):
        back_end(DEFAULTS[name])
    loaded("marketplace.migrating:run")


if __name__ == "__main__":
    main()
