"""A dosing session as it usually goes: arrival, an infusion, two hours of readings, leaving."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.dosing import operations as dosing
from openkap.apps.dosing import queries as dosing_queries
from openkap.apps.dosing.entries import Entry
from openkap.apps.dosing.models import Session
from openkap.apps.planning import operations as planning
from openkap.apps.planning.models import Visit
from openkap.apps.sites.rows import new_id
from openkap.core.monitoring.events import Kind
from openkap.jobs.demo.personas import Persona
from openkap.jobs.demo.staff import House

MINUTE = timedelta(minutes=1)
TO_DOSE = 30 * MINUTE  # from the visit's start to the dose
LAST_MINUTE = 104
UNSIGNED_SINCE = timedelta(days=2)
CHAIRS = 12
# minute: how far the pressure has risen, as a share of this session's peak; dissociation, 0 to 10
COURSE = {
    10: (0.5, 4),
    20: (0.8, 6),
    30: (1.0, 7),
    40: (1.0, 5),
    55: (0.6, 2),
    70: (0.3, 1),
    85: (0.1, 0),
    100: (0.0, 0),
}
NOTE = "Music softer on request. Calm, speaks a few words."
CHECKS = ("oriented", "walks", "suicide-screen", "escort", "plan")


@dataclass(frozen=True)
class Happening:
    """One event to be entered `minute` minutes after the dose began."""

    minute: float
    kind: Kind
    payload: Mapping[str, Any]


@dataclass
class Sitting:
    """One session and who is in it."""

    persona: Persona
    house: House
    visit: Visit
    now: datetime
    random: Random

    @property
    def zero(self) -> datetime:
        return self.visit.starts_at + TO_DOSE

    def run(self) -> Iterator[datetime]:
        """From arrival to signature; yields when it wants to go on. Live where it reaches beyond `now`."""
        monitor = self.random.choice(self.house.monitors)
        planning.arrive(by=monitor, now=self.visit.starts_at, visit=self.visit)
        yield self.zero - 22 * MINUTE
        session = dosing.open_session(
            by=monitor, now=self.zero - 22 * MINUTE, visit=self.visit, chair=self._free_chair()
        )
        is_live = self.zero + (LAST_MINUTE + 5) * MINUTE > self.now
        before = list(self._before())
        yield from self._enter(session, before, monitor, live=is_live)
        yield self.zero
        amount = dosing_queries.state_of(session, self.zero).ordered_mg
        yield from self._enter(session, list(self._after(amount)), monitor, live=is_live)
        over = self.zero + LAST_MINUTE * MINUTE
        yield over
        if over > self.now - UNSIGNED_SINCE and self.random.random() < 0.3:
            return  # the prescriber has not come to it yet
        dosing.sign(by=self.house.prescriber, now=over, session_id=session.public_id)

    def _enter(
        self, session: Session, happenings: list[Happening], by: User, *, live: bool
    ) -> Iterator[datetime]:
        """Live sessions one by one as they happen, past ones together at the end."""
        groups = [[one] for one in happenings] if live else [happenings]
        for group in groups:
            at = self.zero + group[-1].minute * MINUTE
            yield at
            entries = [
                Entry(new_id(), one.kind, self.zero + one.minute * MINUTE, dict(one.payload)) for one in group
            ]
            outcomes = dosing.record_events(by=by, now=at, session_id=session.public_id, entries=entries)
            refused = [outcome.reason for outcome in outcomes if outcome.reason]
            if refused:
                raise RuntimeError(f"the made-up session does not go by the rules: {refused}")

    def _free_chair(self) -> str:
        taken = set(dosing_queries.open_sessions(self.house.site.pk).values_list("chair", flat=True))
        return next(str(number) for number in range(1, CHAIRS + 1) if str(number) not in taken)

    def _before(self) -> Iterator[Happening]:
        kg = round(self.persona.kg + self.random.uniform(-0.6, 0.6), 1)
        yield Happening(-20, Kind.ARRIVED, {})
        yield Happening(-19, Kind.IDENTITY_CHECKED, {"by": ["name", "birth-date"]})
        yield Happening(-17, Kind.WEIGHT_MEASURED, {"kg": str(kg)})
        yield Happening(-15, Kind.ESCORT_NAMED, {"name": self.persona.contact, "phone": self.persona.phone})
        yield self._vitals(-10, 0, 0)

    def _after(self, amount: Any) -> Iterator[Happening]:
        yield Happening(0, Kind.DOSE_STARTED, {"amount_mg": f"{amount:f}"})
        peak = self.random.randint(8, 26)
        for minute, (share, dissociation) in COURSE.items():
            yield self._vitals(minute, round(peak * share), dissociation)
            if minute == 40:
                yield Happening(minute, Kind.DOSE_ENDED, {})
            if minute == 55 and self.random.random() < 0.4:
                yield Happening(56, Kind.NOTE_WRITTEN, {"text": NOTE})
        for check in CHECKS:
            yield Happening(101, Kind.CHECK_RECORDED, {"condition": check, "met": True})
        yield Happening(102, Kind.DISCHARGE_DECIDED, {"outcome": "released"})
        yield Happening(103, Kind.ENDED, {})

    def _vitals(self, minute: float, rise: int, dissociation: int) -> Happening:
        random = self.random
        values = {
            "systolic": self.persona.systolic + rise + random.randint(-3, 3),
            "diastolic": self.persona.diastolic + round(rise * 0.6) + random.randint(-2, 2),
            "heart-rate": 66 + random.randint(-6, 10) + rise // 3,
            "spo2": random.choice((97, 98, 98, 99)),
            "moaas": 5 if dissociation < 5 else 4,
            "dissociation": dissociation,
            "nausea": 0 if random.random() < 0.85 else 2,
        }
        if minute in {-10, 100}:
            values |= {"moaas": 5, "nausea": 0, "dissociation": 0, "spo2": 98}
        return Happening(minute, Kind.VITALS_RECORDED, {"values": values, "room_air": True})
