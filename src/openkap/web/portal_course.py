"""How a patient has been, in plain words: never a number without what it means."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.apps.measures import queries as measures

if TYPE_CHECKING:
    from openkap.apps.measures.queries import Course, PatientScore
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class OwnPoint:
    """One total, on the local day it was given."""

    day: date
    total: str


@dataclass(frozen=True)
class OwnCourse:
    """One questionnaire over time, latest first."""

    title: str
    words: str
    most: str
    points: list[OwnPoint]


def courses_of(patient: "Patient", now: datetime) -> list[OwnCourse]:
    """Every questionnaire that has a total, in words."""
    zone = ZoneInfo(patient.site.time_zone)
    found = []
    for course in measures.courses_of(patient, now):
        scores = [score for score in course.scores if score.total is not None]
        if scores:
            points = [OwnPoint(_day(score, zone), _number(score.total)) for score in reversed(scores)]
            found.append(
                OwnCourse(course.title, _words(course, scores[-1], zone), _number(course.highest), points)
            )
    return found


def _words(course: "Course", latest: "PatientScore", zone: ZoneInfo) -> str:
    said = {
        "day": formats.date_format(_day(latest, zone), "MONTH_DAY_FORMAT"),
        "total": _number(latest.total),
        "most": _number(course.highest),
    }
    began = course.baseline
    now_words = _("On %(day)s it came to %(total)s of %(most)s.") % said
    if began is None or began.total is None or began.administered_at == latest.administered_at:
        return now_words
    return f"{now_words} {_change(course, began, latest)}"


def _change(course: "Course", began: "PatientScore", latest: "PatientScore") -> str:
    points = float(latest.total or 0) - float(began.total or 0)
    if not points:
        return _("When you started it was the same.")
    is_better = (points < 0) == course.higher_is_worse
    words = {"start": _number(began.total), "n": _number(abs(points))}
    how = (
        _("When you started it was %(start)s: %(n)s points better now.")
        if is_better
        else _("When you started it was %(start)s: %(n)s points harder now. Tell your care team.")
    )
    change = latest.change
    sure = change is not None and change.reliable.met is True
    return f"{how % words} {_('That is more than chance alone.')}" if sure and is_better else how % words


def _day(score: "PatientScore", zone: ZoneInfo) -> date:
    return score.administered_at.astimezone(zone).date()


def _number(value: object) -> str:
    return f"{float(value):g}"  # type: ignore[arg-type]
