"""The header every page of a chart shows, composed from what the apps know about the patient."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.chart.allergies import Allergies, allergies_shown
from openkap.apps.consent.queries import standing_of
from openkap.apps.planning import queries as planning
from openkap.apps.safety.queries import standing_of as standing_of_risk
from openkap.apps.safety.shown import level_shown
from openkap.core.assessment.suicide_risk import Level
from openkap.web.context import initials_of, permissions_of
from openkap.web.course_of import Reader, amount_words
from openkap.web.figures.course import VisitKind
from openkap.web.figures.marks import KIND_WORDS
from openkap.web.navigation import exists
from openkap.web.status import lookup


@dataclass(frozen=True)
class HeaderItem:
    """One fact of the header; `icon` for those that are a state."""

    label: str
    value: str
    note: str = ""
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True)
class ChartHeader:
    """Who the chart is about, by two identifiers, and what nobody may overlook."""

    name: str
    initials: str
    birth_date: date
    age: int
    pronouns: str
    record_number: str
    items: list[HeaderItem]


@dataclass(frozen=True)
class Tab:
    """One tab of the chart."""

    label: str
    path: str
    current: bool


TABS: tuple[tuple[str, Promise | str, Permission], ...] = (
    ("", gettext_lazy("Timeline"), Permission.CHART_READ),
    ("record/", gettext_lazy("Record"), Permission.CHART_READ),
    ("assessment/", gettext_lazy("Assessment"), Permission.CHART_READ),
    ("plan/", gettext_lazy("Plan"), Permission.CHART_READ),
    ("sessions/", gettext_lazy("Sessions"), Permission.DOSING_READ),
    ("therapy/", gettext_lazy("Therapy"), Permission.THERAPY_READ),
    ("journal/", gettext_lazy("Journal"), Permission.THERAPY_READ),
    ("measures/", gettext_lazy("Measures"), Permission.CHART_READ),
    ("safety/", gettext_lazy("Safety"), Permission.CHART_READ),
    ("details/", gettext_lazy("Details"), Permission.CHART_READ),
    ("access-log/", gettext_lazy("Access log"), Permission.ACCESS_LOG_READ),
)


# The steps of an assessment, in the order they are taken; one without a page in this installation is left out.
ASSESSMENT_STEPS: tuple[tuple[str, Promise | str, Permission], ...] = (
    ("assessment/", gettext_lazy("Findings"), Permission.CHART_READ),
    ("assessment/history/", gettext_lazy("History"), Permission.CHART_READ),
    ("assessment/clearance/", gettext_lazy("Clearance"), Permission.CHART_READ),
    ("assessment/method/", gettext_lazy("Method"), Permission.CHART_READ),
    ("assessment/options/", gettext_lazy("Options"), Permission.CHART_READ),
    ("assessment/consent/", gettext_lazy("Consent"), Permission.CHART_READ),
    ("assessment/summary/", gettext_lazy("Summary"), Permission.CHART_READ),
)


def age_on(day: date, birth_date: date) -> int:
    """Whole years lived on `day`."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def header_for(reader: Reader) -> ChartHeader:
    """The header of the chart as its reader may see it."""
    patient, today = reader.patient, reader.today
    name = patient.name
    items = [_allergies(reader), _indication(reader), _last_dose(reader), _plan(reader), _consent(reader)]
    return ChartHeader(
        name=name,
        initials=initials_of(name),
        birth_date=patient.birth_date,
        age=age_on(today, patient.birth_date),
        pronouns=patient.pronouns,
        record_number=patient.record_number,
        items=[item for item in (_risk(reader), _suicide_risk(reader), *items) if item],
    )


def _risk(reader: Reader) -> HeaderItem | None:
    """Unanswered alerts about the patient's safety: the most urgent, and how many more."""
    alerts = [alert for alert in reader.alerts if alert.acknowledged_at is None]
    if not alerts:
        return None
    first = next((alert for alert in alerts if alert.severity == "now"), alerts[0])
    more = len(alerts) - 1
    note = (
        ngettext("and %(n)s more open", "and %(n)s more open", more) % {"n": more}
        if more
        else _("not acknowledged")
    )
    return HeaderItem(_("Needs someone now"), str(first.words), note, icon="alert-triangle", tone="over")


