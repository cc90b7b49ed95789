from __future__ import annotations

import json
from itertools import count

import pytest

from benchmarks import common, floor_app


def test_a_figure_is_one_line_of_json_and_its_target_is_judged_beside_it(capsys):
    common.report("score", 30.0, 2.0, "ms", 41, at_most=10)
    common.report("autosave", 600.0, 1000.0, "requests/s", 2000, at_least=0.5)
    printed = capsys.readouterr()
    first, second = map(json.loads, printed.out.splitlines())
    assert list(first) == ["bench", "ours", "floor", "ratio", "unit", "n", "where"]
    assert (first["ratio"], second["ratio"]) == (15.0, 0.6)
    assert printed.err.splitlines() == [
        "score: 15.0 x floor, at most 10: MISSED",
        "autosave: 0.6 x floor, at least 0.5: held",
    ]


def test_a_figure_without_floor_has_no_ratio(capsys):
    common.report("memory", 140.0, None, "MB", 1)
    assert json.loads(capsys.readouterr().out)["ratio"] is None


def test_both_take_turns_after_one_unmeasured_call_each():
    calls: list[str] = []
    numbers = count()

    def measure(name: str) -> float:
        calls.append(name)
        return float(next(numbers))

    ours, bare = common.in_turn(lambda: measure("ours"), lambda: measure("floor"), 2)
    assert calls == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert (ours, bare) == ([3.0, 4.0], [2.0, 5.0])


def test_a_wrong_answer_is_no_figure():
    def wrong() -> None:
        raise ValueError("409")

    with pytest.raises(ExceptionGroup, match="clients failed"):
        common.load([wrong], 0.1)


def test_the_floor_saves_what_it_says_and_renders_with_escaping(tmp_path, monkeypatch):
    database = tmp_path / "floor.db"
    floor_app.prepare(database)
    monkeypatch.setenv("FLOOR_DATABASE", str(database))
    flask = floor_app.create_app()
    browser = flask.test_client()
    saved = {"id": "3", "value": "yes", "note": "im Büro"}
    assert browser.post("/save", data=saved).status_code == 200
    assert browser.post("/save", data={**saved, "id": "-1"}).status_code == 404
    with flask.app_context():
        connection = flask.extensions["floor"]()
    assert connection.execute("SELECT value, note FROM answers WHERE id = 3").fetchone() == (
        "yes",
        "im Büro",
    )
    settings = [
        connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("journal_mode", "synchronous")
    ]
    assert settings == ["wal", 2]  # 2 is FULL, as ours
    connection.close()
    page = browser.get("/page?rows=3").get_data(as_text=True)
    assert page.count("<form") == 3
    assert "&lt;nachts&gt;" in page
