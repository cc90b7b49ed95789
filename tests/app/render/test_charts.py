"""Where lines and labels of charts stand."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from app.kernel.i18n import speak
from app.render import charts
from app.render.charts import MINUS, Label, Span, radar, scale, two_lines
from app.render.templates import environment

AREAS = [
    ("Organisation und Menschen", 33),
    ("Zugänge und Rechte", 45),
    ("Datensicherung", 33),
    ("Aktualisierung und Änderungen", 80),
    ("Schutz vor Schadprogrammen", 80),
    ("IT-Systeme und Netz", 86),
]


def axes(*percents):
    return [
        SimpleNamespace(title=title, percent=percent)
        for (title, _), percent in zip(AREAS, percents, strict=True)
    ]


def result(points=None, within=None, if_clarified=None):
    return SimpleNamespace(
        points=points,
        points_max=46,
        points_min=-30,
        range=within or (points, points),
        if_clarified=if_clarified,
    )


def macros():
    return environment().get_template("render/charts.html").module


def test_a_result_is_filled_from_zero_and_hatched_up_to_what_is_possible():
    drawn = scale(-30, 46, 25, 31)
    assert drawn.filled == Span("39.47%", "32.89%")
    assert drawn.hatched == Span("72.37%", "7.89%")
    assert drawn.head == "72.37%"
    assert drawn.marks == ("39.47%", "80.26%")


def test_the_numbers_under_a_scale_are_its_ends_zero_and_what_is_possible():
    below = scale(-30, 46, 25, 31).below
    assert [label.text for label in below] == [f"{MINUS}30", "46", "0", "31"]


def test_a_number_that_would_touch_another_is_left_out():
    below = scale(-30, 46, 40, 45).below
    assert [label.text for label in below] == [f"{MINUS}30", "46", "0"]


def test_points_below_zero_fill_the_way_back_to_zero():
    drawn = scale(-30, 46, -9, -9)
    assert (drawn.filled, drawn.hatched) == (Span("27.63%", "11.84%"), None)
    assert drawn.certain == f"{MINUS}9"


def test_what_clarifying_would_lift_above_zero_is_hatched_and_not_filled():
    drawn = scale(-30, 46, -9, 3)
    assert drawn.filled is None
    assert drawn.hatched == Span("27.63%", "15.79%")


def test_a_range_has_its_numbers_in_the_middle_and_lines_at_both_ends():
    drawn = scale(-30, 46, 19, 25, is_range=True)
    assert drawn.head == "68.42%"
    assert drawn.marks == ("39.47%", "64.47%", "72.37%")
    assert drawn.is_range


def test_a_range_of_one_number_is_shown_as_that_number():
    assert not scale(-30, 46, 25, 25, is_range=True).is_range


@pytest.mark.parametrize(("points", "anchor"), [(-30, "start"), (0, "middle"), (46, "end")])
def test_the_number_above_a_scale_stays_inside_at_both_ends(points, anchor):
    assert scale(-30, 46, points, points).head_anchor == anchor


def test_a_catalog_without_points_has_no_scale():
    none = SimpleNamespace(
        points=None, points_max=None, points_min=None, range=None, if_clarified=None
    )
    assert charts.scale_of(SimpleNamespace(result=none)) is None


def test_a_scale_where_nothing_counts_divides_by_nothing():
    assert scale(0, 0, 0, 0).filled is None


def test_values_of_a_radar_stand_on_their_axes_clockwise_from_the_top():
    drawn = radar(axes(33, 45, 33, 80, 80, 86))
    assert [axis.dot for axis in drawn.axes] == [
        ("216", "145.08"),
        ("264.32", "158.1"),
        ("251.44", "206.46"),
        ("216", "285.2"),
        ("130.09", "235.6"),
        ("123.65", "132.68"),
    ]
    assert drawn.axes[0].end == ("216", "62")
    assert drawn.shape.split()[0] == "216,145.08"
    assert len(drawn.rings) == 4


def test_what_is_below_zero_sits_on_zero_and_what_is_unknown_has_no_dot():
    drawn = radar(axes(-20, None, 0, 100, 100, 100))
    assert drawn.axes[0].dot == ("216", "186")
    assert drawn.axes[1].dot is None
    assert drawn.axes[3].dot == drawn.axes[3].end


def test_labels_of_a_radar_stand_outside_and_read_towards_it():
    labels = [axis.label for axis in radar(axes(33, 45, 33, 80, 80, 86)).axes]
    assert labels[0] == (
        Label("216", "24", "Organisation"),
        Label("216", "42", "und Menschen"),
    )
    assert {label.anchor for label in (*labels[1], *labels[2])} == {"start"}
    assert {label.anchor for label in (*labels[4], *labels[5])} == {"end"}
    assert all(0 < float(label.y) < charts.RADAR_HEIGHT for lines in labels for label in lines)


def test_titles_break_where_the_longer_line_is_shortest():
    assert two_lines("Schutz vor Schadprogrammen") == ("Schutz vor", "Schadprogrammen")
    assert two_lines("Datensicherung") == ("Datensicherung",)


@pytest.mark.parametrize(("percent", "filled"), [(None, 0), (-7, 0), (0, 0), (45, 45), (100, 100)])
def test_a_bar_is_filled_as_far_as_its_percent(percent, filled):
    assert charts.bar_of(percent) == filled


@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_picture_begins_with_its_title_and_carries_no_style(lang):
    with speak(lang):
        drawn = [
            macros().scale(charts.scale_of(SimpleNamespace(result=given)))
            for given in (result(25, None, 31), result(25), result(None, (19, 25)))
        ]
        drawn.append(macros().radar(radar(axes(33, 45, 33, 80, 80, 86))))
        drawn.append(macros().bar(33))
        drawn.append(macros().bar(None))
    for picture in map(str, drawn):
        assert re.match(r"\s*<svg[^>]*>\s*<title>[^<]+</title>", picture)
        assert "style" not in picture


def test_a_scale_says_its_numbers_aloud():
    with speak("de"):
        ranged = str(
            macros().scale(charts.scale_of(SimpleNamespace(result=result(None, (19, 25)))))
        )
    assert "Möglich sind 19 bis 25." in ranged
    assert ">19 bis 25</text>" in ranged
    assert 'class="mark"' not in ranged
