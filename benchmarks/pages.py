"""What people look at, against one bare template page of the same length.

Start page, area page of a half-filled check, result. Then the same with 10 and with 10,000 firms in
the database: the figure beside it is how much slower the large one is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert

from app.kernel.db import core
from app.kernel.scope import everything
from app.kernel.work import Kernel
from app.organisations.tables import OrganisationRow
from benchmarks.common import floor_server, in_turn, lotse_server, median, report, timed
from benchmarks.firms import SignedIn, instance, sign_in
from benchmarks.floor_app import prepare

ROUNDS, REQUESTS = 9, 20
HALF = 27
"""Answered questions of the half-filled check."""
MANY = 10_000


def getting(port: int, path: str, token: str = "") -> Callable[[], int]:
    """Return a client that gets a page and returns its length in bytes."""
    door = HTTPConnection("127.0.0.1", port, timeout=60)

    def get() -> int:
        door.request("GET", path, headers={"Cookie": f"lotse={token}"} if token else {})
        answer = door.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path} was answered with {answer.status}")
        return len(text)

    return get


def rows_for(length: int, bare_port: int) -> int:
    """Return how many rows make the bare page as long as ours."""
    one, two = (getting(bare_port, f"/page?rows={rows}")() for rows in (1, 2))
    return max(1, round((length - one) / (two - one)) + 1)


def several(get: Callable[[], int]) -> Callable[[], float]:
    """Measure some requests on one connection: milliseconds for all of them."""

    def act() -> None:
        for _ in range(REQUESTS):
            get()

    return timed(act)


def paths(person: SignedIn) -> dict[str, tuple[str, str]]:
    check = f"/checks/{person.check}"
    return {
        "start": ("/", ""),
        "area": (f"{check}/bereiche/bak", person.token),
        "result": (f"{check}/ergebnis", person.token),
    }


def add_firms(kernel: Kernel, number: int) -> None:
    """Fill the table of firms, each with a check; what they hold is not looked at."""
    rows = [
        {
            "id": uuid4(),
            "name": f"Firma {n}",
            "kind": "firm",
            "size": "10-49",
            "branch": "manufacturing",
            "district": "zwickau",
            "created_at": kernel.clock(),
        }
        for n in range(number)
    ]
    from app.assessments.tables import AssessmentRow  # noqa: PLC0415  (one use)

    checks = [
        {
            "organisation_id": row["id"],
            "id": uuid4(),
            "catalog": "kmu-check",
            "edition": "2026.1",
            "started_at": kernel.clock(),
        }
        for row in rows
    ]
    with kernel.write(everything("a benchmark fills the database")) as work:
        work.session.execute(insert(core(OrganisationRow)), rows)
        work.session.execute(insert(core(AssessmentRow)), checks)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lotse-bench-") as place:
        few, many, database = (Path(place) / name for name in ("few", "many", "floor.db"))
        people = {}
        for data, firms in ((few, 10), (many, MANY)):
            with instance(data) as kernel:
                people[data] = sign_in(kernel, 0, HALF)
                add_firms(kernel, firms)
        prepare(database)
        with (
            lotse_server(few, "--no-worker") as port,
            lotse_server(many, "--no-worker") as many_port,
            floor_server(database) as bare_port,
        ):
            for name, (path, token) in paths(people[few]).items():
                rows = rows_for(getting(port, path, token)(), bare_port)
                # A pair of connections per figure: an idle one is closed by the server.
                ours, bare = in_turn(
                    several(getting(port, path, token)),
                    several(getting(bare_port, f"/page?rows={rows}")),
                    ROUNDS,
                )
                n = ROUNDS * REQUESTS
                rate = [REQUESTS * 1000 / median(side) for side in (ours, bare)]
                report(f"page-{name}", rate[0], rate[1], "requests/s", n, at_least=0.4)
                far, (there, key) = many_port, paths(people[many])[name]
                large, small = in_turn(
                    several(getting(far, there, key)), several(getting(port, path, token)), ROUNDS
                )
                report(
                    f"page-{name}-with-10000-firms",
                    median(large) / REQUESTS,
                    median(small) / REQUESTS,
                    "ms",
                    n,
                    at_most=1.2,
                )


if __name__ == "__main__":
    main()
