"""A protocol and a start date become dated visits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from openkap.core.planning.calendar import instant, local
from openkap.core.planning.doses import DoseDay, place_doses
from openkap.core.planning.slots import late_slot, slot, window
from openkap.core.planning.values import (
    CannotPlan,
    Options,
    PlannedVisit,
    PlannedVisits,
    Reason,
    ReasonCode,
)
from openkap.knowledge.schema.protocol import AroundVisit, Protocol, VisitKind


def compile_plan(protocol: Protocol, start: date, options: Options) -> PlannedVisits:
    """The dated visits of `protocol` for a plan that starts on `start`; no visit lies before that date.

    Pure: the same arguments give the same plan. Spacing of doses and the number of dosing days in any 7
    dates always hold; a visit around a dose that finds no open day inside its window says so in `reasons`.
    Raises `CannotPlan` where no dates satisfy the protocol.
    """
    doses = place_doses(protocol, _first_dose_from(protocol, start, options), options)
    dosing = [_dosing_visit(protocol, number, day, options) for number, day in enumerate(doses, start=1)]
    visits = [*dosing, *around(protocol, dosing, start, options)]
    return PlannedVisits(protocol.id, protocol.version, in_order(visits))


def in_order(visits: Iterable[PlannedVisit]) -> tuple[PlannedVisit, ...]:
    """The visits by time, numbered from 1."""
    ordered = sorted(
        visits, key=lambda visit: (visit.starts_at, visit.kind is not VisitKind.DOSING, visit.around)
    )
    return tuple(replace(visit, ordinal=number) for number, visit in enumerate(ordered, start=1))


def around(protocol: Protocol, dosing: list[PlannedVisit], start: date, options: Options) -> list[PlannedVisit]:
    """The visits that the doses bring with them, in the order of the protocol."""
    placed: list[PlannedVisit] = []
    for visit in protocol.visits:
        for dose in anchors(visit, dosing):
            planned = place_around(visit, dose, start, options)
            if not _stands_in(visit, planned, placed):
                placed.append(planned)
    return placed


def anchors(visit: AroundVisit, dosing: list[PlannedVisit]) -> list[PlannedVisit]:
    """The dosing visits that bring `visit` with them."""
    wanted = {"before-first-dose": dosing[:1], "after-last-dose": dosing[-1:], "after-each-dose": dosing}
    return wanted[visit.anchor]


def place_around(visit: AroundVisit, dose: PlannedVisit, start: date, options: Options) -> PlannedVisit:
    """One visit around `dose`: inside its window if any open day allows, else as soon after as can be."""
    not_before = instant(start, options.times.day_begins, options.zone)
    earliest, latest = window(visit, dose.starts_at)
    found = slot(visit, dose.starts_at, options, not_before=not_before)
    reasons: tuple[Reason, ...] = ()
    if found is None:
        if visit.anchor == "before-first-dose":
            raise CannotPlan(
                "%(visit)s: no open day between %(start)s and the first dose.", visit=visit.label, start=start
            )
        found = late_slot(visit, dose.starts_at, options)
        reasons = (Reason(ReasonCode.OUTSIDE_WINDOW, local(latest, options.zone).date()),)
    if found is None:
        raise CannotPlan(
            "%(visit)s after dose %(number)s: the site has no open day for it.",
            visit=visit.label,
            number=dose.dose_number,
        )
    return PlannedVisit(
        ordinal=0,
        kind=VisitKind(visit.kind),
        around=visit.id,
        dose_number=dose.dose_number,
        on=found.on,
        at=found.at,
        zone=options.zone,
        earliest=earliest,
        latest=latest,
        measures=visit.measures,
        at_a_distance=visit.at_a_distance,
        reasons=reasons,
    )


def _first_dose_from(protocol: Protocol, start: date, options: Options) -> date:
    """The first date on which dose 1 leaves room, from `start`, for what has to come before it."""
    ahead = [visit for visit in protocol.visits if visit.anchor == "before-first-dose"]
    earliest = max(start, options.first_dose_from or start)
    for days in range(61):
        day = earliest + timedelta(days=days)
        dose = instant(day, options.times.dosing, options.zone)
        if all(_fits_before(visit, dose, start, options) for visit in ahead):
            return day
    raise CannotPlan(
        "No open days from %(start)s leave room for what comes before the first dose.", start=start
    )


def _fits_before(visit: AroundVisit, dose: datetime, start: date, options: Options) -> bool:
    opens = instant(start, options.times.day_begins, options.zone)
    return slot(visit, dose, options, not_before=opens) is not None


def _dosing_visit(protocol: Protocol, number: int, day: DoseDay, options: Options) -> PlannedVisit:
    starts = instant(day.on, options.times.dosing, options.zone)
    return PlannedVisit(
        ordinal=0,
        kind=VisitKind.DOSING,
        around="",
        dose_number=number,
        on=day.on,
        at=options.times.dosing,
        zone=options.zone,
        earliest=starts,
        latest=starts,
        measures=protocol.measures_at(number),
        reasons=day.reasons,
    )


def _stands_in(visit: AroundVisit, planned: PlannedVisit, placed: list[PlannedVisit]) -> bool:
    """Whether another visit on that day does what this one is for."""
    return any(other.on == planned.on and other.kind in visit.not_beside for other in placed)
