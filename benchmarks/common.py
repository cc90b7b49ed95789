"""What all benchmarks share: taking turns, one line per figure, servers, a load.

A figure stands beside its floor: the least that any program must do for that job. Both are
measured in turn in the same call, so what else the machine does hits them alike. Only their
ratio counts; the numbers themselves belong to one machine on one day.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S = 60
STOP_S = 40
PROCESSES, THREADS = 2, 8
"""Of the floor's server; the same as `lotse serve` has."""


def report(
    bench: str,
    ours: float,
    floor: float | None,
    unit: str,
    n: int,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> None:
    """Print one figure as one line of JSON on standard output.

    Args:
        bench: name of the figure, such as "autosave".
        ours: what lotse needs or manages, in `unit`.
        floor: the same of the bare program; None where nothing is comparable.
        unit: "ms", "s", "requests/s", "MB".
        n: how many measurements stand behind each of the two.
        at_most: the target for ours / floor; whether it is held is said on standard error.
        at_least: the same, where more is better.
    """
    ratio = round(ours / floor, 3) if floor else None
    figure = {
        "bench": bench,
        "ours": round(ours, 4),
        "floor": None if floor is None else round(floor, 4),
        "ratio": ratio,
        "unit": unit,
        "n": n,
        "where": where(),
    }
    print(json.dumps(figure), flush=True)
    if ratio is not None and at_most is not None:
        held = "held" if ratio <= at_most else "MISSED"
        print(f"{bench}: {ratio} x floor, at most {at_most}: {held}", file=sys.stderr)
    if ratio is not None and at_least is not None:
        held = "held" if ratio >= at_least else "MISSED"
        print(f"{bench}: {ratio} x floor, at least {at_least}: {held}", file=sys.stderr)


def where() -> str:
    """Name the machine and how busy it is at this moment."""
    load, _, _ = os.getloadavg()
    version = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {version}, load {load:.1f}"


def in_turn(
    ours: Callable[[], float], floor: Callable[[], float], n: int
) -> tuple[list[float], list[float]]:
    """Measure both `n` times, one after the other, the first to start changing each time.

    Both are called once before, unmeasured: nobody pays for cold caches.
    """
    mine: list[float] = []
    bare: list[float] = []
    ours()
    floor()
    for turn in range(n):
        order = [(ours, mine), (floor, bare)]
        for measure, into in order if turn % 2 else reversed(order):
            into.append(measure())
    return mine, bare


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def timed(act: Callable[[], object]) -> Callable[[], float]:
    """Return a measurement of `act`: the milliseconds of one call."""

    def measure() -> float:
        begin = time.perf_counter()
        act()
        return (time.perf_counter() - begin) * 1000

    return measure


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of clients got through.

    Attributes:
        per_second: answers per second, all clients together.
        p50_ms: half of the answers came within this time.
        p95_ms: nineteen of twenty came within this time.
        n: answers.
    """

    per_second: float
    p50_ms: float
    p95_ms: float
    n: int


def load(clients: Sequence[Callable[[], None]], seconds: float) -> Load:
    """Let every client send one request after the other for so many seconds.

    Args:
        clients: each is called again and again by one thread of its own; it sends one request,
            checks the answer and raises if it is wrong.
        seconds: then no new request begins.

    Raises:
        ExceptionGroup: what the clients raised; a wrong answer is no figure.
    """
    times: list[list[float]] = [[] for _ in clients]
    problems: list[Exception] = []
    begin = time.perf_counter()

    def work(send: Callable[[], None], into: list[float]) -> None:
        try:
            while (now := time.perf_counter()) < begin + seconds:
                send()
                into.append(time.perf_counter() - now)
        except Exception as problem:  # noqa: BLE001 - told below, outside the thread
            problems.append(problem)

    threads = [
        threading.Thread(target=work, args=pair) for pair in zip(clients, times, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise ExceptionGroup("clients failed", problems)
    took = time.perf_counter() - begin
    every = sorted(second for client in times for second in client)
    cuts = statistics.quantiles(every, n=20)
    return Load(len(every) / took, cuts[9] * 1000, cuts[18] * 1000, len(every))


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@contextmanager
def lotse_server(data: Path, *arguments: str) -> Iterator[int]:
    """Run `lotse serve` on this data folder and yield its port once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "app.main", "serve", "--port", str(port), *arguments]
    with _running(command, port, {"LOTSE_DATA": str(data), "LOTSE_RATE_LIMITS": "off"}):
        yield port


@contextmanager
def floor_server(database: Path) -> Iterator[int]:
    """Run the floor's application under the server that lotse uses, and yield its port."""
    port = free_port()
    size = ["--workers", str(PROCESSES), "--threads", str(THREADS)]
    server = ["-m", "gunicorn", "--worker-class", "gthread", "--preload", *size]
    quiet = ["--log-level", "warning", "--no-control-socket"]
    command = [sys.executable, *server, *quiet, "--bind", f"127.0.0.1:{port}"]
    application = "benchmarks.floor_app:create_app()"
    with _running([*command, application], port, {"FLOOR_DATABASE": str(database)}):
        yield port


@contextmanager
def _running(command: list[str], port: int, settings: Mapping[str, str]) -> Iterator[None]:
    process = start(command, settings)
    try:
        first_answer(port, process)
        yield
    finally:
        stop(process)


def start(command: list[str], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**kept, **settings},
        stdout=subprocess.DEVNULL,
    )


def first_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until `GET /` is answered with 200.

    Raises:
        RuntimeError: the process ended, the answer is another one, or it takes over a minute.
    """
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        door = HTTPConnection("127.0.0.1", port, timeout=START_S)
        try:
            door.request("GET", "/")
            answer = door.getresponse()
            answer.read()
        except ConnectionRefusedError:
            time.sleep(0.005)
        else:
            if answer.status != 200:
                raise RuntimeError(f"GET / was answered with {answer.status}")
            return
        finally:
            door.close()
    raise RuntimeError("the server did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
