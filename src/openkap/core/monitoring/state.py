"""The state of a session: a pure function of its events, its order, the knowledge in force, and now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.due import Due, due_items
from openkap.core.monitoring.events import Event
from openkap.core.monitoring.fold import fold
from openkap.core.monitoring.limits import Crossed, crossed_limits
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.progress import Progress, Reading, Rejection
from openkap.core.monitoring.readiness import Readiness, to_leave, to_start
from openkap.core.monitoring.rules import Monitoring
from openkap.knowledge.schema.monitoring import Range, Vital


class Phase(StrEnum):
    """Where the session stands, in order."""

    ARRIVE = "arrive"
    READY = "ready"
    DOSING = "dosing"
    PEAK = "peak"
    RECOVERY = "recovery"
    DISCHARGE = "discharge"
    ENDED = "ended"


class Delivery(StrEnum):
    """How the dose stands."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True)
class SessionState:
    """All that the screens show. Times are absolute; amounts in mg of free base."""

    at: datetime
    phase: Phase
    zero: datetime | None  # minute 0: the start of the dose
    delivery: Delivery
    dose: Dose | None
    ordered_mg: Decimal | None
    given_mg: Decimal
    rate_mg_per_min: Fraction | None
    ends_at: datetime | None
    weight_kg: Decimal | None
    escort: str
    readings: tuple[Reading, ...]
    last: dict[Vital, float]
    beyond: frozenset[Vital]
    due: tuple[Due, ...]
    crossed: tuple[Crossed, ...]
    to_start: Readiness
    to_leave: Readiness
    entry: dict[Vital, Range]
    rejected: tuple[Rejection, ...]
    applied: tuple[Event, ...]
    corrections: dict[str, Event]
    discharged_at: datetime | None
    ended_at: datetime | None
    signed_at: datetime | None
    changes_at: datetime | None  # when time alone will change it next

    @property
    def next_due(self) -> Due | None:
        return next((item for item in self.due if item.open), None)


def state(events: tuple[Event, ...], order: Order, monitoring: Monitoring, now: datetime) -> SessionState:
    """The state at `now`. Never raises on stored events: what cannot be applied is in `rejected`."""
    progress = fold(events, order, monitoring)
    crossed = crossed_limits(progress)
    due = tuple(due_items(progress, crossed, now))
    dose = progress.dose
    start, leave = to_start(progress), to_leave(progress, now)
    return SessionState(
        at=now,
        phase=_phase(progress, start, now),
        zero=dose.started_at if dose else None,
        delivery=_delivery(dose),
        dose=dose,
        ordered_mg=progress.ordered_mg,
        given_mg=dose.given_mg(now) if dose else Decimal(0),
        rate_mg_per_min=dose.rate * 60 if dose and dose.rate and dose.running else None,
        ends_at=dose.full_at() if dose and dose.over_at is None else dose.over_at if dose else None,
        weight_kg=progress.weight_kg,
        escort=progress.escort,
        readings=tuple(progress.readings),
        last={v: s.value for v in Vital if (s := progress.last(v))},
        beyond=frozenset(vital for c in crossed for vital, _ in c.values),
        due=due,
        crossed=tuple(crossed),
        to_start=start,
        to_leave=leave,
        entry=monitoring.ranges(),
        rejected=tuple(progress.rejected),
        applied=tuple(progress.applied),
        corrections={str(key): value for key, value in progress.corrections.items()},
        discharged_at=progress.discharged_at,
        ended_at=progress.ended_at,
        signed_at=progress.signed_at,
        changes_at=_changes_at(progress, due, leave, now),
    )


def _phase(progress: Progress, start: Readiness, now: datetime) -> Phase:
    if progress.ended_at is not None:
        return Phase.ENDED
    if progress.discharged_at is not None:
        return Phase.DISCHARGE
    if progress.dose is None:
        return Phase.READY if start.ready else Phase.ARRIVE
    if progress.recovery_at is not None:
        return Phase.RECOVERY
    full = progress.dose.over_at or progress.dose.full_at()
    return Phase.PEAK if full is not None and full <= now else Phase.DOSING


def _delivery(dose: Dose | None) -> Delivery:
    if dose is None:
        return Delivery.NONE
    if dose.over_at is not None:
        return Delivery.STOPPED if dose.stopped else Delivery.ENDED
    return Delivery.RUNNING if dose.running else Delivery.PAUSED


def _changes_at(progress: Progress, due: tuple[Due, ...], leave: Readiness, now: datetime) -> datetime | None:
    times = [item.due_at for item in due if item.open]
    times += [item.closes_at for item in due if item.open and item.closes_at]
    times += [item.at for item in leave.items if item.at]
    if progress.dose and (full := progress.dose.full_at()):
        times.append(full)
    return min((t for t in times if t > now), default=None)
