"""The chart's timeline: what is drawn, how collisions are kept apart, and that its table says the same."""

import itertools
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation

from openkap.web.figures import picture_of
from openkap.web.figures.course import (
    Course,
    DoseMark,
    EventMark,
    PlanBand,
    ScorePanel,
    ScorePoint,
    SeverityBand,
    TherapyMark,
    VisitKind,
    VisitMark,
    Window,
)
from openkap.web.figures.panel import panel_height
from openkap.web.figures.rows import rows
from openkap.web.figures.timeline import LEFT, RIGHT, WIDTH, timeline
from openkap.web.gallery import sample_course

TODAY = date(2027, 3, 15)
NS = "{http://www.w3.org/2000/svg}"
BANDS = (SeverityBand("mild", 0, 9), SeverityBand("severe", 10, 27))


def drawn(course: Course) -> ET.Element:
    """The picture, parsed as XML: it must be well-formed."""
    return ET.fromstring(timeline(course, heading="A course"))


def classed(svg: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in svg.iter() if name in (node.get("class") or "").split()]


def words(svg: ET.Element) -> list[str]:
    return [node.text or "" for node in svg.iter("text")]


def scores(*totals: int | None, every: int = 7, baseline: int | None = None, change: float | None = None):
    points = tuple(
        ScorePoint(
            TODAY - timedelta(days=every * (len(totals) - 1 - n)), total, "" if total is not None else "why"
        )
        for n, total in enumerate(totals)
    )
    base = points[baseline] if baseline is not None else None
    return ScorePanel("PHQ-9", "depression", 0, 27, BANDS, points, base, change)


def doses(*days_ago: int, planned: bool = False) -> tuple[DoseMark, ...]:
    noon = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=12)
    return tuple(
        DoseMark(n, noon - timedelta(days=days), "35 mg IV", planned=planned)
        for n, days in enumerate(days_ago, 1)
    )


def test_nothing_yet_is_still_a_picture_with_today():
    svg = drawn(Course(TODAY))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "A course"
    assert any("Today" in word for word in words(svg))
    assert not classed(svg, "dose")
    assert rows(Course(TODAY)) == []


def test_everything_lies_inside_the_picture():
    svg = drawn(sample_course())
    _x, _y, width, height = (float(v) for v in (svg.get("viewBox") or "").split())
    assert width == WIDTH
    for node in svg.iter():
        for name, most in (
            ("x", width),
            ("x1", width),
            ("cx", width),
            ("y", height),
            ("y2", height),
            ("cy", height),
        ):
            if node.get(name) is not None:
                assert -1 <= float(node.get(name) or 0) <= most, ET.tostring(node)


def test_no_inline_style_and_no_script():
    markup = timeline(sample_course(), heading="A course")
    assert "style=" not in markup
    assert "<script" not in markup
    assert re.search(r"\son\w+=", markup) is None


def test_words_from_the_record_cannot_become_markup():
    course = Course(TODAY, events=(EventMark(TODAY, '<script>alert("x")</script>'),))
    assert "<script>" not in timeline(course, heading='"><script>')


def test_one_dose_is_one_numbered_circle_with_its_amount():
    svg = drawn(Course(TODAY, doses=doses(3)))
    (dose,) = classed(svg, "dose")
    assert "given" in (dose.get("class") or "")
    assert "1" in words(svg)
    assert "35 mg IV" in words(svg)


def test_doses_of_one_day_share_a_longer_mark():
    svg = drawn(Course(TODAY, doses=doses(3, 3)))
    assert len(classed(svg, "dose")) == 1
    assert "1\u20132" in words(svg)


def test_doses_days_apart_stand_alone():
    svg = drawn(Course(TODAY, doses=doses(20, 13, 6)))
    assert len(classed(svg, "dose")) == 3


def test_planned_doses_are_dashed_and_shade_no_window():
    course = Course(
        TODAY, doses=doses(-3, -7, planned=True), window=Window(48, "48 h after a dose (hypothesis)")
    )
    svg = drawn(course)
    assert all("planned" in (dose.get("class") or "") for dose in classed(svg, "dose"))
    assert classed(svg, "window") == []
    assert all("hypothesis" not in key.word for key in picture_of(course, heading="x").legend)


def test_the_window_after_a_dose_is_as_wide_as_its_hours():
    svg = drawn(Course(TODAY, doses=doses(10), window=Window(48, "48 h (hypothesis)")))
    (window,) = classed(svg, "window")
    per_day = (RIGHT - LEFT) / _days(svg)
    assert float(window.get("width") or 0) == pytest.approx(2 * per_day, abs=0.11)


