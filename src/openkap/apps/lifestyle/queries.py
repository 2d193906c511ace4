"""Weeks as patients told them, and days as their devices counted them. Check the viewer beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from openkap.apps.lifestyle.models import DayCount, DeviceFile
from openkap.apps.lifestyle.reading import reading, said
from openkap.apps.measures import queries as measures
from openkap.core.lifestyle import Kind
from openkap.errors import NotFound
from openkap.knowledge.schema.lifestyle_reading import LifestyleAspect

if TYPE_CHECKING:
    from openkap.apps.measures.models import Response
    from openkap.apps.people.models import Patient

WEEKS_SHOWN = 12


@dataclass(frozen=True)
class Told:
    """One answer of one week. `value` is None where there is none; `look` says why staff look at it, or ''."""

    aspect: LifestyleAspect
    value: int | None
    label: str
    look: str

    @property
    def short(self) -> str:
        """What it is about, in a word."""
        return said(self.aspect.short)


@dataclass(frozen=True)
class Week:
    """The answers about the week that ended on `day`."""

    day: date
    response_id: UUID
    told: tuple[Told, ...]

    @property
    def looks(self) -> list[Told]:
        """What staff look at."""
        return [one for one in self.told if one.look]


def weeks_of(patient: "Patient", most: int = WEEKS_SHOWN) -> list[Week]:
    """The last weeks that the patient told of, oldest first."""
    rows = measures.responses_of(patient).filter(instrument_id=reading().instrument)
    latest = list(rows.select_related("patient__site").reverse()[:most])[::-1]
    return [week_of(response) for response in latest]


def week_of(response: "Response") -> Week:
    """What one filled form tells of its week."""
    zone = ZoneInfo(response.patient.site.time_zone)
    instrument = measures.instrument_of(response)
    items = {item.id: item for item in instrument.items}
    told = []
    for aspect in reading().aspects:
        given = response.answers.get(aspect.item)
        value = given if isinstance(given, int) else None
        choices = instrument.choices_of(items[aspect.item]) if aspect.item in items else ()
        label = next((said(choice.label) for choice in choices if choice.value == value), "")
        told.append(Told(aspect, value, label, _look(aspect, value)))
    return Week(response.administered_at.astimezone(zone).date(), response.public_id, tuple(told))


def days_of(patient: "Patient", since: date) -> dict[Kind, list[DayCount]]:
    """The number that holds for each day since then, by kind and day."""
    rows = (
        DayCount.objects.filter(patient=patient, on__gte=since)
        .order_by("kind", "on", "-id")
        .distinct("kind", "on")
    )
    found: dict[Kind, list[DayCount]] = {kind: [] for kind in Kind}
    for row in rows:
        found[Kind(row.kind)].append(row)
    return found


def files_of(patient: "Patient") -> QuerySet[DeviceFile]:
    """The files whose days are kept, the newest first, each with how many days."""
    rows = DeviceFile.objects.filter(patient=patient, removed_at__isnull=True)
    counted = rows.annotate(n_days=Count("days__on", distinct=True))
    return counted.select_related("recorded_by", "patient").order_by("-recorded_at", "-id")


def file_of(patient: "Patient", file_id: UUID) -> DeviceFile:
    """One file of the patient whose days are kept. Raises `NotFound`."""
    found = files_of(patient).filter(public_id=file_id).first()
    if found is None:
        raise NotFound("There is no such file of yours.")
    return found


def today_of(patient: "Patient", now: datetime) -> date:
    """The local date at the patient's site."""
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


@dataclass(frozen=True)
class WeekOfDays:
    """What devices counted in the seven days from a Monday on: the mean of the days there are, and how many."""

    monday: date
    mean: int
    n: int


def by_week(days: Iterable[DayCount]) -> list[WeekOfDays]:
    """Means by week, the latest first. Days without a number are no noughts: they are not in the mean."""
    weeks: dict[date, list[int]] = {}
    for one in days:
        weeks.setdefault(one.on - timedelta(days=one.on.weekday()), []).append(one.amount)
    return [
        WeekOfDays(monday, round(sum(given) / len(given)), len(given))
        for monday, given in sorted(weeks.items(), reverse=True)
    ]


def _look(aspect: LifestyleAspect, value: int | None) -> str:
    if aspect.look is None or value is None or value < aspect.look.at_least:
        return ""
    return said(aspect.look.why)
