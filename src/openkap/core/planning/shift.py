"""One visit moves; what hangs on it moves as little as the protocol allows."""

from dataclasses import replace
from datetime import date, time

from openkap.core.planning.compile import place_around
from openkap.core.planning.doses import check_spacing, place_dose, spacing_fault
from openkap.core.planning.slots import window
from openkap.core.planning.values import (
    CannotPlan,
    Options,
    PlannedVisit,
    PlannedVisits,
    Reason,
    ReasonCode,
)
from openkap.knowledge.schema.protocol import AroundVisit, Protocol, VisitKind


def shift(
    plan: PlannedVisits,
    protocol: Protocol,
    ordinal: int,
    *,
    on: date,
    at: time,
    options: Options,
    settled: frozenset[int] = frozenset(),
    dropped: frozenset[int] = frozenset(),
) -> PlannedVisits:
    """The plan with visit `ordinal` at `on`, `at`. Visits keep their ordinals.

    A dose that moves takes its own visits along, and later doses only where the spacing would break.
    `settled` are the ordinals of visits that are over: they never move. `dropped` are those of visits that do
    not take place: they neither move nor count. Another visit moves alone; outside its window it says so.
    Raises `CannotPlan` where earlier doses forbid the day.
    """
    visit = plan.visit(ordinal)
    if ordinal in settled:
        raise CannotPlan("A visit that is over cannot be moved.")
    moved = _by_hand(visit, on, at)
    if visit.kind is not VisitKind.DOSING:
        return replace(plan, visits=_with(plan, {ordinal: _judged(moved)}))
    return _shift_dose(plan, protocol, moved, options, settled=settled | dropped, dropped=dropped)


def _shift_dose(
    plan: PlannedVisits,
    protocol: Protocol,
    moved: PlannedVisit,
    options: Options,
    *,
    settled: frozenset[int],
    dropped: frozenset[int],
) -> PlannedVisits:
    doses = [
        moved if dose.ordinal == moved.ordinal else dose for dose in plan.doses if dose.ordinal not in dropped
    ]
    for later in range(doses.index(moved) + 1, len(doses)):
        doses[later] = _kept_apart(protocol, doses, later, options, settled)
    check_spacing(protocol, [(dose.dose_number, dose.on) for dose in doses], options)
    changed = {dose.ordinal: dose for dose in doses if dose != plan.visit(dose.ordinal)}
    for dose in list(changed.values()):
        changed |= _followers(plan, protocol, dose, options, settled)
    return replace(plan, visits=_with(plan, changed))


def _kept_apart(
    protocol: Protocol, doses: list[PlannedVisit], index: int, options: Options, settled: frozenset[int]
) -> PlannedVisit:
    """Dose `index` where it was, unless the doses before it have come too near."""
    dose, before = doses[index], [earlier.on for earlier in doses[:index]]
    if dose.ordinal in settled or not spacing_fault(protocol, dose.dose_number, before, dose.on, options):
        return dose
    day = place_dose(protocol, dose.dose_number, before, max(dose.on, before[-1]), options)
    return _at_its_time(replace(dose, on=day.on, reasons=(Reason(ReasonCode.SPACING_KEPT, dose.on),)))


def _followers(
    plan: PlannedVisits, protocol: Protocol, dose: PlannedVisit, options: Options, settled: frozenset[int]
) -> dict[int, PlannedVisit]:
    """The visits of `dose`, placed anew unless they are over or still lie in their window."""
    specs = {spec.id: spec for spec in protocol.visits}
    changed: dict[int, PlannedVisit] = {}
    for visit in plan.visits:
        belongs = visit.kind is not VisitKind.DOSING and visit.dose_number == dose.dose_number
        if belongs and visit.ordinal not in settled and visit.around in specs:
            changed[visit.ordinal] = _follow(visit, specs[visit.around], dose, options)
    return changed


def _follow(visit: PlannedVisit, spec: AroundVisit, dose: PlannedVisit, options: Options) -> PlannedVisit:
    earliest, latest = window(spec, dose.starts_at)
    stays = replace(visit, earliest=earliest, latest=latest)
    if stays.in_window:
        return stays
    placed = place_around(spec, dose, min(visit.on, dose.on), options)
    return replace(placed, ordinal=visit.ordinal)


def _by_hand(visit: PlannedVisit, on: date, at: time) -> PlannedVisit:
    moved = replace(visit, on=on, at=at, reasons=(Reason(ReasonCode.MOVED_BY_HAND, visit.on),))
    return _at_its_time(moved) if visit.kind is VisitKind.DOSING else moved


def _at_its_time(dose: PlannedVisit) -> PlannedVisit:
    """A dosing visit is its own window."""
    return replace(dose, earliest=dose.starts_at, latest=dose.starts_at)


def _judged(visit: PlannedVisit) -> PlannedVisit:
    if visit.in_window:
        return visit
    return replace(visit, reasons=(*visit.reasons, Reason(ReasonCode.OUTSIDE_WINDOW)))


def _with(plan: PlannedVisits, changed: dict[int, PlannedVisit]) -> tuple[PlannedVisit, ...]:
    visits = (changed.get(visit.ordinal, visit) for visit in plan.visits)
    return tuple(sorted(visits, key=lambda visit: (visit.starts_at, visit.ordinal)))
