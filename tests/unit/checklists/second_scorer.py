"""A second scorer, written from the rules alone, to be compared with the first.

It shares no code with the engine, works on plain dictionaries (a frozen catalog, answers as
values) and takes the slow and obvious way everywhere: no precomputation, fractions, and a
ranking that picks the best measure that may come next, again and again.
"""

from __future__ import annotations

from fractions import Fraction

WORST_FIRST = {"no": 2, "unknown": 2, "partly": 1}
EFFORT = {"today": 1, "week": 2, "month": 3}


def second_score(catalog, values):
    """Return the result as JSON values.

    Args:
        catalog: what `freeze` makes of an edition.
        values: question id to one of the five values; what is not in it is unanswered.
    """
    points_scheme = catalog["scheme"] == "points"
    rows = [row_of(requirement, values) for requirement in catalog["requirements"]]
    for row in rows:
        row["low"], row["high"], row["clear"], row["max"], row["min"] = possible(row)
    complete = all(row["state"] != "open" for row in rows)
    left = [row for row in rows if row["state"] in {"partly", "not_met", "unknown"}]
    top_left = [row["id"] for row in left if row["top"]]
    if not complete:
        statement = "incomplete"
    elif top_left and points_scheme:
        statement = "top_gaps"
    else:
        statement = "gaps" if left else "all_met"

    def total(key):
        return sum(row[key] for row in rows)

    ranking = ranked(catalog, rows)
    return {
        "schema": 1,
        "catalog": catalog["id"],
        "edition": catalog["edition"],
        "scheme": catalog["scheme"],
        "rules": catalog["rules"],
        "complete": complete,
        "statement": statement,
        "points": total("low") if points_scheme and complete else None,
        "points_max": total("max") if points_scheme else None,
        "points_min": total("min") if points_scheme else None,
        "range": [total("low"), total("high")] if points_scheme else None,
        "if_clarified": total("clear") if points_scheme and complete else None,
        "counts": {
            state: sum(row["state"] == state for row in rows)
            for state in ("met", "partly", "not_met", "unknown", "open", "not_applicable")
        },
        "top_open": top_left,
        "areas": [area_of(area["id"], rows) for area in catalog["areas"]] if points_scheme else [],
        "requirements": [
            {
                "id": row["id"],
                "area": row["area"],
                "top": row["top"],
                "state": row["state"],
                "points": points_of(row) if points_scheme else None,
                "points_max": row["max"] if points_scheme else None,
                "parts": row["shown"],
            }
            for row in rows
        ],
        "next": ranking if points_scheme else three(catalog, ranking),
        "explain": [
            {
                "id": row["id"],
                "rule": rule_of(row) if points_scheme else row["rule"],
                "because": row["because"],
                "points": points_of(row) if points_scheme else None,
            }
            for row in rows
        ],
    }


def row_of(requirement, values):
    """Return a requirement with its state, its parts and what decided."""
    shown, a, reasons, open_gate = {}, {}, [], False
    for part in requirement["parts"]:
        gates = [g for g in [requirement["gate"], part["gate"]] if g]
        no = [g for g in gates if values.get(g) == "no"]
        if no:
            reasons.append(no[0] + "=no")
        elif values.get(part["id"]) == "not_applicable":
            shown[part["id"]] = "not_applicable"
            reasons.append(part["id"] + "=not_applicable")
        else:
            a[part["id"]] = shown[part["id"]] = values.get(part["id"])
            if any(g not in values for g in gates):
                open_gate = True
    state, rule = state_of(list(a.values()), open_gate=open_gate)
    if state == "not_applicable":
        because = sorted(set(reasons), key=reasons.index)
    else:
        because = [
            f"{part}={value or 'null'}"
            for part, value in a.items()
            if value != "yes" or state == "met"
        ]
    return {
        "id": requirement["id"],
        "area": requirement["area"],
        "top": requirement["top"],
        "state": state,
        "rule": rule,
        "shown": shown,
        "a": a,
        "because": because,
    }


def state_of(given, *, open_gate):
    """Return state and rule: S1 to S6, the first that fits."""
    rules = [
        ("not_applicable", "S1", len(given) == 0),
        ("open", "S2", open_gate or None in given),
        ("met", "S3", all(v == "yes" for v in given)),
        ("not_met", "S4", "yes" not in given and "partly" not in given and "no" in given),
        ("unknown", "S5", all(v == "unknown" for v in given if v != "yes")),
        ("partly", "S6", True),
    ]
    return next((state, rule) for state, rule, fits in rules if fits)