def _suicide_risk(reader: Reader) -> HeaderItem | None:
    """The level with the day since when; nothing where nothing is known of it yet and nobody is treated."""
    standing = standing_of_risk(reader.patient)
    if standing.level is Level.NOT_ASSESSED and reader.episode is None:
        return None
    shown = level_shown(standing.level)
    day = formats.date_format(reader.local(standing.since), "MONTH_DAY_FORMAT") if standing.since else ""
    note = _("no dose") if standing.hold else day
    tone = "over" if standing.hold or standing.level is Level.HIGH else ""
    return HeaderItem(_("Suicide risk"), shown.word, note, lookup(shown.tone).icon, tone)


def _allergies(reader: Reader) -> HeaderItem:
    """What is known; that nobody asked is not the same as none."""
    shown = allergies_shown(reader.patient, reader.now)
    found = shown.names
    if shown.none_known:
        return HeaderItem(_("Allergies"), _("No known allergies"), _stated(shown))
    if not found:
        return HeaderItem(_("Allergies"), _("Not known"), _("not recorded; ask"), icon="help-circle")
    more = len(found) - 2
    note = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more} if more > 0 else ""
    return HeaderItem(_("Allergies"), ", ".join(found[:2]), note, icon="alert-triangle")


def _stated(shown: Allergies) -> str:
    """When it was said that there is none, and who noted it."""
    day = formats.date_format(shown.stated_on, "MONTH_DAY_FORMAT") if shown.stated_on else ""
    return ", ".join(part for part in (day, shown.stated_by) if part)


def _indication(reader: Reader) -> HeaderItem:
    episode = reader.episode
    if episode is None:
        return HeaderItem(_("Indication"), _("Not set"), icon="help-circle")
    drug = f"{episode.get_drug_display()}, {episode.get_route_display()}"
    return HeaderItem(_("Indication"), str(episode.get_indication_display()), drug)


def _last_dose(reader: Reader) -> HeaderItem | None:
    """Only for those who may read sessions."""
    if not reader.sees_doses:
        return None
    if not reader.given:
        return HeaderItem(_("Last dose"), _("None yet"))
    last = reader.given[-1]
    when = formats.date_format(reader.local(last.at), "MONTH_DAY_FORMAT")
    note = _("dose %(number)s, %(date)s") % {"number": last.number, "date": when}
    return HeaderItem(_("Last dose"), amount_words(last.given_mg, last.route), note)


def _plan(reader: Reader) -> HeaderItem:
    plan = reader.plan
    if plan is None:
        return HeaderItem(_("Plan"), _("Not started"))
    if plan.ended_at is not None:
        return HeaderItem(_("Plan"), str(plan.get_state_display()))
    day, days = planning.plan_days(plan, reader.today)
    value = _("Day %(day)s of %(days)s") % {"day": day, "days": days}
    if day > days:
        value = _("%(days)s days, all past") % {"days": days}
    elif day < 1:
        value = _("Begins %(date)s") % {"date": formats.date_format(plan.started_on, "MONTH_DAY_FORMAT")}
    return HeaderItem(_("Plan"), value, _phase_words(planning.current_phase(plan)))


def _consent(reader: Reader) -> HeaderItem | None:
    """That a plan runs without a consent that holds; nothing when it does."""
    if reader.plan is None or reader.plan.ended_at is not None or reader.episode is None:
        return None
    standing = standing_of(reader.patient, reader.episode.drug, reader.episode.route, reader.now)
    if standing.is_valid:
        return None
    tone = "over" if standing.tone == "blocked" else ""
    return HeaderItem(_("Consent"), standing.words, _("no dose until it is valid"), "alert-triangle", tone)


def _phase_words(kind: str) -> str:
    """Which kind of visit comes next."""
    known = VisitKind(kind) if kind else None
    return _("next: %(kind)s") % {"kind": KIND_WORDS[known]} if known else ""


def tabs_for(viewer: User, patient_id: UUID, path: str) -> list[Tab]:
    """The tabs that exist and that `viewer` may open; the one that `path` belongs to is current."""
    held = permissions_of(viewer)
    root = f"/patients/{patient_id}/"
    return [
        Tab(str(label), root + tail, path == root if not tail else path.startswith(root + tail))
        for tail, label, permission in TABS
        if permission in held and exists(root + tail)
    ]


def assessment_steps_for(viewer: User, patient_id: UUID, path: str) -> list[Tab]:
    """The steps of the assessment that exist and that `viewer` may open."""
    held = permissions_of(viewer)
    first = f"/patients/{patient_id}/{ASSESSMENT_STEPS[0][0]}"
    steps = []
    for tail, label, permission in ASSESSMENT_STEPS:
        address = f"/patients/{patient_id}/{tail}"
        current = path == address if address == first else path.startswith(address)
        if permission in held and exists(address):
            steps.append(Tab(str(label), address, current))
    return steps
