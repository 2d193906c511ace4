"""Strips on one axis, thresholds on the large panel, and cutting a course to a period."""

from datetime import date, datetime, timedelta

from openkap.web.figures.axis import Axis
from openkap.web.figures.course import (
    Course,
    DoseMark,
    EventMark,
    PlanBand,
    ScorePanel,
    ScorePoint,
    SeverityBand,
    Threshold,
)
from openkap.web.figures.panel import draw_panel
from openkap.web.figures.sparkline import draw_head, draw_strip, shared_by

DAY = timedelta(days=1)
FIRST = date(2026, 9, 1)
BANDS = (SeverityBand("None", 0, 4), SeverityBand("Some", 5, 14), SeverityBand("Much", 15, 27))


def panel(*points: tuple[int, float | None], **more: object) -> ScorePanel:
    drawn = tuple(ScorePoint(FIRST + day * DAY, total, "refused") for day, total in points)
    return ScorePanel("PHQ-9", "mood", 0, 27, BANDS, drawn, **more)  # type: ignore[arg-type]


def dose(day: int, *, planned: bool = False) -> DoseMark:
    at = datetime(2026, 9, 1, 10) + day * DAY
    return DoseMark(1, at, "35 mg IV", planned=planned)


def test_strips_share_one_axis_from_the_first_mark_to_today() -> None:
    early, late = panel((0, 20)), panel((10, 20))
    shared = shared_by([early, late], [dose(5), dose(40, planned=True)], FIRST + 30 * DAY)
    assert (shared.first, shared.last) == (FIRST, FIRST + 30 * DAY)
    assert len(shared.doses) == 1
    assert draw_strip(early, shared).count("dose-line") == 1
    assert draw_head(shared).count("dose given") == 1


def test_a_strip_draws_no_line_through_what_has_no_total() -> None:
    broken = panel((0, 20), (5, None), (10, 8))
    svg = draw_strip(broken, shared_by([broken], [], FIRST + 10 * DAY))
    assert 'class="measured"' not in svg
    assert svg.count("measured-point") == 2
    assert 'aria-hidden="true"' in svg


def test_nothing_at_all_still_has_an_axis() -> None:
    shared = shared_by([], [], FIRST)
    assert (shared.first, shared.last) == (FIRST, FIRST)
    assert "<svg" in draw_head(shared)


def test_words_of_thresholds_close_together_do_not_lie_on_each_other() -> None:
    lines = (Threshold(10, "response"), Threshold(9.8, "reliable"), Threshold(40, "beyond the scale"))
    svg = draw_panel(panel((0, 20), thresholds=lines, height=300.0), Axis(FIRST, FIRST + DAY, 100, 900), 0)
    assert "beyond the scale" not in svg
    places = [float(part.split('y="')[1].split('"')[0]) for part in svg.split("<text") if "t-threshold" in part]
    assert len(places) == 2
    assert places[1] - places[0] >= 12


def test_a_period_keeps_what_lies_in_it_and_cuts_the_plan_at_its_ends() -> None:
    course = Course(
        today=FIRST + 60 * DAY,
        bands=(PlanBand("Doses", FIRST, FIRST + 50 * DAY), PlanBand("Before", FIRST - 9 * DAY, FIRST - DAY)),
        doses=(dose(2), dose(40)),
        panels=(panel((0, 20), (30, 9)),),
        events=(EventMark(FIRST, "begun"), EventMark(FIRST + 30 * DAY, "ended")),
    )
    shown = course.between(FIRST + 20 * DAY, FIRST + 45 * DAY)
    assert [(band.first, band.last) for band in shown.bands] == [(FIRST + 20 * DAY, FIRST + 45 * DAY)]
    assert [mark.at.day for mark in shown.doses] == [11]
    assert [point.total for point in shown.panels[0].points] == [9]
    assert [event.label for event in shown.events] == ["ended"]
