"""Dosing sessions for tests, made through the operations: a plan, its first dosing visit, a session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from openkap.apps.access.models import User
from openkap.apps.assessment.operations import ResultEntry, record_results
from openkap.apps.assessment.queries import lacking_for_dose
from openkap.apps.audit.operations import SystemActor
from openkap.apps.dosing import operations, queries
from openkap.apps.dosing.entries import Entry
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.operations import Outcome
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for, waits_for_decision
from openkap.apps.planning.models import Visit
from openkap.apps.planning.queries import protocol_of
from openkap.apps.sites.models import Site
from openkap.apps.sites.rows import new_id
from openkap.core.monitoring.events import Kind
from openkap.core.monitoring.state import SessionState
from tests.factories.consent import with_consent
from tests.factories.monitoring import CALM, CHECKS
from tests.factories.planning import a_plan, visits
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for

_chairs = count(101)


def sign_monitoring(director: User, site: Site, now: datetime = THEN) -> None:
    """The director adopts every monitoring record that waits for it."""
    known = knowledge_for(site, now)
    for record in known.monitoring.values():
        if waits_for_decision(known, record):
            sign_off(by=director, now=now, record_id=record.id, version=record.version, site=site, adopted=True)


def a_dosing_visit(cared: CaredFor | None = None, now: datetime = THEN) -> tuple[CaredFor, Visit]:
    """The first dosing visit of a plan, with a consent valid since `now`."""
    cared = cared or cared_for()
    visit = visits(a_plan(cared), "dosing")[0]
    with_consent(cared, now)
    return cared, visit


def examined(visit: Visit, now: datetime) -> None:
    """What medical clearance still lacks for the dose of this visit was done on that day, and is normal."""
    protocol, patient = protocol_of(visit), visit.patient
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    lacking = lacking_for_dose(patient, protocol.drug.value, protocol.route.value, now) or []
    entries = [
        ResultEntry(one.item.id, today, "normal", "here", total=2 if one.item.total else None)
        for one in lacking
    ]
    record_results(by=SystemActor(), now=now, patient=patient, entries=entries)


@dataclass
class Sitting:
    """A session and its clock: `minute` 0 is the start of the dose. Events go through the operations."""

    cared: CaredFor
    session: Session
    zero: datetime
    by: User
    outcomes: list[Outcome] = field(default_factory=list)

    def at(self, minute: float) -> datetime:
        return self.zero + timedelta(minutes=minute)

    def entry(self, minute: float, kind: Kind | str, /, **payload: Any) -> Entry:
        return Entry(new_id(), Kind(kind), self.at(minute), payload)

    def add(self, minute: float, kind: Kind | str, /, who: User | None = None, **payload: Any) -> Outcome:
        entry = self.entry(minute, kind, **payload)
        return self.send(entry, now=self.at(minute), by=who)

    def send(self, entry: Entry, *, now: datetime, by: User | None = None) -> Outcome:
        outcome = operations.record_events(
            by=by or self.by, now=now, session_id=self.session.public_id, entries=[entry]
        )[0]
        self.outcomes.append(outcome)
        return outcome

    def vitals(self, minute: float, **changed: float) -> Outcome:
        values = CALM | {name.replace("_", "-"): value for name, value in changed.items()}
        return self.add(minute, "vitals-recorded", values=values, room_air=True)

    def until_ready(self, kg: str = "70") -> "Sitting":
        self.add(-20, "arrived")
        self.add(-19, "identity-checked", by=["name", "birth-date"])
        self.add(-18, "weight-measured", kg=kg)
        self.add(-17, "escort-named", name="Ana Reyes")
        self.vitals(-10)
        return self

    def until_dose(self) -> "Sitting":
        self.until_ready()
        self.add(0, "dose-started", amount_mg=f"{self.state(-1).ordered_mg:f}")
        return self

    def until_over(self) -> "Sitting":
        self.until_dose()
        for minute in (10, 20, 30, 40):
            self.vitals(minute, systolic=140, dissociation=5)
        self.add(40, "dose-ended")
        return self

    def until_signed(self) -> "Sitting":
        self.until_over()
        for minute in (55, 70, 85, 100):
            self.vitals(minute)
        for check in CHECKS:
            self.add(101, "check-recorded", condition=check, met=True)
        self.add(102, "discharge-decided", outcome="released")
        self.add(103, "ended")
        self.add(104, "signed", who=self.cared.prescriber)
        return self

    def state(self, minute: float) -> SessionState:
        self.session.refresh_from_db()
        return queries.state_of(self.session, self.at(minute))

    @property
    def refused(self) -> list[str]:
        return [outcome.reason for outcome in self.outcomes if outcome.reason]


def a_sitting(
    cared: CaredFor | None = None, *, zero: datetime | None = None, signed_off: bool = True, chair: str = ""
) -> Sitting:
    """A session opened 25 minutes before `zero`, by default at ten on the day of the first dosing visit."""
    signed = (
        max(THEN, zero - timedelta(days=1)) if zero else THEN
    )  # however late it is: no consent lasts for ever
    cared, visit = a_dosing_visit(cared, signed)
    if signed_off:
        sign_monitoring(cared.medical_director, cared.site)
    start = zero or datetime(visit.on.year, visit.on.month, visit.on.day, 17, 0, tzinfo=UTC)
    opened = start - timedelta(minutes=25)
    examined(visit, opened)
    session = operations.open_session(
        by=cared.monitor, now=opened, visit=visit, chair=chair or str(next(_chairs))
    )
    return Sitting(cared, session, start, cared.monitor)
