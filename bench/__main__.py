"""All benchmarks, one after the other, each in a process of its own so that none warms another's caches."""

import subprocess
import sys

ROOMS = (
    "search",
    "engines",
    "reindex",
    "vectors",
    "crowd",
    "page",
    "matching",
    "rematch",
    "import",
    "start",
    "brokerage",
)

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(ROOMS)
    runs = [
        (room, subprocess.run([sys.executable, "-m", f"bench.bench_{room}"], check=False)) for room in wanted
    ]
    failed = [room for room, done in runs if done.returncode]
    sys.exit(f"did not run: {', '.join(failed)}" if failed else 0)
