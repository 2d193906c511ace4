"""Between the core's plans and the stored rows, and the calendar of a site."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import gettext as _

from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import VisitState
from openkap.core.planning import (
    OpenDays,
    Options,
    PlannedVisit,
    PlannedVisits,
    Reason,
    ReasonCode,
    VisitTimes,
    compile_plan,
)
from openkap.errors import BadInput, NotFound
from openkap.knowledge.loader import versions_of
from openkap.knowledge.schema.protocol import Protocol, VisitKind

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

YEARS_AHEAD = 3
FARTHEST = timedelta(days=365)  # a day further ahead is a slip of the pen
WEEKEND = frozenset({5, 6})


@dataclass(frozen=True)
class Choices:
    """What the person who starts a plan chooses about days. Weekdays count Monday as 0."""

    closed_weekdays: frozenset[int] = WEEKEND
    preferred_weekdays: frozenset[int] = frozenset()
    first_dose_from: date | None = None
    closed_dates: frozenset[date] = field(default_factory=frozenset)  # besides public holidays
    dose_at: time = VisitTimes.dosing  # when dosing visits begin, on the site's clock
    talk_at: time = VisitTimes.integration  # when integration visits begin

    def as_json(self) -> dict[str, Any]:
        return {
            "closed_weekdays": sorted(self.closed_weekdays),
            "preferred_weekdays": sorted(self.preferred_weekdays),
            "first_dose_from": self.first_dose_from.isoformat() if self.first_dose_from else None,
            "closed_dates": sorted(day.isoformat() for day in self.closed_dates),
            "dose_at": f"{self.dose_at:%H:%M}",
            "talk_at": f"{self.talk_at:%H:%M}",
        }

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> "Choices":
        first = stored["first_dose_from"]
        return cls(
            frozenset(stored["closed_weekdays"]),
            frozenset(stored["preferred_weekdays"]),
            date.fromisoformat(first) if first else None,
            frozenset(date.fromisoformat(day) for day in stored["closed_dates"]),
            time.fromisoformat(stored["dose_at"]),
            time.fromisoformat(stored["talk_at"]),
        )


def public_holidays(jurisdiction: str, start: date) -> frozenset[date]:
    """Public holidays of a jurisdiction such as 'US-CA' from the year of `start`; none where unknown."""
    country, __, part = jurisdiction.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (part and part not in known[country]):
        return frozenset()
    years = range(start.year, start.year + YEARS_AHEAD)
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))


def options_for(site: "Site", start: date, choices: Choices) -> Options:
    """The site's zone and open days, with what was chosen for this plan."""
    closed = public_holidays(site.jurisdiction, start) | choices.closed_dates
    days = OpenDays(choices.closed_weekdays, closed, choices.preferred_weekdays)
    times = VisitTimes(dosing=choices.dose_at, integration=choices.talk_at)
    return Options(ZoneInfo(site.time_zone), days, times, choices.first_dose_from)


def check_days(start: date, choices: Choices, today: date) -> None:
    """Raise `BadInput` where a day is past, or further ahead than anybody plans."""
    if start < today:
        raise BadInput(_("A plan cannot start in the past."), field="start")
    if start - today > FARTHEST:
        raise BadInput(_("A plan starts within a year."), field="start")
    for name, at in (("dose_at", choices.dose_at), ("talk_at", choices.talk_at)):
        if not VisitTimes.day_begins <= at <= VisitTimes.day_ends:
            raise BadInput(_("Visits begin between 8:00 and 18:00."), field=name)
    if choices.first_dose_from is not None and abs(choices.first_dose_from - start) > FARTHEST:
        raise BadInput(_("The first dose lies within a year of the start."), field="first_dose_from")


def preview(protocol: Protocol, site: "Site", start: date, choices: Choices) -> PlannedVisits:
    """The dated visits that a plan would have. Raises `CannotPlan`."""
    return compile_plan(protocol, start, options_for(site, start, choices))


def protocol_version(protocol_id: str, version: int) -> Protocol:
    """The protocol as it was when the plan started. Raises `NotFound`."""
    records: tuple[Protocol, ...] = versions_of("protocols", Protocol)
    for record in records:
        if (record.id, record.version) == (protocol_id, version):
            return record
    raise NotFound(
        "There is no version %(version)s of the protocol '%(protocol_id)s'.",
        version=version,
        protocol_id=protocol_id,
    )


def columns_of(visit: PlannedVisit) -> dict[str, Any]:
    """What of a planned visit may change with a move."""
    return {
        "on": visit.on,
        "at": visit.at,
        "starts_at": visit.starts_at,
        "earliest": visit.earliest,
        "latest": visit.latest,
        "reasons": [
            [reason.code.value, reason.meant.isoformat() if reason.meant else None] for reason in visit.reasons
        ],
    }


def planned(row: Visit) -> PlannedVisit:
    """A stored visit as the core takes it."""
    return PlannedVisit(
        ordinal=row.ordinal,
        kind=VisitKind(row.kind),
        around=row.around,
        dose_number=row.dose_number,
        on=row.on,
        at=row.at,
        zone=ZoneInfo(row.time_zone),
        earliest=row.earliest,
        latest=row.latest,
        measures=tuple(row.measures),
        at_a_distance=row.at_a_distance,
        reasons=reasons_of(row),
    )


def reasons_of(row: Visit) -> tuple[Reason, ...]:
    """Why the visit lies where it lies."""
    return tuple(
        Reason(ReasonCode(code), date.fromisoformat(meant) if meant else None) for code, meant in row.reasons
    )


def compiled(plan: Plan, rows: list[Visit]) -> PlannedVisits:
    """The stored plan as the core takes it."""
    return PlannedVisits(plan.protocol_id, plan.protocol_version, tuple(planned(row) for row in rows))


def settled(rows: list[Visit]) -> frozenset[int]:
    """Ordinals of the visits that are over or under way: no move touches them."""
    over = {VisitState.DONE.value, VisitState.ARRIVED.value}
    return frozenset(row.ordinal for row in rows if row.state in over)


def dropped(rows: list[Visit], moving: Visit) -> frozenset[int]:
    """Ordinals of the visits that do not take place."""
    away = {VisitState.CANCELLED.value, VisitState.MISSED.value}
    return frozenset(row.ordinal for row in rows if row.state in away and row.pk != moving.pk)


def last_day(visits: PlannedVisits) -> date:
    """The local date of the last visit."""
    return max(visit.on for visit in visits.visits)


def day_number(plan: Plan, on: date) -> int:
    """Day of the plan on a local date: its start is day 1."""
    return (on - plan.started_on) // timedelta(days=1) + 1
