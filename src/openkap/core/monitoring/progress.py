"""What is known of a session after some of its events: filled event by event, read by the rules."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.events import CheckRecorded, DischargeDecided, Event, Identifier, SignSeen
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.rules import Monitoring
from openkap.knowledge.schema.monitoring import Vital


@dataclass(frozen=True)
class Reading:
    """Readings taken at one moment, in the unit of each vital."""

    event: UUID
    at: datetime
    values: dict[Vital, float]
    not_asked: frozenset[Vital]
    room_air: bool | None
    author: str


@dataclass(frozen=True)
class Single:
    """One value of one vital."""

    value: float
    at: datetime
    room_air: bool | None


@dataclass(frozen=True)
class Seen:
    """A sign that was reported or seen."""

    event: UUID
    at: datetime
    sign: SignSeen


@dataclass(frozen=True)
class Rejection:
    """An event that could not be applied: a stable `code`, and what it is `about`. The event itself is kept."""

    event: UUID
    code: str
    about: tuple[str, ...] = ()


@dataclass
class Progress:
    """The running result of a fold over events in clinical order. Private to this room."""

    order: Order
    monitoring: Monitoring
    arrived_at: datetime | None = None
    identified_by: frozenset[Identifier] = frozenset()
    identified_at: datetime | None = None
    weight_kg: Decimal | None = None
    escort: str = ""
    escort_at: datetime | None = None
    readings: list[Reading] = field(default_factory=list)
    signs: list[Seen] = field(default_factory=list)
    checks: dict[str, tuple[CheckRecorded, datetime]] = field(default_factory=dict)
    decisions: dict[str, datetime] = field(default_factory=dict)
    dose: Dose | None = None
    recovery_at: datetime | None = None
    discharge: DischargeDecided | None = None
    discharged_at: datetime | None = None
    ended_at: datetime | None = None
    signed_at: datetime | None = None
    applied: list[Event] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    corrections: dict[UUID, Event] = field(default_factory=dict)

    @property
    def ordered_mg(self) -> Decimal | None:
        """What is to be given: fixed from the start of the dose, until then from today's weight."""
        return self.dose.ordered_mg if self.dose else self.order.amount_mg(self.weight_kg)

    def series(self, vital: Vital) -> list[Single]:
        """All values of one vital in clinical order."""
        return [Single(r.values[vital], r.at, r.room_air) for r in self.readings if vital in r.values]

    def last(self, vital: Vital) -> Single | None:
        found = self.series(vital)
        return found[-1] if found else None

    def baseline(self, vital: Vital) -> Single | None:
        """The last value before the dose; before any dose, the last value."""
        start = self.dose.started_at if self.dose else None
        before = [s for s in self.series(vital) if start is None or s.at <= start]
        return before[-1] if before else None

    def since_dose(self, vital: Vital) -> list[Single]:
        """Values after the dose began."""
        if self.dose is None:
            return []
        start = self.dose.started_at
        return [s for s in self.series(vital) if s.at > start]
