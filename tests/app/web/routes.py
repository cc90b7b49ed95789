"""Every route of the service with an address that fits it."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
VALUES: dict[str, object] = {
    "assessment_id": UUID(int=1),
    "report_id": UUID(int=2),
    "question_id": "bak-restore-test",
    "area_id": "bak",
    "token": "x" * 43,
    "code": "not-found",
    "name": "lotse.css",
}


def address(flask: Flask, rule: Rule, **known: object) -> str:
    """An address of the rule; ids are unknown ones unless they are given."""
    values = {name: {**VALUES, **known}[name] for name in rule.arguments}
    return flask.url_map.bind("").build(rule.endpoint, values)


def safe_routes(flask: Flask) -> list[Rule]:
    return [rule for rule in flask.url_map.iter_rules() if "GET" in (rule.methods or ())]


def unsafe_routes(flask: Flask) -> list[tuple[str, Rule]]:
    return [
        (method, rule)
        for rule in flask.url_map.iter_rules()
        for method in UNSAFE
        if method in (rule.methods or ())
    ]
