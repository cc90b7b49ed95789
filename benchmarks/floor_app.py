"""The floor of the web benchmarks: bare Flask, and no more than the job needs.

`POST /save` is one UPDATE in one transaction, as durable as ours (WAL, `synchronous=FULL`, a
connection per thread). `GET /page?rows=8` renders one template with so many small forms and
reads nothing; a benchmark picks the number whose page is as long as ours. No session, no
rights, no sealing, no revision: what lotse does besides is what the ratio shows.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask, render_template, request
from jinja2 import DictLoader

ROWS = 1_000
PAGE_NAME = "page.html"
PAGE = """<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><title>{{ title }}</title></head>
<body>
<main>
<h1>{{ title }}</h1>
{% for row in rows %}
<form method="post" action="/save" id="{{ row.id }}">
<fieldset>
<legend>{{ row.text }}</legend>
<p>{{ row.help }}</p>
{% for value in row.choices %}
<label><input type="radio" name="value" value="{{ value }}"> {{ value }}</label>
{% endfor %}
<label>Anmerkung <textarea name="note" maxlength="4000">{{ row.note }}</textarea></label>
<input type="hidden" name="revision" value="{{ row.revision }}">
<button>Speichern</button>
</fieldset>
</form>
{% endfor %}
</main>
</body>
</html>
"""


def prepare(database: Path) -> None:
    """Make the table that `POST /save` writes to."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE answers (id INTEGER PRIMARY KEY, value TEXT NOT NULL, note TEXT NOT NULL)"
        )
        connection.executemany(
            "INSERT INTO answers VALUES (?, 'unknown', '')", [(row,) for row in range(ROWS)]
        )
    connection.close()


def create_app() -> Flask:
    flask = Flask(__name__)
    flask.jinja_loader = DictLoader({PAGE_NAME: PAGE})  # compiled once, as files are
    database = os.environ.get("FLOOR_DATABASE", "")
    of_this_thread = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(of_this_thread, "connection"):
            opened = sqlite3.connect(database, isolation_level=None)
            opened.execute("PRAGMA busy_timeout=5000")
            opened.execute("PRAGMA synchronous=FULL")
            of_this_thread.connection = opened
        kept: sqlite3.Connection = of_this_thread.connection
        return kept

    flask.extensions["floor"] = connection

    @flask.get("/")
    def start() -> str:
        return "ready"

    @flask.get("/page")
    def page() -> str:
        rows = [
            {
                "id": f"question-{number}",
                "text": "Läuft jeden Arbeitstag eine Sicherung, ohne dass jemand daran denkt?",
                "help": "Öffnen Sie das Programm für die Sicherung und sehen Sie nach dem Tag.",
                "choices": ("ja", "zum Teil", "nein", "weiß nicht"),
                "note": "läuft <nachts>",
                "revision": number,
            }
            for number in range(request.args.get("rows", 8, type=int))
        ]
        return render_template(PAGE_NAME, title="Datensicherung", rows=rows)

    @flask.post("/save")
    def save() -> tuple[str, int]:
        form = request.form
        writes = connection()
        writes.execute("BEGIN IMMEDIATE")
        changed = writes.execute(
            "UPDATE answers SET value = ?, note = ? WHERE id = ?",
            (form["value"], form["note"], form.get("id", type=int)),
        ).rowcount
        writes.execute("COMMIT")
        return ("saved", 200) if changed else ("no such row", 404)

    return flask
