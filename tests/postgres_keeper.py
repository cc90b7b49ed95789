"""Start a PostgreSQL in a folder, stay beside it, stop it when nobody uses it any more.

    python tests/postgres_keeper.py FOLDER

Returns when the server answers, also if another process has started it. Users hold a shared
lock on FOLDER.lock; the keeper waits in the background for the exclusive one, which it gets
when the last of them has gone. Standard library only, so that it starts quickly.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

START_S = 60
STOP_S = 20
LEAN = ("full_page_writes=off", "synchronous_commit=off", "max_connections=100")
"""A database that nobody needs after a crash needs no care for one."""


def main(folder: Path) -> int:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[4]))
    if not found:
        return complain("no PostgreSQL here; python3 tools/setup.py test installs it")
    clear_away_what_killed_keepers_left(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return 0 if answers(folder) else complain("the PostgreSQL of this run did not start")
    log = folder.with_suffix(".log")
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        return 0 if os.read(ready, 1) else complain(f"PostgreSQL did not start, see {log}")
    os.close(ready)
    os.setsid()  # Ctrl-C at the tests must not end the keeper before it has tidied up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with log.open("wb") as lines:
        for descriptor in (0, 1, 2):
            os.dup2(lines.fileno(), descriptor)
    keep(folder, found[-1], tell)
    return 0


def keep(folder: Path, programs: Path, tell: int) -> None:
    server: subprocess.Popen[bytes] | None = None
    try:
        account = server_account()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = start(folder, programs, account)
        if not answers(folder):
            return
        folder.with_suffix(".log").unlink()
        os.write(tell, b"1")
        with folder.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # from here on nobody uses it
            stop(server)
            shutil.rmtree(folder)
            folder.with_suffix(".lock").unlink()
    finally:
        stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def server_account() -> pwd.struct_passwd | None:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def start(
    folder: Path, programs: Path, account: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    as_whom: dict[str, Any] = {}
    if account:
        as_whom = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = ["-D", f"{folder}/data"]
    kind = ["-U", "lotse", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [f"{programs}/initdb", *data, *kind],
        check=True,
        cwd=folder,
        env=environment,
        timeout=START_S,
        **as_whom,
    )
    lean = [word for setting in LEAN for word in ("-c", setting)]
    return subprocess.Popen(
        [f"{programs}/postgres", *data, "-k", str(folder), "-h", "", "-F", *lean],
        cwd=folder,
        env=environment,
        **as_whom,
    )


def answers(folder: Path) -> bool:
    """Wait until the server's socket is there and takes connections."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and folder.exists():
        with socket.socket(socket.AF_UNIX) as door, contextlib.suppress(OSError, IndexError):
            door.connect(str(folder / ".s.PGSQL.5432"))
            facts = (folder / "data/postmaster.pid").read_text().splitlines()
            if facts[7].strip() == "ready":
                return True
        time.sleep(0.05)
    return False


def stop(server: subprocess.Popen[bytes] | None) -> None:
    if server is None or server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)  # the server's "fast" way: whoever is connected is cut off
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def clear_away_what_killed_keepers_left(place: Path) -> None:
    """Remove servers whose lock nobody holds: neither users nor a keeper are left."""
    for path in place.glob("lotse-postgres-*.lock"):
        with contextlib.suppress(OSError), path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = path.with_suffix("")
            with contextlib.suppress(OSError, ValueError):
                pid = int((folder / "data/postmaster.pid").read_text().split("\n", 1)[0])
                if str(folder) in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, signal.SIGQUIT)
            shutil.rmtree(folder, ignore_errors=True)
            path.with_suffix(".log").unlink(missing_ok=True)
            path.unlink()


def complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
