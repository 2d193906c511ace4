"""The header every page of a chart shows, composed from what the apps know about the patient."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLES, Permission
from openkap.apps.people.models import Patient
from openkap.web.context import initials_of
from openkap.web.navigation import exists


@dataclass(frozen=True)
class HeaderItem:
    """One fact of the header; `icon` for those that are a state."""

    label: str
    value: str
    note: str = ""
    icon: str = ""


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
    ("assessment/", gettext_lazy("Assessment"), Permission.CHART_READ),
    ("plan/", gettext_lazy("Plan"), Permission.CHART_READ),
    ("sessions/", gettext_lazy("Sessions"), Permission.DOSING_READ),
    ("therapy/", gettext_lazy("Therapy"), Permission.THERAPY_READ),
    ("measures/", gettext_lazy("Measures"), Permission.CHART_READ),
    ("access-log/", gettext_lazy("Access log"), Permission.CHART_READ),
)


def age_on(day: date, birth_date: date) -> int:
    """Whole years lived on `day`."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def header_for(viewer: User, patient: Patient, today: date) -> ChartHeader:
    """The header of `patient`'s chart as `viewer` may see it, on the patient's local date `today`."""
    name = f"{patient.given_name} {patient.family_name}"
    return ChartHeader(
        name=name,
        initials=initials_of(name),
        birth_date=patient.birth_date,
        age=age_on(today, patient.birth_date),
        pronouns=patient.pronouns,
        record_number=patient.record_number,
        items=[],
    )


def tabs_for(viewer: User, patient_id: UUID, path: str) -> list[Tab]:
    """The tabs that exist and that `viewer` may open; the one that `path` belongs to is current."""
    held = frozenset(p for roles in access.roles_of(viewer).values() for role in roles for p in ROLES[role])
    root = f"/patients/{patient_id}/"
    return [
        Tab(str(label), root + tail, path == root if not tail else path.startswith(root + tail))
        for tail, label, permission in TABS
        if permission in held and exists(root + tail)
    ]