def _days(svg: ET.Element) -> int:
    """Days on the axis, from two neighbouring weekly grid lines."""
    first, second, *_rest = sorted(float(line.get("x1") or 0) for line in classed(svg, "grid"))
    step = 1 if second - first < 60 else 7
    return round((RIGHT - LEFT) / ((second - first) / step))


def test_less_than_ordered_is_marked_and_said():
    noon = datetime(2027, 3, 1, 12)
    given = (
        DoseMark(1, noon, "28 mg IV", incomplete=True),
        DoseMark(2, noon + timedelta(days=7), "35 mg IV"),
    )
    svg = drawn(Course(TODAY, doses=given))
    assert len(classed(svg, "incomplete")) == 1
    assert any("1: 28 mg IV" in word for word in words(svg))
    assert any("less than ordered" in row.details for row in rows(Course(TODAY, doses=given)))


@pytest.mark.parametrize("kind", list(VisitKind))
def test_each_kind_of_visit_has_its_shape_and_its_word(kind: VisitKind):
    course = Course(TODAY, visits=(VisitMark(kind, TODAY - timedelta(days=2)),))
    shapes = classed(drawn(course), "glyph") + classed(drawn(course), "dose")
    assert len(shapes) == 1
    assert [key.word for key in picture_of(course, heading="x").legend] == [kind.value]


def test_the_kinds_differ_by_shape_not_by_colour_alone():
    outlines = set()
    for kind in VisitKind:
        svg = drawn(Course(TODAY, visits=(VisitMark(kind, TODAY),)))
        (mark, *_rest) = classed(svg, "glyph") + classed(svg, "dose")
        outlines.add((mark.tag, (mark.get("d") or "").count("L"), mark.get("class")))
    assert len(outlines) == len(VisitKind)


def test_visits_of_one_day_stand_under_each_other():
    visits = tuple(VisitMark(kind, TODAY) for kind in (VisitKind.ASSESSMENT, VisitKind.CHECK_IN))
    svg = drawn(Course(TODAY, visits=visits))
    (square,), (circle,) = (
        [node for node in classed(svg, "glyph") if node.tag == tag] for tag in ("rect", "circle")
    )
    assert float(circle.get("cy") or 0) - (float(square.get("y") or 0) + 5) == pytest.approx(15)


def test_therapy_says_hours_and_later_days_since_the_dose():
    therapy = (
        TherapyMark("EMDR", TODAY - timedelta(days=9), 25.4),
        TherapyMark("IFS", TODAY - timedelta(days=2), 96.0),
        TherapyMark("EMDR", TODAY + timedelta(days=5), planned=True),
    )
    said = words(drawn(Course(TODAY, therapy=therapy)))
    assert "25 h" in said
    assert "4 d" in said
    assert said.count("EMDR") == 2


def test_without_therapy_its_row_takes_no_room():
    bare = drawn(Course(TODAY))
    some = drawn(Course(TODAY, therapy=(TherapyMark("EMDR", TODAY, 3.0),)))
    assert float((some.get("viewBox") or "").split()[3]) > float((bare.get("viewBox") or "").split()[3])


def test_no_score_yet_draws_bands_but_no_line():
    svg = drawn(Course(TODAY, panels=(scores(),)))
    assert len([n for n in svg.iter("rect") if (n.get("class") or "").startswith("shade-")]) == len(BANDS)
    assert not classed(svg, "measured")


def test_one_score_is_a_point_without_a_line():
    svg = drawn(Course(TODAY, panels=(scores(14),)))
    assert len(classed(svg, "measured-point")) == 1
    assert not classed(svg, "measured")
    assert "14" in words(svg)


def test_a_higher_total_stands_higher():
    svg = drawn(Course(TODAY, panels=(scores(20, 5),)))
    first, second = (float(point.get("cy") or 0) for point in classed(svg, "measured-point"))
    assert first < second


def test_the_lowest_and_highest_total_stand_on_the_edges():
    panel = scores(27, 0)
    svg = drawn(Course(TODAY, panels=(panel,)))
    high, low = (float(point.get("cy") or 0) for point in classed(svg, "measured-point"))
    assert low - high == pytest.approx(panel_height(panel), abs=0.1)


def test_an_answer_without_total_breaks_the_line_and_is_never_a_zero():
    course = Course(TODAY, panels=(scores(20, None, 8),))
    svg = drawn(course)
    assert len(classed(svg, "measured-point")) == 2
    assert not classed(svg, "measured")
    assert len(classed(svg, "not-scored")) == 1
    assert "?" in words(svg)
    assert any("no total" in row.details and "why" in row.details for row in rows(course))
    assert "answered, no total" in [key.word for key in picture_of(course, heading="x").legend]


