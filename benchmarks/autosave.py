"""Eight people save single answers at once, against a bare UPDATE behind the same server.

Ours is what the page does at each click: session, rights, origin, sealed value, revision, audit,
and what has changed on the page as the answer. Each person walks through all questions again and
again, so one save in ten or so is a first answer and the rest are changes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.common import Load, floor_server, load, lotse_server, median, report
from benchmarks.firms import SignedIn, instance, sign_in
from benchmarks.floor_app import prepare
from checklists import load_library

CLIENTS, SECONDS, ROUNDS = 8, 2.0, 3
QUESTIONS = tuple(part.id for part in load_library().catalog("kmu-check").parts)
NOTE = "Herr Wolf hat im Mai zwei Ordner zurückgeholt."
FORM = "application/x-www-form-urlencoded"


def ours(port: int, person: SignedIn, saves: dict[str, int]) -> Callable[[], None]:
    """Return a client that saves one answer per call and checks that it was saved.

    Args:
        port: of lotse.
        person: whose check it is.
        saves: how many each person has done; goes on over all rounds.
    """
    door = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Cookie": f"lotse={person.token}",
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": FORM,
        "X-Lotse-Fragment": "1",
    }

    def save() -> None:
        done = saves.setdefault(person.token, 0)
        question, revision = QUESTIONS[done % len(QUESTIONS)], done // len(QUESTIONS)
        body = urlencode({"value": ("yes", "no")[revision % 2], "note": NOTE, "revision": revision})
        door.request("POST", f"/checks/{person.check}/fragen/{question}", body, headers)
        answer = door.getresponse()
        text = answer.read().decode()
        if answer.status != 200 or f'id="{question}-revision" value="{revision + 1}"' not in text:
            raise RuntimeError(f"not saved: {answer.status}")
        saves[person.token] = done + 1

    return save


def floor(port: int, number: int) -> Callable[[], None]:
    """Return a client that sends the same fields to the bare program."""
    door = HTTPConnection("127.0.0.1", port, timeout=30)
    body = urlencode({"value": "yes", "note": NOTE, "revision": 0, "id": number})

    def save() -> None:
        door.request("POST", "/save", body, {"Content-Type": FORM})
        answer = door.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"not saved: {answer.status}")

    return save


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lotse-bench-") as place:
        data, database = Path(place) / "var", Path(place) / "floor.db"
        with instance(data) as kernel:
            people = [sign_in(kernel, number) for number in range(CLIENTS)]
        prepare(database)
        saves: dict[str, int] = {}
        with lotse_server(data, "--no-worker") as port, floor_server(database) as bare_port:

            def one_round(seconds: float) -> tuple[Load, Load]:
                """Connections are new in each round: an idle one is closed by the server."""
                mine = load([ours(port, person, saves) for person in people], seconds)
                return mine, load([floor(bare_port, n) for n in range(CLIENTS)], seconds)

            one_round(1.0)
            rounds = [one_round(SECONDS) for _ in range(ROUNDS)]
    n = sum(mine.n for mine, _bare in rounds)
    mine, bare = zip(*rounds, strict=True)
    rate = [median([one.per_second for one in side]) for side in (mine, bare)]
    tail = [median([one.p95_ms for one in side]) for side in (mine, bare)]
    report("autosave", rate[0], rate[1], "requests/s", n, at_least=0.5)
    report("autosave-p95", tail[0], tail[1], "ms", n, at_most=2.5)


if __name__ == "__main__":
    main()
