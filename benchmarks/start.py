"""From the start of `lotse serve` to the first page, against importing what any such program needs.

The first start makes folder, keys and database; the second finds them. Worker and all web
processes start with it, as they do for people.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.common import ROOT, first_answer, free_port, in_turn, median, report, start, stop

ROUNDS = 7


def importing() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], check=True, cwd=ROOT)
    return time.perf_counter() - begin


def starting(data: Callable[[], Path]) -> float:
    """Return the seconds to the first answered page; stopping is not counted."""
    port, folder = free_port(), data()
    command = [sys.executable, "-m", "app.main", "serve", "--port", str(port)]
    begin = time.perf_counter()
    process = start(command, {"LOTSE_DATA": str(folder)})
    try:
        first_answer(port, process)
        return time.perf_counter() - begin
    finally:
        stop(process)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lotse-bench-") as place:
        kept = Path(place) / "kept"
        ours, bare = in_turn(lambda: starting(lambda: kept), importing, ROUNDS)
        report("start", median(ours), median(bare), "s", ROUNDS, at_most=2.5)

        def empty() -> Path:
            return Path(tempfile.mkdtemp(dir=place)) / "var"

        ours, bare = in_turn(lambda: starting(empty), importing, ROUNDS)
        report("start-on-an-empty-folder", median(ours), median(bare), "s", ROUNDS)


if __name__ == "__main__":
    main()