def possible(row):
    """Return lowest, highest and clarified points, maximum and minimum (P1 to P5)."""
    good, bad = (3, -3) if row["top"] else (1, 0)
    answered = [v for v in row["a"].values() if v is not None]
    if row["state"] == "not_applicable":
        return 0, 0, 0, 0, 0
    if row["state"] == "met":
        return good, good, good, good, bad
    if row["state"] == "unknown":
        return bad, bad, good, good, bad
    if row["state"] == "open" and answered.count("yes") == len(answered):
        return bad, good, bad, good, bad
    return bad, bad, bad, good, bad


def points_of(row):
    return None if row["state"] in {"open", "not_applicable"} else row["low"]


def rule_of(row):
    return {"met": "P1", "unknown": "P3", "not_applicable": "P4", "open": "P5"}.get(
        row["state"], "P2"
    )


def area_of(area, rows):
    mine = [row for row in rows if row["area"] == area]
    highest = sum(row["max"] for row in mine)
    if any(row["state"] == "open" for row in mine):
        return {"id": area, "points": None, "points_max": highest, "percent": None}
    points = sum(row["low"] for row in mine)
    percent = None
    if highest:
        reached = max(0, points)
        percent = int(Fraction(100 * reached, highest) + Fraction(1, 2))
        if percent == 100 and reached != highest:
            percent = 99
        if percent == 0 and reached != 0:
            percent = 1
    return {"id": area, "points": points, "points_max": highest, "percent": percent}


def ranked(catalog, rows):
    gaps: dict[str, list[tuple[str, str, bool]]] = {}
    measure_of = {
        part["id"]: part["measure"]
        for requirement in catalog["requirements"]
        for part in requirement["parts"]
    }
    for row in rows:
        for part, value in row["a"].items():
            if value in WORST_FIRST:
                gaps.setdefault(measure_of[part], []).append((part, value, row["top"]))
    facts = {measure["id"]: measure for measure in catalog["measures"]}
    order = list(dict.fromkeys(measure_of.values()))
    own, effort = {}, {}
    for measure, behind in gaps.items():
        unknown_only = {value for _, value, _ in behind} == {"unknown"}
        effort[measure] = 1 if unknown_only else EFFORT[facts[measure]["effort"]]
        gap = max(WORST_FIRST[value] for _, value, _ in behind)
        worth = Fraction(facts[measure]["effect"] * gap, effort[measure])
        own[measure] = (0 if any(top for _, _, top in behind) else 1, -worth)
    best = {measure: min(above(measure, own, facts, own)) for measure in own}
    placed: list[str] = []
    while len(placed) < len(own):
        free = [
            measure
            for measure in own
            if measure not in placed
            and all(need in placed or need not in own for need in facts[measure]["needs"])
        ]
        free.sort(key=lambda m: (best[m][0], best[m][1], effort[m], order.index(m)))
        placed.append(free[0])
    return [
        step(facts[measure], gaps[measure], inherited=best[measure] != own[measure])
        for measure in placed
    ]


def above(measure, own, facts, open_measures):
    """Yield the key of a measure and of all that need it, directly or not."""
    yield own[measure]
    for other in open_measures:
        if measure in facts[other]["needs"]:
            yield from above(other, own, facts, open_measures)


def step(measure, behind, *, inherited):
    values = [value for _, value, _ in behind]
    asks = values.count("unknown") == len(values)
    because = []
    if any(top for _, _, top in behind):
        because += ["TOP"]
    if asks:
        because += ["ASK_FIRST"]
    if not asks and measure["effect"] == 3:
        because += ["EFFECT_HIGH"]
    if not asks and measure["effort"] == "today":
        because += ["QUICK"]
    if values.count("partly") == len(values):
        because += ["PARTLY_DONE"]
    if inherited:
        because += ["NEEDED_FOR"]
    return {
        "measure": measure["id"],
        "parts": [part for part, _, _ in behind],
        "when": "today" if asks else measure["effort"],
        "because": because,
    }


def three(catalog, ranking):
    topic_of = {measure["id"]: measure["topic"] for measure in catalog["measures"]}
    chosen: list[dict[str, object]] = []
    for each in ranking:
        if topic_of[each["measure"]] not in [topic_of[c["measure"]] for c in chosen]:
            chosen.append(each)
    for each in ranking:
        if each not in chosen:
            chosen.append(each)
    keep = ("m-keep-restore", "m-keep-training", "m-keep-accounts")
    chosen += [
        {"measure": measure, "parts": [], "when": "today", "because": ["KEEP"]} for measure in keep
    ]
    return chosen[:3]
