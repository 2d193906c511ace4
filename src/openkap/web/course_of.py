"""A patient's course as its timeline shows it, read from the apps, as far as the viewer may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing import queries as dosing
from openkap.apps.dosing.queries import DoseGiven
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.planning import queries as planning
from openkap.knowledge.schema.protocol import IntegrationWindow
from openkap.web.course_scores import panels_of
from openkap.web.course_therapy import therapy_of
from openkap.web.figures.course import Course, DoseMark, PlanBand, VisitKind, VisitMark, Window

if TYPE_CHECKING:
    from openkap.apps.planning.models import Visit

ROUTE_WORDS = {"iv": "IV", "im": "IM", "sc": "SC", "sl": "SL", "po": "PO", "in": "IN"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """What a viewer may see of one patient."""

    viewer: User
    patient: Patient

    def may(self, permission: Permission) -> bool:
        return people.patients_for(self.viewer, permission).filter(pk=self.patient.pk).exists()


def local_date(patient: Patient, now: datetime) -> date:
    """The date at the patient's site."""
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def course_of(reader: Reader, now: datetime) -> Course:
    """The whole course: visits for who may read the chart, doses and therapy for who may read these."""
    patient, zone = reader.patient, ZoneInfo(reader.patient.site.time_zone)
    visits = [visit for visit in planning.visits_of(patient) if visit.state != "cancelled"]
    today = local_date(patient, now)
    given = dosing.doses_of(patient, now) if reader.may(Permission.DOSING_READ) else []
    sees_therapy = reader.may(Permission.THERAPY_READ)
    return Course(
        today=today,
        bands=tuple(bands_of(visits, today)),
        doses=tuple(_doses(given, visits, zone)),
        visits=tuple(_visits(visits)),
        therapy=therapy_of(patient, [dose.at for dose in given]) if sees_therapy else (),
        panels=panels_of(reader.viewer, patient, now),
        window=_window(patient),
    )


def _window(patient: Patient) -> Window | None:
    """The protocol's own window of raised plasticity; never without the word that says how sure it is."""
    plan = planning.current_plan(patient)
    if plan is None:
        return None
    window: IntegrationWindow = planning.protocol_of(plan).integration_window
    hours = window.first_within / timedelta(hours=1)
    known = window.status == "established"
    label = _("%(n)s h after a dose") if known else _("%(n)s h after a dose (hypothesis)")
    return Window(hours, label % {"n": f"{hours:g}"})


def amount_words(given_mg: object, route: str) -> str:
    """'35 mg IV': what was given, as people write it."""
    return f"{given_mg:.3g} mg {ROUTE_WORDS.get(route, route)}"


def _doses(given: list[DoseGiven], visits: Iterable["Visit"], zone: ZoneInfo) -> Iterator[DoseMark]:
    """Those given by what was given, then those planned."""
    for dose in given:
        yield DoseMark(
            number=dose.number,
            at=dose.at.astimezone(zone).replace(tzinfo=None),
            amount=amount_words(dose.given_mg, dose.route),
            incomplete=dose.over_at is not None and dose.given_mg < dose.ordered_mg,
        )
    dosed = {dose.at.astimezone(zone).date() for dose in given}
    ahead = [
        visit
        for visit in visits
        if visit.kind == VisitKind.DOSING.value
        and visit.state in {"planned", "arrived"}
        and visit.on not in dosed
    ]
    for number, visit in enumerate(ahead, start=len(given) + 1):
        yield DoseMark(number, datetime.combine(visit.on, visit.at), _("not given yet"), planned=True)


def _visits(visits: Iterable["Visit"]) -> Iterator[VisitMark]:
    for visit in visits:
        if visit.kind == VisitKind.DOSING.value:
            continue
        label = str(visit.get_kind_display())
        if visit.state == "missed":
            label = _("%(visit)s, missed") % {"visit": label}
        yield VisitMark(VisitKind(visit.kind), visit.on, label, planned=visit.state != "done")


# The parts of a plan, in order; a visit belongs to the first whose condition it meets.
ASSESSMENT, PREPARATION, DOSES, CONSOLIDATION, FOLLOW_UP = range(5)


def bands_of(visits: Iterable["Visit"], today: date) -> Iterator[PlanBand]:
    """The parts of the plan: each lasts until the day before the next begins."""
    rows = list(visits)
    doses = [visit.on for visit in rows if visit.kind == VisitKind.DOSING.value]
    starts: dict[int, date] = {}
    for visit in rows:
        part = _part(visit, doses)
        if part is not None:
            starts[part] = min(visit.on, starts.get(part, visit.on))
    last = max((visit.on for visit in rows), default=today)
    parts = sorted(starts.items())
    for (part, first), following in zip(parts, [*parts[1:], (None, last + DAY)], strict=True):
        until = max(first, following[1] - DAY)
        yield PlanBand(_part_words(part, len(doses)), first, until, first > today, first <= today <= until)


def _part(visit: "Visit", doses: list[date]) -> int | None:
    kind = VisitKind(visit.kind)
    if not doses:
        return {VisitKind.ASSESSMENT: ASSESSMENT, VisitKind.PREPARATION: PREPARATION}.get(kind, FOLLOW_UP)
    if kind is VisitKind.DOSING:
        return DOSES
    if visit.on < min(doses):
        return ASSESSMENT if kind is VisitKind.ASSESSMENT else PREPARATION
    if visit.on <= max(doses):
        return None
    return CONSOLIDATION if kind is VisitKind.INTEGRATION else FOLLOW_UP


def _part_words(part: int, doses: int) -> str:
    if part == DOSES:
        return ngettext("%(n)s dose", "%(n)s doses", doses) % {"n": doses}
    return {
        ASSESSMENT: _("Assessment"),
        PREPARATION: _("Preparation"),
        CONSOLIDATION: _("Consolidation"),
        FOLLOW_UP: _("Follow-up"),
    }[part]
