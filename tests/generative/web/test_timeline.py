"""Any course can be drawn: well-formed, inside its frame, the same for the same values, nothing left out."""

import itertools
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from openkap.web.figures.axis import Axis, clusters, lanes
from openkap.web.figures.course import (
    Course,
    DoseMark,
    EventMark,
    ScorePanel,
    ScorePoint,
    SeverityBand,
    TherapyMark,
    VisitKind,
    VisitMark,
    Window,
)
from openkap.web.figures.rows import rows
from openkap.web.figures.timeline import WIDTH, timeline

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
labels = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31))


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Courses with anything from nothing to dozens of marks."""
    given_at = sorted(draw(st.lists(moments, max_size=25)))
    points = sorted(draw(st.lists(days, max_size=20)))
    totals = st.none() | st.integers(0, 27)
    panel = ScorePanel(
        draw(labels), draw(labels), 0, 27, (SeverityBand("low", 0, 9), SeverityBand("high", 10, 27)),
        tuple(ScorePoint(day, draw(totals), "skipped") for day in points),
    )  # fmt: skip
    visits = sorted(draw(st.lists(days, max_size=30)))
    return Course(
        today=draw(days),
        doses=tuple(
            DoseMark(n, at, draw(labels), planned=draw(st.booleans())) for n, at in enumerate(given_at, 1)
        ),
        visits=tuple(
            VisitMark(draw(st.sampled_from(VisitKind)), day, planned=draw(st.booleans())) for day in visits
        ),
        therapy=tuple(
            TherapyMark(draw(labels), day, draw(st.none() | st.floats(0, 5000)))
            for day in sorted(draw(st.lists(days, max_size=10)))
        ),
        panels=(panel,),
        events=tuple(EventMark(day, draw(labels)) for day in sorted(draw(st.lists(days, max_size=10)))),
        window=Window(48, "48 h"),
    )


@given(courses())
def test_it_is_well_formed_and_no_mark_leaves_the_frame(course: Course):
    svg = ET.fromstring(timeline(course, heading="x"))
    height = float((svg.get("viewBox") or "").split()[3])
    for node in svg.iter():
        if node.tag in {"rect", "circle", "line"}:
            for name, most in (("x", WIDTH), ("cx", WIDTH), ("x1", WIDTH), ("y", height), ("cy", height)):
                assert -1 <= float(node.get(name, "0")) <= most + 1


@given(courses())
def test_drawing_is_a_function_of_the_course(course: Course):
    assert timeline(course, heading="x") == timeline(course, heading="x")


@given(courses())
def test_every_total_is_a_point_and_every_missing_one_a_question_mark(course: Course):
    svg = timeline(course, heading="x")
    points = course.panels[0].points
    assert svg.count('class="measured-point"') == sum(point.total is not None for point in points)
    assert svg.count('class="not-scored"') == sum(point.total is None for point in points)


@given(courses())
def test_the_table_loses_nothing(course: Course):
    marks = len(course.doses) + len(course.visits) + len(course.therapy) + len(course.events)
    assert len(rows(course)) == marks + len(course.panels[0].points)


@given(st.dates(date(2024, 1, 1), date(2026, 1, 1)), st.integers(1, 900), moments, moments)
def test_later_is_never_further_left(first: date, length: int, one: datetime, other: datetime):
    axis = Axis(first, first + timedelta(days=length), 0.0, 800.0)
    early, late = sorted((one, other))
    assert axis.at(early) <= axis.at(late)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(1, 60)), max_size=40))
def test_with_lanes_enough_nothing_overlaps(spans: list[tuple[float, float]]):
    sorted_spans = sorted((start, start + width) for start, width in spans)
    chosen = lanes(sorted_spans, most=len(spans) + 1)
    for lane in set(chosen):
        members = [span for span, its in zip(sorted_spans, chosen, strict=True) if its == lane]
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(members))


@given(st.lists(st.floats(0, 1000), max_size=60).map(sorted), st.floats(0.1, 50))
def test_clusters_keep_all_and_stand_apart(places: list[float], apart: float):
    found = clusters(places, apart)
    assert [index for cluster in found for index in cluster] == list(range(len(places)))
    for before, after in itertools.pairwise(found):
        assert places[after[0]] - places[before[-1]] >= apart
