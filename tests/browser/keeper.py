"""Run `lotse serve` for as long as somebody holds our standard input open.

    python tests/browser/keeper.py --port 8123

A test run that is killed leaves no service behind: its end of the pipe closes, and that is the
sign to stop. Standard library only, so that it starts quickly.
"""

from __future__ import annotations

import signal
import subprocess
import sys

STOP_S = 40
"""Longer than the service itself takes to let a job in hand finish."""


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us by the closed pipe
    command = [sys.executable, "-m", "app.main", "serve", *sys.argv[1:]]
    service = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    sys.stdin.read()
    service.terminate()
    try:
        return service.wait(STOP_S)
    except subprocess.TimeoutExpired:
        service.kill()
        return 1


if __name__ == "__main__":
    sys.exit(main())
