"""`make chaos [SEED=…] [SECONDS=…]`: what becomes of acknowledged writes when everything fails.

With `--load NODE=FILE` the local exchanges are those named, and each begins with the listings of its file. A run that
falls short is kept: its seed in `scripts/chaos/failing_seeds.csv`, its data and logs below `var/chaos`.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.chaos.run import Wish, run
from scripts.chaos.trials import Trial, keep, kept
from scripts.chaos.world import Silent

REMAINS = Path("var/chaos")


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument(
        "--locals", type=int, default=2, help="how many local exchanges, when no file is loaded"
    )
    asked.add_argument(
        "--load", action="append", default=[], metavar="NODE=FILE", help="may be given several times"
    )
    asked.add_argument("--most", type=int, default=0, help="read so many lines of each file; by default all")
    asked.add_argument("--kept", action="store_true", help="play the runs again that fell short once")
    given = asked.parse_args()
    trials = kept() if given.kept else (Trial(given.seed, given.seconds, len(given.load) or given.locals),)
    files = dict(one.split("=", 1) for one in given.load)
    return 0 if all([_played(trial, files, given.most) for trial in trials]) else 1  # noqa: C419 - each is played


def _played(trial: Trial, files: Mapping[str, str], most: int) -> bool:
    folder = Path(tempfile.mkdtemp(f"-chaos-{trial.seed}"))
    wish = Wish(trial, {name: Path(path) for name, path in files.items()}, most)
    try:
        verdict = run(folder, wish)
        well, fell_short = verdict.well, str(verdict)
    except Silent as silent:
        well, fell_short = False, f"the run could not go on: {silent}"
        print(fell_short)
    if well:
        shutil.rmtree(folder)
        return True
    remains = REMAINS / f"{trial.seed}"
    shutil.rmtree(remains, ignore_errors=True)
    shutil.copytree(folder, remains)
    shutil.rmtree(folder)
    print(f"what is left of it stands in {remains}")
    if not files:
        keep(trial, fell_short)
    return False


if __name__ == "__main__":
    sys.exit(main())
