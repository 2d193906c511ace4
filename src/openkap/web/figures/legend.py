"""The legend of a timeline: only marks that are in the picture."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from openkap.web.figures import marks
from openkap.web.figures.course import Course, VisitKind
from openkap.web.figures.svg import element


@dataclass(frozen=True)
class LegendEntry:
    """A mark and its word."""

    svg: str
    word: str


def _square(*parts: str) -> str:
    return element("svg", *parts, class_="timeline", viewBox="0 0 26 16", aria_hidden="true", focusable="false")


def legend(course: Course) -> list[LegendEntry]:
    """The entries for what `course` shows."""
    kinds = [kind for kind in VisitKind if any(visit.kind is kind for visit in course.visits)]
    found = [LegendEntry(_square(marks.shape(kind, 13.0, 8.0)), str(marks.KIND_WORDS[kind])) for kind in kinds]
    if _has_planned(course):
        planned = marks.shape(VisitKind.CHECK_IN, 13.0, 8.0, planned=True)
        found.append(LegendEntry(_square(planned), _("planned")))
    if any(point.total is not None for panel in course.panels for point in panel.points):
        line = element("path", d="M1 12L12 5L25 3", class_="measured")
        found.append(LegendEntry(_square(line), _("measured")))
    if any(point.total is None for panel in course.panels for point in panel.points):
        ring = element("circle", cx=13.0, cy=8.0, r=6.0, class_="not-scored")
        found.append(LegendEntry(_square(ring), _("answered, no total")))
    if course.window and any(not dose.planned for dose in course.doses):
        box = element("rect", x=6.0, y=1.0, width=14.0, height=14.0, rx=2.0, class_="window")
        found.append(LegendEntry(_square(box), course.window.label))
    return found


def _has_planned(course: Course) -> bool:
    return any(mark.planned for marks_ in (course.doses, course.visits, course.therapy) for mark in marks_)
