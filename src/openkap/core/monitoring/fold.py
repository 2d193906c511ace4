"""Applies events in clinical order. One handler per kind: it changes the progress, or says why it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.events import (
    BadPayload,
    CheckRecorded,
    Corrected,
    DecisionMade,
    DischargeDecided,
    DoseOver,
    DoseStarted,
    EscortNamed,
    Event,
    IdentityChecked,
    Kind,
    Payload,
    PhaseDeclared,
    RateChanged,
    SignSeen,
    VitalsRecorded,
    WeightMeasured,
    in_clinical_order,
    read_payload,
)
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.progress import Progress, Reading, Rejection, Seen
from openkap.core.monitoring.readiness import IDENTIFIERS_NEEDED, to_leave, to_start
from openkap.core.monitoring.rules import Monitoring
from openkap.knowledge.schema.monitoring import Gate, Leave, Limit, Vital

# What went wrong: a stable code, and what it is about. None: applied.
Fault = tuple[str, tuple[str, ...]] | None
Handler = Callable[[Progress, Event, Any], Fault]
AFTER_END = frozenset({Kind.SIGNED, Kind.ADDED, Kind.NOTE_WRITTEN, Kind.CORRECTED})


def _per_second(payload: RateChanged) -> Fraction:
    return Fraction(payload.mg_per_min) / 60


def fault(code: str, *about: str) -> Fault:
    return code, about


def fold(events: tuple[Event, ...], order: Order, monitoring: Monitoring) -> Progress:
    """Apply all events. What was stored after a valid signature is rejected, addenda excepted."""
    signature = next((e for e in sorted(events, key=lambda e: e.seq) if _stands(e, Kind.SIGNED)), None)
    progress = _fold_until(events, order, monitoring, signature)
    if signature is None or progress.signed_at is not None:
        return progress
    refused = tuple(replace(e, refused="not-ended") if e is signature else e for e in events)
    return fold(refused, order, monitoring)


def _stands(event: Event, kind: Kind) -> bool:
    return event.kind is kind and not event.refused


def _fold_until(
    events: tuple[Event, ...], order: Order, monitoring: Monitoring, signature: Event | None
) -> Progress:
    progress = Progress(order, monitoring)
    payloads = _corrected_payloads(progress, events, signature)
    for event in in_clinical_order(events):
        if event.kind is Kind.CORRECTED and not event.refused:
            continue  # judged beforehand
        wrong = _apply(progress, event, payloads, signature)
        if wrong is not None:
            progress.rejected.append(Rejection(event.id, *wrong))
    return progress


def _apply(
    progress: Progress, event: Event, payloads: Mapping[UUID, Payload | None], signature: Event | None
) -> Fault:
    if event.refused:
        return fault(event.refused)
    if wrong := _locked_fault(event, signature):
        return wrong
    if progress.ended_at is not None and event.kind not in AFTER_END:
        return fault("ended")
    try:
        payload = payloads[event.id] if event.id in payloads else _read(event)
    except BadPayload as error:
        return fault("unreadable", str(error))
    if payload is None:
        return None  # taken back by a correction: kept, but not counted
    wrong = HANDLERS[event.kind](progress, event, payload)
    if wrong is None:
        progress.applied.append(event)
    return wrong


def _locked(event: Event, signature: Event | None) -> bool:
    return signature is not None and event.seq > signature.seq and event.kind is not Kind.ADDED


def _read(event: Event) -> Payload:
    return read_payload(event.kind, event.payload, event.schema_version)


def _corrected_payloads(
    progress: Progress, events: tuple[Event, ...], signature: Event | None
) -> dict[UUID, Payload | None]:
    """What corrected events say now. The last correction of an event counts; None takes the event back."""
    targets = {e.id: e for e in events if not e.refused and e.kind not in (Kind.CORRECTED, Kind.SIGNED)}
    said: dict[UUID, Payload | None] = {}
    for event in in_clinical_order(events):
        if not _stands(event, Kind.CORRECTED):
            continue
        wrong = _locked_fault(event, signature) or _correct(progress, event, targets, said)
        if wrong is None:
            progress.applied.append(event)
            progress.corrections[UUID(str(event.payload["event"]))] = event
        else:
            progress.rejected.append(Rejection(event.id, *wrong))
    return said


def _locked_fault(event: Event, signature: Event | None) -> Fault:
    return fault("signed") if _locked(event, signature) else None


def _correct(
    progress: Progress, event: Event, targets: Mapping[UUID, Event], said: dict[UUID, Payload | None]
) -> Fault:
    try:
        correction = _read(event)
        if not isinstance(correction, Corrected) or correction.event not in targets:
            return fault("nothing-to-correct")
        target = targets[correction.event]
        replaced = None if correction.payload is None else read_payload(target.kind, correction.payload)
    except BadPayload as error:
        return fault("unreadable", str(error))
    if replaced is not None and not event.admitted and (wrong := _implausible(progress, replaced)):
        return wrong
    said[target.id] = replaced
    return None


# --- handlers ---------------------------------------------------------------------------------------------


def _arrived(progress: Progress, event: Event, _payload: Payload) -> Fault:
    progress.arrived_at = progress.arrived_at or event.occurred_at
    return None


def _identity(progress: Progress, event: Event, payload: IdentityChecked) -> Fault:
    if len(set(payload.by)) < IDENTIFIERS_NEEDED:
        return fault("two-identifiers")
    progress.identified_by, progress.identified_at = frozenset(payload.by), event.occurred_at
    return None


def _weight(progress: Progress, event: Event, payload: WeightMeasured) -> Fault:
    if not event.admitted and (wrong := _implausible(progress, payload)):
        return wrong
    progress.weight_kg = payload.kg
    return None


def _escort(progress: Progress, event: Event, payload: EscortNamed) -> Fault:
    progress.escort, progress.escort_at = payload.name, event.occurred_at
    return None


def _vitals(progress: Progress, event: Event, payload: VitalsRecorded) -> Fault:
    if not event.admitted and (wrong := _implausible(progress, payload)):
        return wrong
    progress.readings.append(
        Reading(
            event.id, event.occurred_at, dict(payload.values), frozenset(payload.not_asked), payload.room_air,
            event.author,
        )
    )  # fmt: skip
    return None


def _implausible(progress: Progress, payload: Payload) -> Fault:
    if isinstance(payload, VitalsRecorded):
        return _out_of_range(progress, payload.values)
    if isinstance(payload, WeightMeasured):
        return _out_of_range(progress, {Vital.WEIGHT: float(payload.kg)})
    return None


def _out_of_range(progress: Progress, values: Mapping[Vital, float]) -> Fault:
    ranges = progress.monitoring.ranges()
    inside = {v for v, value in values.items() if v in ranges and ranges[v].least <= value <= ranges[v].most}
    wrong = [vital for vital in values if vital not in inside]
    return fault("out-of-range", *wrong) if wrong else None


def _dose_started(progress: Progress, event: Event, payload: DoseStarted) -> Fault:
    if progress.dose is not None:
        return fault("dose-already-started")
    if not event.admitted and (wrong := _may_not_start(progress, payload)):
        return wrong
    progress.dose = Dose.start(payload.amount_mg, event.occurred_at, progress.order.duration)
    return None


def _may_not_start(progress: Progress, payload: DoseStarted) -> Fault:
    readiness = to_start(progress)
    if not readiness.ready:
        return fault("not-ready", *readiness.lacking)
    ordered = progress.ordered_mg
    if ordered is None or payload.amount_mg != ordered:
        return fault("amount-differs", "" if ordered is None else f"{ordered:f}")
    return None


def _paused(progress: Progress, event: Event, _payload: Payload) -> Fault:
    if progress.dose is None or not progress.dose.running:
        return fault("dose-not-running")
    progress.dose = progress.dose.paused_at(event.occurred_at)
    return None


def _resumed(progress: Progress, event: Event, _payload: Payload) -> Fault:
    if progress.dose is None or not progress.dose.paused:
        return fault("dose-not-paused")
    if not event.admitted and progress.order.risk_allows is False:
        return fault("not-ready", "suicide-risk")  # what a pause brought to light holds the rest of the dose
    progress.dose = progress.dose.resumed_at(event.occurred_at)
    return None


def _rate_changed(progress: Progress, event: Event, payload: RateChanged) -> Fault:
    """A slower rate, or back up to the ordered one: a faster one needs another order."""
    dose = progress.dose
    if dose is None or not dose.running:
        return fault("dose-not-running")
    rate = _per_second(payload)
    if not event.admitted and rate > dose.stretches[0].rate:
        return fault("faster-than-ordered")
    progress.dose = dose.paused_at(event.occurred_at).resumed_at(event.occurred_at, rate)
    return None


def _over(progress: Progress, event: Event, payload: DoseOver, *, stopped: bool) -> Fault:
    dose = progress.dose
    if dose is None or dose.over_at is not None:
        return fault("dose-not-running")
    if payload.given_mg is not None and not event.admitted and payload.given_mg > dose.ordered_mg:
        return fault("more-than-ordered", f"{dose.ordered_mg:f}")
    progress.dose = dose.over(event.occurred_at, stopped=stopped, read_mg=payload.given_mg)
    return None


def _stopped(progress: Progress, event: Event, payload: DoseOver) -> Fault:
    return _over(progress, event, payload, stopped=True)


def _dose_ended(progress: Progress, event: Event, payload: DoseOver) -> Fault:
    return _over(progress, event, payload, stopped=False)


def _kept(_progress: Progress, _event: Event, _payload: Payload) -> Fault:
    """Kept with its minute; changes nothing that is computed."""
    return None


def _sign_seen(progress: Progress, event: Event, payload: SignSeen) -> Fault:
    if payload.sign != "other" and payload.sign not in progress.monitoring.symptoms():
        return fault("unknown-sign")
    progress.signs.append(Seen(event.id, event.occurred_at, payload))
    return None


def _checked(progress: Progress, event: Event, payload: CheckRecorded) -> Fault:
    conditions = {c.id for _, leave in progress.monitoring.of(Leave) for c in leave.conditions}
    steps = {record.id for record, limit in progress.monitoring.of(Limit) if limit.symptoms}
    if payload.condition not in conditions | steps:
        return fault("unknown-condition")
    progress.checks[payload.condition] = (payload, event.occurred_at)
    return None


def _decided(progress: Progress, event: Event, payload: DecisionMade) -> Fault:
    gates = {record.id: gate for record, gate in progress.monitoring.of(Gate)}
    if payload.about not in gates:
        return fault("unknown-condition")
    if gates[payload.about].action == "block":
        return fault("no-override")
    progress.decisions[payload.about] = event.occurred_at
    return None


def _phase(progress: Progress, event: Event, _payload: PhaseDeclared) -> Fault:
    full = progress.dose.full_at() if progress.dose else None
    given = progress.dose is not None and (progress.dose.over_at or full)
    if not given or event.occurred_at < given:
        return fault("dose-not-over")
    progress.recovery_at = progress.recovery_at or event.occurred_at
    return None


def _discharge(progress: Progress, event: Event, payload: DischargeDecided) -> Fault:
    if progress.discharge is not None:
        return fault("already-discharged")
    if progress.dose is not None and progress.dose.over_at is None:
        return fault("dose-not-over")
    if progress.dose is not None and payload.outcome == "released" and not event.admitted:
        readiness = to_leave(progress, event.occurred_at)
        if not readiness.ready and not payload.override_reason:
            return fault("not-ready-to-leave", *readiness.lacking)
    progress.discharge, progress.discharged_at = payload, event.occurred_at
    return None


def _ended(progress: Progress, event: Event, _payload: Payload) -> Fault:
    if progress.discharge is None:
        return fault("not-discharged")
    progress.ended_at = event.occurred_at
    return None


def _signed(progress: Progress, event: Event, _payload: Payload) -> Fault:
    if progress.ended_at is None:
        return fault("not-ended")
    if progress.signed_at is not None:
        return fault("signed")
    progress.signed_at = event.occurred_at
    return None


def _added(progress: Progress, _event: Event, _payload: Payload) -> Fault:
    return None if progress.signed_at is not None else fault("not-signed")


HANDLERS: Mapping[Kind, Handler] = {
    Kind.ARRIVED: _arrived,
    Kind.IDENTITY_CHECKED: _identity,
    Kind.WEIGHT_MEASURED: _weight,
    Kind.ESCORT_NAMED: _escort,
    Kind.VITALS_RECORDED: _vitals,
    Kind.DOSE_STARTED: _dose_started,
    Kind.DOSE_PAUSED: _paused,
    Kind.DOSE_RESUMED: _resumed,
    Kind.RATE_CHANGED: _rate_changed,
    Kind.DOSE_STOPPED: _stopped,
    Kind.DOSE_ENDED: _dose_ended,
    Kind.DRUG_GIVEN: _kept,
    Kind.NOTE_WRITTEN: _kept,
    Kind.SIGN_SEEN: _sign_seen,
    Kind.CHECK_RECORDED: _checked,
    Kind.DECISION_MADE: _decided,
    Kind.PHASE_DECLARED: _phase,
    Kind.DISCHARGE_DECIDED: _discharge,
    Kind.ENDED: _ended,
    Kind.SIGNED: _signed,
    Kind.ADDED: _added,
}
