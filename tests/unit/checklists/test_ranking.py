"""Ranking where the product's content has no example: shared measures and several needs."""

from __future__ import annotations

import pytest

from checklists import load_library, rank, score
from tests.unit.checklists.make import answers, measure, replace, requirement, small_content

ONE = "klein/2026.1/10-eins.yaml"
TWO = "klein/2026.1/20-zwei.yaml"


@pytest.fixture
def folder(tmp_path):
    return small_content(tmp_path)


def steps(folder, **but):
    catalog = load_library(folder).catalog("klein")
    given = {key.replace("_", "-"): value for key, value in but.items()}
    return [
        (step.measure, step.parts, step.when, step.because)
        for step in rank(catalog, answers(catalog, but=given))
    ]


@pytest.mark.parametrize(
    ("first", "second", "when", "because"),
    [
        ("no", "unknown", "week", ("TOP",)),
        ("unknown", "unknown", "today", ("TOP", "ASK_FIRST")),
        ("partly", "partly", "week", ("TOP", "PARTLY_DONE")),
        ("partly", "no", "week", ("TOP",)),
    ],
)
def test_a_measure_behind_several_parts_counts_once_with_the_worst(
    folder, first, second, when, because
):
    replace(folder, TWO, "measure: m-two", "measure: m-one")
    assert steps(folder, eins_tor_zu=first, zwei_haus_tor=second) == [
        ("m-one", ("eins-tor-zu", "zwei-haus-tor"), when, because)
    ]


def test_a_measure_waits_for_all_it_needs_and_hands_its_place_down_to_the_last(folder):
    """m-top needs m-two and m-three; m-two needs m-one. Only m-top is TOP."""
    (folder / "klein/2026.1/30-zwei.yaml").write_text(
        requirement("zwei-drei", "zwei", "beta", "zwei-drei-tor", "m-three")
        + requirement("zwei-vier", "zwei", "beta", "zwei-vier-tor", "m-top", "  top: true"),
        encoding="utf-8",
    )
    with (folder / "measures/all.yaml").open("a", encoding="utf-8") as file:
        file.write(measure("m-three", "beta"))
        file.write(measure("m-top", "beta", "  needs: [m-two, m-three]"))
    replace(folder, ONE, "  top: true\n", "")
    everything = {
        "eins_tor_zu": "no",
        "zwei_haus_tor": "no",
        "zwei_drei_tor": "no",
        "zwei_vier_tor": "partly",
    }
    assert [(name, because) for name, _, _, because in steps(folder, **everything)] == [
        ("m-one", ("NEEDED_FOR",)),
        ("m-two", ("NEEDED_FOR",)),
        ("m-three", ("NEEDED_FOR",)),
        ("m-top", ("TOP", "PARTLY_DONE")),
    ]
    without_two = everything | {"zwei_haus_tor": "yes"}
    assert [name for name, *_ in steps(folder, **without_two)] == ["m-three", "m-top", "m-one"]


def test_a_scheme_nobody_knows_is_not_scored(folder):
    for name in ("klein", "kurz"):
        replace(folder, f"{name}/2026.1/catalog.yaml", "scheme:", "scheme: percent #")
    with pytest.raises(ValueError, match="percent"):
        score(load_library(folder).catalog("klein"), {})


def test_the_worst_of_several_answers_decides_the_place(folder):
    (folder / "klein/2026.1/30-zwei.yaml").write_text(
        requirement("zwei-drei", "zwei", "beta", "zwei-drei-tor", "m-two"), encoding="utf-8"
    )
    replace(folder, ONE, "  top: true\n", "")
    replace(folder, TWO, "measure: m-two", "measure: m-one")
    replace(folder, "measures/all.yaml", "  needs: [m-one]\n", "")
    given = {"eins_tor_zu": "partly", "zwei_haus_tor": "no", "zwei_drei_tor": "no"}
    assert [name for name, *_ in steps(folder, **given)] == ["m-one", "m-two"]
    given = given | {"zwei_haus_tor": "partly"}
    assert [name for name, *_ in steps(folder, **given)] == ["m-two", "m-one"]
