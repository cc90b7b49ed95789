"""A second scorer, written from the rules in words alone and never from the product's code.

It takes the catalog as `lotse checklists show ID --json` prints it and gives the result as
`lotse score --json` does. Plain on purpose: whoever doubts a number can follow it here.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

STATES = ("met", "partly", "not_met", "unknown", "open", "not_applicable")
STATE_RULE = {
    "not_applicable": "S1",
    "open": "S2",
    "met": "S3",
    "not_met": "S4",
    "unknown": "S5",
    "partly": "S6",
}
POINTS_RULE = {
    "met": "P1",
    "partly": "P2",
    "not_met": "P2",
    "unknown": "P3",
    "not_applicable": "P4",
    "open": "P5",
}
#            state: (normal, TOP); no points for what is not in this table
POINTS = {"met": (1, 3), "partly": (0, -3), "not_met": (0, -3), "unknown": (0, -3)}
GAPS = ("partly", "not_met", "unknown")

GAP = {"no": 2, "unknown": 2, "partly": 1}
EFFORT = {"today": 1, "week": 2, "month": 3}
KEEP = ("m-keep-restore", "m-keep-training", "m-keep-accounts")


def second_score(show: Json, answers: Json) -> Json:
    given = {
        name: answer if isinstance(answer, str) else answer["value"]
        for name, answer in answers["answers"].items()
    }
    rows = [_row(requirement, given) for requirement in show["requirements"]]
    ranking = _ranking(show, rows)
    by_points = show["scheme"] == "points"
    return {
        "schema": 1,
        "catalog": show["id"],
        "edition": show["edition"],
        "scheme": show["scheme"],
        "rules": show["rules"],
        "complete": not _any(rows, "open"),
        "statement": _statement(rows, top_counts=by_points),
        **(_sums(rows) if by_points else _no_sums()),
        "counts": {state: sum(row["state"] == state for row in rows) for state in STATES},
        "top_open": [row["id"] for row in rows if row["top"] and row["state"] in GAPS],
        "areas": [_area(area["id"], rows) for area in show["areas"]] if by_points else [],
        "requirements": [
            {
                "id": row["id"],
                "area": row["area"],
                "top": row["top"],
                "state": row["state"],
                "points": row["points"] if by_points else None,
                "points_max": row["points_max"] if by_points else None,
                "parts": row["parts"],
            }
            for row in rows
        ],
        "next": ranking if by_points else _three_steps(show, ranking),
        "explain": [
            {
                "id": row["id"],
                "rule": (POINTS_RULE if by_points else STATE_RULE)[row["state"]],
                "because": row["because"],
                "points": row["points"] if by_points else None,
            }
            for row in rows
        ],
    }


# Section 4.1: what applies, and which state follows


def _row(requirement: Json, given: dict[str, str]) -> Json:
    """One line of the table: the requirement with all that follows from its answers."""
    a: dict[str, str | None] = {}  # A of section 4.1: part -> answer
    shown: dict[str, str | None] = {}  # A and the parts that are `na`
    out: list[str] = []  # why parts are not in A
    waits = False  # is a gate in front of a part in A unanswered?
    for part in requirement["parts"]:
        gates = [gate for gate in (requirement["gate"], part["gate"]) if gate is not None]
        closed = [f"{gate}=no" for gate in gates if given.get(gate) == "no"]
        answer = given.get(part["id"])
        if closed:
            out += [reason for reason in closed if reason not in out]
            continue
        shown[part["id"]] = answer
        if answer == "not_applicable":
            out.append(f"{part['id']}=not_applicable")
            continue
        a[part["id"]] = answer
        waits = waits or any(gate not in given for gate in gates)

    state = _state(list(a.values()), waits=waits)
    top = requirement["top"]
    in_table = POINTS.get(state)
    if state == "not_applicable":
        because = out
    else:
        because = [
            f"{name}={answer or 'null'}"
            for name, answer in a.items()
            if answer != "yes" or state == "met"
        ]
    return {
        "id": requirement["id"],
        "area": requirement["area"],
        "top": top,
        "state": state,
        "points": in_table[top] if in_table else None,
        "points_max": 0 if state == "not_applicable" else POINTS["met"][top],
        "parts": shown,
        "a": a,
        "because": because,
    }


def _state(a: list[str | None], *, waits: bool) -> str:
    if not a:
        return "not_applicable"  # S1
    if None in a or waits:
        return "open"  # S2
    if all(answer == "yes" for answer in a):
        return "met"  # S3
    if "yes" not in a and "partly" not in a and "no" in a:
        return "not_met"  # S4
    if all(answer == "unknown" for answer in a if answer != "yes"):
        return "unknown"  # S5
    return "partly"  # S6


def _any(rows: list[Json], *states: str) -> bool:
    return any(row["state"] in states for row in rows)


def _statement(rows: list[Json], *, top_counts: bool) -> str:
    if _any(rows, "open"):
        return "incomplete"
    if top_counts and _any([row for row in rows if row["top"]], *GAPS):
        return "top_gaps"
    if _any(rows, *GAPS):
        return "gaps"
    return "all_met"


# Section 4.2: points


def _sums(rows: list[Json]) -> Json:
    is_open = _any(rows, "open")
    total = sum(row["points"] or 0 for row in rows)
    low = high = clarified = total
    for row in rows:
        if row["state"] == "open":
            answered = [answer for answer in row["a"].values() if answer is not None]
            may_be_met = all(answer == "yes" for answer in answered)
            low += POINTS["partly"][row["top"]]
            high += POINTS["met" if may_be_met else "partly"][row["top"]]
        if row["state"] == "unknown":
            clarified += POINTS["met"][row["top"]] - POINTS["unknown"][row["top"]]
    applicable_top = [row for row in rows if row["top"] and row["state"] != "not_applicable"]
    return {
        "points": None if is_open else total,
        "points_max": sum(row["points_max"] for row in rows),
        "points_min": -3 * len(applicable_top),
        "range": [low, high],
        "if_clarified": None if is_open else clarified,
    }


def _no_sums() -> Json:
    return dict.fromkeys(("points", "points_max", "points_min", "range", "if_clarified"))


def _area(area: str, rows: list[Json]) -> Json:
    own = [row for row in rows if row["area"] == area]
    maximum = sum(row["points_max"] for row in own)
    if _any(own, "open"):
        return {"id": area, "points": None, "points_max": maximum, "percent": None}
    points = sum(row["points"] or 0 for row in own)
    percent = _rule_r(max(0, points), maximum) if maximum else None
    return {"id": area, "points": points, "points_max": maximum, "percent": percent}


def _rule_r(a: int, b: int) -> int:
    percent = (200 * a + b) // (2 * b)
    if percent == 100 and a != b:
        return 99
    if percent == 0 and a != 0:
        return 1
    return percent


# Section 5: what to do first


def _ranking(show: Json, rows: list[Json]) -> list[Json]:
    measures = {measure["id"]: measure for measure in show["measures"]}
    steps: dict[str, Json] = {}
    named: list[str] = []  # catalog order: by the first part that names the measure
    for requirement, row in zip(show["requirements"], rows, strict=True):
        for part in requirement["parts"]:
            if part["measure"] not in named:
                named.append(part["measure"])
            answer = row["a"].get(part["id"])
            if answer in GAP:
                step = steps.setdefault(part["measure"], {"parts": [], "answers": [], "top": False})
                step["parts"].append(part["id"])
                step["answers"].append(answer)
                step["top"] = step["top"] or row["top"]

    for name, step in steps.items():
        measure = measures[name]
        step["ask"] = set(step["answers"]) == {"unknown"}
        step["effort"] = 1 if step["ask"] else EFFORT[measure["effort"]]
        gap = max(GAP[answer] for answer in step["answers"])
        # In sixths: effect times gap over 1, 2 or 3 is then always whole.
        value = 6 * measure["effect"] * gap // step["effort"]
        step["own"] = step["place"] = (0 if step["top"] else 1, -value)
        step["needs"] = [need for need in measure["needs"] if need in steps]

    _inherit(steps)
    waiting = sorted(
        steps, key=lambda name: (steps[name]["place"], steps[name]["effort"], named.index(name))
    )
    order: list[str] = []
    while waiting:
        first = next(name for name in waiting if not set(steps[name]["needs"]) & set(waiting))
        waiting.remove(first)
        order.append(first)
    return [
        {
            "measure": name,
            "parts": steps[name]["parts"],
            "when": "today" if steps[name]["ask"] else measures[name]["effort"],
            "because": _codes(steps[name], measures[name]),
        }
        for name in order
    ]


def _inherit(steps: dict[str, Json]) -> None:
    """What is needed takes the better place of what needs it, along whole chains."""
    changed = True
    while changed:
        changed = False
        for step in steps.values():
            for need in step["needs"]:
                if step["place"] < steps[need]["place"]:
                    steps[need]["place"] = step["place"]
                    changed = True


def _codes(step: Json, measure: Json) -> list[str]:
    # Their order is part of the format.
    table = (
        ("TOP", step["top"]),
        ("ASK_FIRST", step["ask"]),
        ("EFFECT_HIGH", measure["effect"] == 3 and not step["ask"]),
        ("QUICK", measure["effort"] == "today" and not step["ask"]),
        ("PARTLY_DONE", set(step["answers"]) == {"partly"}),
        ("NEEDED_FOR", step["place"] != step["own"]),
    )
    return [code for code, holds in table if holds]


# Section 4.6: three steps, no number


def _three_steps(show: Json, ranking: list[Json]) -> list[Json]:
    measures = {measure["id"]: measure for measure in show["measures"]}
    new_topic: list[Json] = []
    same_topic: list[Json] = []
    topics: set[str] = set()
    for step in ranking:
        topic = measures[step["measure"]]["topic"]
        (same_topic if topic in topics else new_topic).append(step)
        topics.add(topic)
    keep = [
        {"measure": name, "parts": [], "when": measures[name]["effort"], "because": ["KEEP"]}
        for name in KEEP
    ]
    return (new_topic + same_topic + keep)[:3]
