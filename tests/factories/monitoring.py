"""Events of a session as a test writes them: minutes from the planned start, and the rest by name."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from openkap.core.monitoring.events import Event, Kind
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.rules import Monitoring, monitoring_for
from openkap.core.monitoring.state import SessionState, state
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.monitoring import MonitoringRecord
from openkap.units import Drug, Route

ZERO = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
CALM = {
    "systolic": 128, "diastolic": 80, "heart-rate": 70, "spo2": 98, "moaas": 5, "dissociation": 0, "nausea": 0,
}  # fmt: skip
CHECKS = ("oriented", "walks", "suicide-screen", "escort", "plan")


def minute(minutes: float) -> datetime:
    """The moment so many minutes after the start of the test's session."""
    return ZERO + timedelta(minutes=minutes)


def signed_off(drug: Drug = Drug.KETAMINE, route: Route = Route.IV) -> Monitoring:
    """The package's monitoring records, all adopted by a director."""
    return monitoring_for(read_kind("monitoring", MonitoringRecord).values(), drug, route, lambda _: True)


def infusion(minutes: int = 40) -> Order:
    """0.5 mg/kg of ketamine into a vein."""
    return Order(
        Drug.KETAMINE,
        Route.IV,
        timedelta(minutes=minutes),
        mg_per_kg=Decimal("0.5"),
        age=42,
        consented=True,
        risk_allows=True,
        uncleared=(),
    )


@dataclass
class Diary:
    """A stream that grows by one event a call, in the order of storage."""

    order: Order = field(default_factory=infusion)
    monitoring: Monitoring = field(default_factory=signed_off)
    events: list[Event] = field(default_factory=list)

    def add(self, at: float, kind: Kind | str, /, **payload: Any) -> UUID:
        seq = len(self.events) + 1
        event = Event(UUID(int=seq), seq, minute(at), "Dana Okafor RN", Kind(kind), payload)
        self.events.append(event)
        return event.id

    def vitals(self, at: float, **changed: float) -> UUID:
        values = CALM | {name.replace("_", "-"): value for name, value in changed.items()}
        return self.add(at, "vitals-recorded", values=values, room_air=True)

    def until_ready(self, weight: str = "70") -> "Diary":
        self.add(-20, "arrived")
        self.add(-19, "identity-checked", by=["name", "birth-date"])
        self.add(-18, "weight-measured", kg=weight)
        self.add(-17, "escort-named", name="Ana Reyes")
        self.vitals(-10)
        return self

    def until_dose(self, amount: str = "35.0") -> "Diary":
        self.until_ready()
        self.add(0, "dose-started", amount_mg=amount)
        return self

    def until_over(self) -> "Diary":
        self.until_dose()
        for at in (10, 20, 30, 40):
            self.vitals(at, systolic=140, dissociation=5)
        self.add(40, "dose-ended")
        return self

    def until_leavable(self) -> "Diary":
        self.until_over()
        for at in (55, 70, 85, 100):
            self.vitals(at)
        for check in CHECKS:
            self.add(101, "check-recorded", condition=check, met=True)
        return self

    def at(self, minutes: float) -> SessionState:
        return state(tuple(self.events), self.order, self.monitoring, minute(minutes))

    def reasons(self, minutes: float = 500) -> list[str]:
        return [rejection.code for rejection in self.at(minutes).rejected]
