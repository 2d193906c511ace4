"""A patient's course as its timeline shows it, read from the apps, as far as the viewer may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import queries as assessment
from openkap.apps.dosing import queries as dosing
from openkap.apps.dosing.queries import DoseGiven
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.planning import queries as planning
from openkap.apps.tasks import queries as tasks
from openkap.knowledge.schema.protocol import IntegrationWindow
from openkap.web.course_scores import panels_of
from openkap.web.course_therapy import therapy_of
from openkap.web.figures.course import Course, DoseMark, EventMark, PlanBand, VisitKind, VisitMark, Window

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode
    from openkap.apps.planning.models import Plan, Visit
    from openkap.apps.tasks.models import Alert

ROUTE_WORDS = {"iv": "IV", "im": "IM", "sc": "SC", "sl": "SL", "po": "PO", "in": "IN"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """One viewer reading one chart at one moment; what is read twice is fetched once."""

    viewer: User
    patient: Patient
    now: datetime

    def may(self, permission: Permission) -> bool:
        """Whether the viewer holds `permission` on this patient."""
        return people.holds(self.viewer, permission, self.patient)

    @cached_property
    def given(self) -> list[DoseGiven]:
        """Doses really given, whoever may see them; ask `sees_doses` before showing any."""
        return dosing.doses_of(self.patient, self.now)

    @cached_property
    def sees_doses(self) -> bool:
        return self.may(Permission.DOSING_READ)

    @cached_property
    def plan(self) -> "Plan | None":
        """The active plan, else the latest one."""
        return planning.current_plan(self.patient)

    @cached_property
    def episode(self) -> "Episode | None":
        """The course of treatment the patient is in."""
        return assessment.current_episode(self.patient)

    @cached_property
    def alerts(self) -> list["Alert"]:
        """All alerts about the patient, the newest first."""
        return list(tasks.alerts_of(self.patient))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the patient's site."""
        return ZoneInfo(self.patient.site.time_zone)

    def local(self, moment: datetime) -> datetime:
        """A moment on the clock of the patient's site, without its zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    @property
    def today(self) -> date:
        """The date at the patient's site."""
        return self.local(self.now).date()


def course_of(reader: Reader) -> Course:
    """The whole course: visits for who may read the chart, doses and therapy for who may read these."""
    indication = reader.episode.indication if reader.episode else ""
    return replace(frame_of(reader), panels=panels_of(reader.patient, reader.now, indication))


def frame_of(reader: Reader) -> Course:
    """The course without its measures."""
    patient = reader.patient
    visits = [visit for visit in planning.visits_of(patient) if visit.state != "cancelled"]
    return Course(
        today=reader.today,
        bands=tuple(bands_of(visits, reader.today)),
        doses=tuple(_doses(reader, visits)) if reader.sees_doses else (),
        visits=tuple(_visits(visits)),
        therapy=therapy_of(patient) if reader.may(Permission.THERAPY_READ) else (),
        events=tuple(_events(reader)),
        window=_window(reader.plan),
    )


def doses_of(reader: Reader) -> tuple[DoseMark, ...]:
    """Doses given, for those who may read sessions; none for others."""
    return tuple(_doses(reader, ())) if reader.sees_doses else ()


def _events(reader: Reader) -> Iterator[EventMark]:
    """What needed someone: each alert on the day it was raised."""
    for alert in sorted(reader.alerts, key=lambda alert: alert.raised_at):
        yield EventMark(reader.local(alert.raised_at).date(), str(alert.words))


def _window(plan: "Plan | None") -> Window | None:
    """The protocol's own window of raised plasticity; never without the word that says how sure it is."""
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


def _doses(reader: Reader, visits: Iterable["Visit"]) -> Iterator[DoseMark]:
    """Those given by what was given, then those planned."""
    for dose in reader.given:
        yield DoseMark(
            number=dose.number,
            at=reader.local(dose.at),
            amount=amount_words(dose.given_mg, dose.route),
            incomplete=dose.over_at is not None and dose.given_mg < dose.ordered_mg,
        )
    dosed = {reader.local(dose.at).date() for dose in reader.given}
    ahead = [visit for visit in visits if _awaits_dose(visit) and visit.on not in dosed]
    for number, visit in enumerate(ahead, start=len(reader.given) + 1):
        yield DoseMark(number, datetime.combine(visit.on, visit.at), _("not given yet"), planned=True)


def _awaits_dose(visit: "Visit") -> bool:
    return visit.kind == VisitKind.DOSING.value and visit.state in {"planned", "arrived"}


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
    parts = sorted(starts.items())
    ends = [following - DAY for _part_after, following in parts[1:]] + [visit.on for visit in rows[-1:]]
    for (part, first), end in zip(parts, ends, strict=True):
        until = max(first, end)
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
