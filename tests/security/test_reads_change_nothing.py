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
    looked_at = [route for route in ROUTES if route.form is None]
    # Minted beforehand, for that is an act.
    links = {route: ground.made_for(route) for route in looked_at if "{link}" in route.path}
    began, files = dump(database), files_beside_the_database(data)
    found = {}
    before = without(began, *SIDE_WRITES)
    for minutes in (0, 6):  # the second time so much later that the use of a session is noted
        clock.now += timedelta(minutes=minutes)
        for route in looked_at:
            for method in ("GET", "HEAD", "GET", "HEAD", "OPTIONS"):
                for role in ROLES:
                    ground.send(route, method, role, links.get(route))
            after = without(dump(database), *SIDE_WRITES)
            if after != before:
                found[route.endpoint] = changed(before, after)
            before = after
    assert found == {}
    assert changed(began, dump(database)) == ["sessions"]
    assert files_beside_the_database(data) == files
