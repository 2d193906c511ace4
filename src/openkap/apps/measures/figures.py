"""The course of one instrument as a picture; the table beside it says the same."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openkap.apps.measures.queries import Course, PatientScore

WIDTH, HEIGHT = 736.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 30.0, 130.0, 12.0, 26.0


def trajectory(course: Course) -> SafeString:
    """The totals over time on their severity bands. Scores without a total are left to the table."""
    placed = _placed(course)
    return format_html(
        '<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        _label(course),
        _bands(course),
        _ends(course, placed),
        _line(placed),
        _points(placed),
    )


def _label(course: Course) -> str:
    words = {"form": course.abbreviation, "n": len(course.scores)}
    return _("%(form)s: %(n)s scores; the table has them all") % words


def _placed(course: Course) -> list[tuple[float, float, PatientScore]]:
    scored = [score for score in course.scores if score.total is not None]
    if not scored:
        return []
    first, last = scored[0].administered_at, scored[-1].administered_at
    return [
        (_x(score.administered_at, first, last), _y(course, score.total), score)
        for score in scored
        if score.total is not None
    ]


def _x(at: datetime, first: datetime, last: datetime) -> float:
    span = (last - first).total_seconds()
    share = (at - first).total_seconds() / span if span else 0.5
    return round(LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24), 1)


def _y(course: Course, total: float) -> float:
    share = (total - course.lowest) / (course.highest - course.lowest)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _bands(course: Course) -> SafeString:
    edges = [*(band.at_least for band in course.bands[1:]), course.highest]
    rows, width = [], WIDTH - LEFT - RIGHT
    for shade, (band, top) in enumerate(zip(course.bands, edges, strict=False)):
        upper, lower = _y(course, top), _y(course, band.at_least)
        middle = round((upper + lower) / 2 + 4, 1)
        height = round(lower - upper, 1)
        rows.append(
            (f"shade-{min(shade, 4)}", LEFT, upper, width, height, WIDTH - RIGHT + 8, middle, band.label)
        )
    return format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>'
        '<text class="t-quiet" x="{}" y="{}">{}</text>',
        rows,
    )


def _ends(course: Course, placed: list[tuple[float, float, PatientScore]]) -> SafeString:
    """The ends of both axes."""
    labels: list[tuple[float, float, str, object]] = [
        (LEFT - 6, _y(course, course.highest) + 8, "end", course.highest),
        (LEFT - 6, _y(course, course.lowest), "end", course.lowest),
    ]
    for x, _unused, score in placed[:1] + placed[1:][-1:]:
        labels.append((x, HEIGHT - 10, "middle", date_format(score.administered_at, "SHORT_DATE_FORMAT")))
    return format_html_join("", '<text class="t-quiet" x="{}" y="{}" text-anchor="{}">{}</text>', labels)


def _line(placed: list[tuple[float, float, PatientScore]]) -> SafeString:
    path = " ".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y, _score) in enumerate(placed))
    return format_html('<path class="measured" d="{}"></path>', path) if path else SafeString("")


def _points(placed: list[tuple[float, float, PatientScore]]) -> SafeString:
    rows = [(x, y, x, y - 9, score.total) for x, y, score in placed]
    return format_html_join(
        "",
        '<circle class="measured-point" cx="{}" cy="{}" r="4.5"></circle>'
        '<text class="t-strong halo" x="{}" y="{}" text-anchor="middle">{}</text>',
        rows,
    )
