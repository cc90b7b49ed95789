"""Whatever is looked at, by whomever and how often: the database stays as it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.security.dump import Rows, dump, without
from tests.security.routes import ROLES, ROUTES, lay

SIDE_WRITES = ("sessions.seen_at", "limits")
"""All that a look may leave behind: the session was used, somebody was counted."""


def files_beside_the_database(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("lotse.db")
    }


def changed(before: Rows, after: Rows) -> list[str]:
    return [name for name in after if after[name] != before.get(name)]


def test_looking_twice_in_every_role_changes_nothing(kernel, flask, clock):
    ground = lay(kernel, flask)
    ground.dismiss()
    database, data = kernel.settings.database, kernel.settings.data
    looks = [(route, role) for route in ROUTES if route.form is None for role in ROLES]
    links = {  # minted beforehand: making one is an act
        (route, role): ground.made_for(route) for route, role in looks if "{link}" in route.path
    }
    began = dump(database)
    files = files_beside_the_database(data)
    found = {}
    for minutes in (0, 6):  # the second time long enough after for the session to be noted
        clock.now += timedelta(minutes=minutes)
        for route, role in looks:
            before = without(dump(database), *SIDE_WRITES)
            for method in ("GET", "HEAD", "OPTIONS", "GET", "HEAD"):
                ground.send(route, method, role, links.get((route, role)))
            tables = changed(before, without(dump(database), *SIDE_WRITES))
            if tables:
                found[route.endpoint, role] = tables
    assert found == {}
    assert changed(began, dump(database)) == ["sessions"]
    assert files_beside_the_database(data) == files