def test_reliable_change_is_drawn_that_far_below_baseline():
    svg = drawn(Course(TODAY, panels=(scores(20, 15, baseline=0, change=5),)))
    (line,) = classed(svg, "reliable")
    second = classed(svg, "measured-point")[1]
    assert float(line.get("y1") or 0) == pytest.approx(float(second.get("cy") or 0))
    assert "reliable change, 5 points" in words(svg)
    assert "baseline" in words(svg)


@pytest.mark.parametrize("panel", [scores(20, 15), scores(20, baseline=0), scores(4, baseline=0, change=6)])
def test_no_reliable_change_without_baseline_figure_or_room(panel: ScorePanel):
    assert not classed(drawn(Course(TODAY, panels=(panel,))), "reliable")


def test_numbers_of_crowded_points_do_not_run_together():
    svg = drawn(Course(TODAY, panels=(scores(*range(27), every=1),)))
    labels = sorted(
        float(node.get("x") or 0) for node in svg.iter("text") if node.get("class") == "t-strong halo"
    )
    assert len(classed(svg, "measured-point")) == 27
    assert all(after - before >= 20 for before, after in itertools.pairwise(labels))
    assert len(labels) >= 2


def test_a_year_of_weekly_visits_fits():
    visits = tuple(VisitMark(VisitKind.CHECK_IN, TODAY - timedelta(days=7 * n)) for n in range(104, -1, -1))
    svg = drawn(Course(TODAY, visits=visits, doses=doses(*range(700, 0, -14))))
    assert len(classed(svg, "glyph")) == 105
    assert 1 <= len(classed(svg, "dose")) < 50


def test_a_label_without_room_on_the_right_is_written_on_the_left():
    course = Course(TODAY, events=(EventMark(TODAY + timedelta(days=30), "A rather long description of it"),))
    (label,) = classed(drawn(course), "t-event")
    assert label.get("text-anchor") == "end"


def test_bands_too_short_for_their_word_keep_it_for_the_pointer():
    band = PlanBand("Assessment and a lot more", TODAY, TODAY)
    svg = drawn(Course(TODAY, bands=(band,)))
    assert band.label not in words(svg)
    assert band.label in [node.text for node in svg.iter("title")]


def test_the_table_says_everything_the_picture_shows_by_day():
    course = sample_course()
    table = rows(course)
    assert [row.on for row in table] == sorted(row.on for row in table)
    expected = (
        len(course.bands) + len(course.doses) + len(course.visits) + len(course.therapy) + len(course.events)
        + sum(len(panel.points) + (panel.due is not None) for panel in course.panels)
    )  # fmt: skip
    assert len(table) == expected
    assert any(row.details == "20 (severe)" for row in table)


def test_it_speaks_the_readers_language():
    with translation.override("es"):
        said = words(drawn(Course(date(2027, 3, 15))))
    assert any("marzo" in word.lower() for word in said)


def test_what_has_no_total_is_one_low_row_without_a_scale_or_a_question_mark() -> None:
    points = (ScorePoint(TODAY, None, "It has no total."),)
    listed = ScorePanel("ASQ", "suicide", 0, 5, (), points, has_total=False)
    missed = ScorePanel("PHQ-9", "depression", 0, 27, BANDS, points)
    assert panel_height(listed) < panel_height(replace(listed, has_total=True)) < panel_height(missed)
    row = timeline(Course(TODAY, panels=(listed,)), heading="x")
    scale = timeline(Course(TODAY, panels=(missed,)), heading="x")
    assert "not-scored" in row
    assert ">?</text>" not in row
    assert ">?</text>" in scale


def test_a_measure_without_an_abbreviation_is_named_once() -> None:
    points = (ScorePoint(TODAY, 4),)
    own = ScorePanel("Anxiety today", "Anxiety today", 0, 10, (), points)
    assert words(drawn(Course(TODAY, panels=(own,)))).count("Anxiety today") == 1
    known = words(drawn(Course(TODAY, panels=(replace(own, name="AT"),))))
    assert (known.count("AT"), known.count("Anxiety today")) == (1, 1)


def test_a_long_name_of_a_band_stands_in_two_lines() -> None:
    bands = (SeverityBand("Leve", 0, 14), SeverityBand("Moderadamente grave", 15, 27))
    found = words(
        drawn(Course(TODAY, panels=(ScorePanel("PHQ-9", "mood", 0, 27, bands, (ScorePoint(TODAY, 4),)),)))
    )
    assert {"Leve", "Moderadamente", "grave"} <= set(found)
    assert "Moderadamente grave" not in found
