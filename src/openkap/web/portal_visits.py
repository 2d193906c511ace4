"""Visits as their patient reads them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from openkap.apps.planning import queries as planning
from openkap.apps.planning.models import Visit
from openkap.apps.planning.states import VisitState
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

SHOWN_TODAY = 3
STILL_SHOWN = timedelta(hours=2)  # after its beginning: somebody may be on the way

WHAT: dict[str, Promise | str] = {
    "assessment": gettext_lazy("First talk and check"),
    "preparation": gettext_lazy("Preparation"),
    "dosing": gettext_lazy("Treatment day"),
    "integration": gettext_lazy("Talk afterwards"),
    "check-in": gettext_lazy("Short check-in"),
}
ICONS = {"dosing": "armchair", "integration": "message", "check-in": "phone", "preparation": "book-2"}


@dataclass(frozen=True)
class OwnVisit:
    """One visit, on the site's clock."""

    day: date
    at: time
    what: str
    where: str
    icon: str


def visits_ahead(patient: "Patient", now: datetime) -> list[OwnVisit]:
    """What is planned from now on, by time."""
    planned = (VisitState.PLANNED.value, VisitState.ARRIVED.value)
    rows = planning.visits_of(patient).filter(state__in=planned, starts_at__gte=now - STILL_SHOWN)
    return [_own(visit) for visit in rows]


def visits_behind(patient: "Patient") -> list[OwnVisit]:
    """What took place, latest first."""
    return [_own(visit) for visit in planning.visits_of(patient).filter(state=VisitState.DONE.value).reverse()]


def weekday_in_words(day: date) -> str:
    """'Sunday 22 November', 'domingo 22 de noviembre': as it stands within a sentence."""
    words = formats.date_format(day, "WEEKDAY_FORMAT")
    return words if get_language() in {None, "en"} else words.lower()


def _day(day: date, today: date) -> str:
    """A day as people say it: today and tomorrow by name."""
    if day == today:
        return _("Today")
    if day == today + timedelta(days=1):
        return _("Tomorrow")
    return weekday_in_words(day)


def visit_items(patient: "Patient", now: datetime) -> list[PortalItem]:
    """The next visits, for the Today page."""
    today = timezone.localdate(now, ZoneInfo(patient.site.time_zone))
    return [
        PortalItem(
            title=f"{_day(visit.day, today)}, {formats.time_format(visit.at)}",
            why=f"{visit.what}, {visit.where}",
            url=reverse("portal:plan"),
            due=visit.day,
            icon=visit.icon,
            asks=False,
        )
        for visit in visits_ahead(patient, now)[:SHOWN_TODAY]
    ]


def _own(visit: Visit) -> OwnVisit:
    return OwnVisit(
        day=visit.on,
        at=visit.at,
        what=str(WHAT.get(visit.kind, visit.get_kind_display())),
        where=_("by phone or video") if visit.at_a_distance else visit.site.name,
        icon=ICONS.get(visit.kind, "calendar-event"),
    )
