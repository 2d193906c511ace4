"""How a patient has been, in plain words: no number without what it means, never the name of an illness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.dosing.queries import doses_of
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import queries as measures
from openkap.apps.measures.words import ASKS
from openkap.knowledge.schema.instrument import Domain, Instrument, Respondent
from openkap.web.figures.own_course import OwnPicture, draw_own_course

if TYPE_CHECKING:
    from openkap.apps.measures.queries import Course, PatientScore
    from openkap.apps.people.models import Patient

# Of one dose, of working together, of safety, of it all: no 'easier days' can be read from their points.
NOT_OF_DAYS = frozenset({Domain.EXPERIENCE, Domain.ALLIANCE, Domain.GLOBAL, Domain.SUICIDALITY})


@dataclass(frozen=True)
class OwnPoint:
    """One total, on the local day it was given; `doses` is how many treatment days lay before it."""

    day: date
    total: str
    doses: int


@dataclass(frozen=True)
class OwnCourse:
    """One questionnaire over time, latest first.

    `standing`: 'better', 'harder', 'same' (also where a change is within the error of answering), '' at first.
    """

    title: str
    form: str
    standing: str
    words: list[str]
    most: str
    direction: str  # 'fewer is easier', or 'more is easier'
    points: list[OwnPoint]
    picture: SafeString


def courses_of(patient: "Patient", now: datetime) -> list[OwnCourse]:
    """Every questionnaire of one's days that has a total, in words; what changed last comes first."""
    zone = ZoneInfo(patient.site.time_zone)
    known = knowledge_for(patient.site, now).instruments
    scored = [
        course
        for course in measures.courses_of(patient, now)
        if _totals(course) and tells_of_days(known.get(course.instrument_id))
    ]
    if not scored:
        return []
    doses = [dose.at.astimezone(zone).date() for dose in doses_of(patient, now)]
    newest_first = sorted(scored, key=lambda course: _totals(course)[-1].administered_at, reverse=True)
    titles = [str(ASKS[known[course.instrument_id].domain]) for course in newest_first]
    return [
        _own(course, title if titles.count(title) == 1 else f"{title} · {course.abbreviation}", doses, zone)
        for course, title in zip(newest_first, titles, strict=True)
    ]


def tells_of_days(instrument: Instrument | None) -> bool:
    """Whether its points say how the patient's days are, by their own answers."""
    if instrument is None or instrument.respondent is not Respondent.PATIENT:
        return False
    return instrument.domain not in NOT_OF_DAYS


def _own(course: "Course", title: str, doses: Sequence[date], zone: ZoneInfo) -> OwnCourse:
    scores = _totals(course)
    standing = _standing(course, scores[-1])
    words = [
        _latest(course, scores[-1], zone),
        *_change(course, standing, scores[-1]),
        _doses_between(course, doses, zone),
    ]
    points = [_point(score, doses, zone) for score in reversed(scores)]
    return OwnCourse(
        title=title,
        form=course.abbreviation,
        standing=standing,
        words=[sentence for sentence in words if sentence],
        most=_number(course.highest),
        direction=_("fewer is easier") if course.higher_is_worse else _("more is easier"),
        points=points,
        picture=_picture(course, title, scores, doses, zone),
    )


def _totals(course: "Course") -> list["PatientScore"]:
    return [score for score in course.scores if score.total is not None]


def _point(score: "PatientScore", doses: Sequence[date], zone: ZoneInfo) -> OwnPoint:
    day = _day(score, zone)
    return OwnPoint(day, _number(score.total), sum(dose <= day for dose in doses))


def _latest(course: "Course", latest: "PatientScore", zone: ZoneInfo) -> str:
    said = {
        "day": formats.date_format(_day(latest, zone), "MONTH_DAY_FORMAT"),
        "total": _number(latest.total),
        "most": _number(course.highest),
    }
    if course.higher_is_worse:
        return _("On %(day)s it came to %(total)s of %(most)s points. Fewer points are easier days.") % said
    return _("On %(day)s it came to %(total)s of %(most)s points. More points are easier days.") % said


def _standing(course: "Course", latest: "PatientScore") -> str:
    began = course.baseline
    if began is None or began.total is None or began.administered_at == latest.administered_at:
        return ""
    points = float(latest.total or 0) - float(began.total)
    if not points or _is_within_error(latest):
        return "same"
    return "better" if (points < 0) == course.higher_is_worse else "harder"


def _is_within_error(latest: "PatientScore") -> bool:
    """Whether a figure for reliable change is adopted and the change does not reach it."""
    return latest.change is not None and latest.change.reliable.met is False


def _change(course: "Course", standing: str, latest: "PatientScore") -> list[str]:
    began = course.baseline
    if not standing or began is None:
        return [_("This is where you start; the next time shows how it changes.")]
    points = abs(float(latest.total or 0) - float(began.total or 0))
    if not points:
        return [_("That is the same as when you began.")]
    said = {"start": _number(began.total), "n": _number(points)}
    if standing == "same":
        return [
            _("When you began it was %(start)s.") % said,
            _("A difference this small also comes from the ups and downs of answering."),
        ]
    if standing == "harder":
        return [
            _("When you began it was %(start)s: %(n)s points harder now.") % said,
            _("That can happen, also on the way to better. Tell your care team what it is like."),
        ]
    words = [_("When you began it was %(start)s: %(n)s points easier now.") % said]
    if latest.change is not None and latest.change.reliable.met is True:
        words.append(_("That is more than the ups and downs of answering."))
    return words


def _doses_between(course: "Course", doses: Sequence[date], zone: ZoneInfo) -> str:
    """How many treatment days lie between the beginning and the latest answer."""
    scores = _totals(course)
    first, last = _day(course.baseline or scores[0], zone), _day(scores[-1], zone)
    count = sum(first <= day <= last for day in doses)
    if not count:
        return ""
    words = ngettext("%(n)d treatment day lies between.", "%(n)d treatment days lie between.", count)
    return words % {"n": count}


def _picture(
    course: "Course", title: str, scores: Sequence["PatientScore"], doses: Sequence[date], zone: ZoneInfo
) -> SafeString:
    worst, best = float(course.highest), float(course.lowest)
    if not course.higher_is_worse:
        worst, best = best, worst
    picture = OwnPicture(
        points=[(_day(score, zone), float(score.total or 0)) for score in scores],
        worst=worst,
        best=best,
        doses=doses,
        better=_("easier"),
        harder=_("harder"),
        treatment=_("treatment day"),
        label=_("%(title)s Your answers over time; up is easier. The list below has the numbers.")
        % {"title": title},
    )
    return mark_safe(draw_own_course(picture))  # noqa: S308  every text in it is escaped by figures.svg


def _day(score: "PatientScore", zone: ZoneInfo) -> date:
    return score.administered_at.astimezone(zone).date()


def _number(value: object) -> str:
    return f"{float(value):g}"  # type: ignore[arg-type]
