"""What planning takes and gives. Dates and times are local to the site; instants are compared in UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from openkap.core.planning.calendar import OpenDays, instant
from openkap.errors import NotAllowedNow
from openkap.knowledge.schema.protocol import VisitKind


class CannotPlan(NotAllowedNow):
    """No dates satisfy the protocol; the message says which dose and why."""

    code: ClassVar[str] = "cannot-plan"


class ReasonCode(StrEnum):
    """Why a visit lies where it lies, when that is not where the protocol would have it."""

    CLOSED_DAY = "closed-day"  # the day the rhythm asks for is closed
    PREFERRED_WEEKDAY = "preferred-weekday"  # moved to a weekday that suits better
    FOR_INTEGRATION = "for-integration"  # moved so that integration can follow as the protocol wants it
    GAP_LONGER = "gap-longer"  # no open day before the longest gap the protocol has
    OUTSIDE_WINDOW = "outside-window"  # no open day inside the visit's own window
    MOVED_BY_HAND = "moved-by-hand"
    SPACING_KEPT = "spacing-kept"  # moved because an earlier dose moved


@dataclass(frozen=True)
class Reason:
    """`meant` is the local date the rhythm asked for, where there is one."""

    code: ReasonCode
    meant: date | None = None


@dataclass(frozen=True)
class VisitTimes:
    """At what local time visits of each kind usually start, and when the site's day begins and ends."""

    dosing: time = time(9)
    preparation: time = time(14)
    integration: time = time(11)
    assessment: time = time(14)
    check_in: time = time(10)
    day_begins: time = time(8)
    day_ends: time = time(18)

    def of(self, kind: VisitKind) -> time:
        usual = {
            VisitKind.DOSING: self.dosing,
            VisitKind.PREPARATION: self.preparation,
            VisitKind.INTEGRATION: self.integration,
            VisitKind.ASSESSMENT: self.assessment,
            VisitKind.CHECK_IN: self.check_in,
        }
        return usual[kind]


@dataclass(frozen=True)
class Options:
    """What the site and the patient bring to a plan."""

    zone: ZoneInfo
    open_days: OpenDays = field(default_factory=OpenDays)
    times: VisitTimes = field(default_factory=VisitTimes)
    first_dose_from: date | None = None  # not before this date, even when the rest would allow it


@dataclass(frozen=True)
class PlannedVisit:
    """One visit. `dose_number`: of a dosing visit its own, of another the dose it belongs to.

    `earliest` and `latest` are the instants (UTC) between which the protocol wants the visit to start.
    """

    ordinal: int
    kind: VisitKind
    around: str  # id of the protocol's visit, '' for dosing
    dose_number: int
    on: date
    at: time
    zone: ZoneInfo
    earliest: datetime
    latest: datetime
    measures: tuple[str, ...] = ()
    at_a_distance: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def starts_at(self) -> datetime:
        """The planned start as an instant (UTC)."""
        return instant(self.on, self.at, self.zone)

    @property
    def in_window(self) -> bool:
        """Whether the planned start lies where the protocol wants it."""
        return self.earliest <= self.starts_at <= self.latest


@dataclass(frozen=True)
class PlannedVisits:
    """A compiled plan: its visits in order of time, and the record and version it came from."""

    protocol_id: str
    protocol_version: int
    visits: tuple[PlannedVisit, ...]

    @property
    def doses(self) -> tuple[PlannedVisit, ...]:
        """The dosing visits by dose number."""
        dosing = (visit for visit in self.visits if visit.kind is VisitKind.DOSING)
        return tuple(sorted(dosing, key=lambda visit: visit.dose_number))

    def visit(self, ordinal: int) -> PlannedVisit:
        """The visit of that ordinal. Raises `CannotPlan`."""
        for visit in self.visits:
            if visit.ordinal == ordinal:
                return visit
        raise CannotPlan("This plan has no visit %(ordinal)s.", ordinal=ordinal)
