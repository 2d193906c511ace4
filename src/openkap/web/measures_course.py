"""One instrument large: its scores with doses, plan and events on them, and the totals that mean something."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import queries as measures
from openkap.apps.measures.induction import induction_of
from openkap.core.psychometrics import acting_criteria
from openkap.knowledge.schema.criterion import Criterion, CriterionKind
from openkap.web.course_events import events_of
from openkap.web.course_of import Reader, frame_of
from openkap.web.course_scores import panel_of
from openkap.web.figures import TimelinePicture, picture_of
from openkap.web.figures.course import Course, ScorePanel, Threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

HEIGHT = 300.0  # of the panel, in user units
BEFORE = timedelta(days=14)  # of the course's own period: the baseline may lie so long before its first dose
AHEAD = timedelta(days=10)  # room for what comes next
MONTHS = timedelta(days=91)
PERIODS: "Mapping[str, str | Promise]" = {
    "whole": gettext_lazy("Whole"),
    "course": gettext_lazy("This course"),
    "months": gettext_lazy("Last 3 months"),
}


@dataclass(frozen=True)
class Drawn:
    """The picture of one instrument over a period."""

    picture: TimelinePicture
    period: str
    is_empty: bool  # no score of it lies in the period


def drawn(reader: Reader, course: measures.Course, period: str) -> Drawn:
    """The instrument's course over `period`, one of `PERIODS`; anything else is the whole."""
    chosen = period if period in PERIODS else "whole"
    panel = replace(panel_of(course, reader.zone), height=HEIGHT, reliable_change=None)
    panel = replace(panel, thresholds=_thresholds(reader, course))
    frame = frame_of(reader)
    whole = replace(frame, visits=(), therapy=(), panels=(panel,), events=tuple(events_of(reader)))
    shown = whole.between(*_days(reader, whole, panel, chosen))
    words = {"form": course.abbreviation, "name": reader.patient.name}
    picture = picture_of(shown, heading=_("Course of %(form)s of %(name)s") % words, name="course")
    return Drawn(picture, chosen, not shown.panels[0].points)


def _days(reader: Reader, whole: Course, panel: ScorePanel, period: str) -> tuple[date, date]:
    """First and last day of the period."""
    last = reader.today + AHEAD
    if period == "months":
        return reader.today - MONTHS, last
    given = [dose.at.date() for dose in whole.doses if not dose.planned]
    days = [point.on for point in panel.points]
    if period == "course":
        found = induction_of(reader.patient)
        if found is not None:
            return reader.local(found.first_dose_at).date() - BEFORE, last
        return (min(days, default=reader.today)), last
    return min([*days, *given, reader.today]), last


def _thresholds(reader: Reader, course: measures.Course) -> tuple[Threshold, ...]:
    """Baseline, reliable change, response and remission, as far as each is there and has been established."""
    base = course.baseline.total if course.baseline else None
    known = knowledge_for(reader.patient.site, reader.now)
    instrument = measures.packaged_instrument(course.instrument_id, course.latest.instrument_version)
    criteria = acting_criteria(instrument, known.criteria_for(course.instrument_id))
    found = []
    if base is not None:
        word = _("baseline %(n)s") if course.baseline_is_fixed else _("baseline so far %(n)s")
        found.append(Threshold(base, word % {"n": f"{base:g}"}, "baseline"))
        found += _from_baseline(course, base, criteria.get(CriterionKind.RESPONSE))
    remission = criteria.get(CriterionKind.REMISSION)
    if remission is not None and remission.value is not None:
        word = _("remission, %(n)s or less") if course.higher_is_worse else _("remission, %(n)s or more")
        found.append(Threshold(remission.value, word % {"n": f"{remission.value:g}"}))
    return tuple(found)


def _from_baseline(course: measures.Course, base: float, response: Criterion | None) -> list[Threshold]:
    """What is counted from the baseline: the total of reliable change, and that of response."""
    sign = -1 if course.higher_is_worse else 1
    found = []
    if course.reliable_points is not None:
        word = _("reliable change, %(n)s points") % {"n": f"{course.reliable_points:.3g}"}
        found.append(Threshold(base + sign * course.reliable_points, word, "reliable"))
    if response is not None and response.value is not None:
        word = _("response, %(n)s %% better") % {"n": f"{response.value:g}"}
        found.append(Threshold(base * (1 + sign * response.value / 100), word))
    return found
