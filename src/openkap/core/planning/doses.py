"""Dates of the doses: the rhythm of the protocol's phases on the days a site is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from openkap.core.planning.calendar import ONE_DAY, days_from, instant, local
from openkap.core.planning.slots import slot
from openkap.core.planning.values import CannotPlan, Options, Reason, ReasonCode
from openkap.knowledge.schema.protocol import AroundVisit, Phase, Protocol, VisitKind

DAYS_CAPPED = 7  # DEFINITIONS: dosing days a week are counted in any 7 consecutive local dates
SEARCH_AHEAD = timedelta(days=60)  # how long a closure is waited out before planning gives up


@dataclass(frozen=True)
class DoseDay:
    """The local date of a dose and why it is not the one the rhythm asked for."""

    on: date
    reasons: tuple[Reason, ...] = ()


def phase_of(protocol: Protocol, dose_number: int) -> Phase:
    """The phase that the dose belongs to."""
    for phase in protocol.phases:
        if dose_number <= phase.doses:
            return phase
        dose_number -= phase.doses
    raise CannotPlan("The protocol has no dose %(dose_number)s.", dose_number=dose_number)


def gap_before(protocol: Protocol, dose_number: int) -> timedelta:
    """The gap that the rhythm wants before dose `dose_number` (2 or later)."""
    in_phase = dose_number
    for phase in protocol.phases:
        if in_phase <= phase.doses:
            return phase.prefer[(in_phase - 2) % len(phase.prefer)]
        in_phase -= phase.doses
    raise CannotPlan("The protocol has no dose %(dose_number)s.", dose_number=dose_number)


def place_doses(protocol: Protocol, first_from: date, options: Options) -> tuple[DoseDay, ...]:
    """Dates of all doses, the first on or after `first_from`. Raises `CannotPlan`."""
    placed: list[DoseDay] = [_first(protocol, first_from, options)]
    meant = placed[0].on
    for number in range(2, protocol.dose_count + 1):
        meant += gap_before(protocol, number)
        placed.append(place_dose(protocol, number, [day.on for day in placed], meant, options))
        # A closure that pushed a dose past its rhythm moves the rhythm with it.
        meant = max(meant, placed[-1].on) if _late(placed[-1]) else meant
    return tuple(placed)


def place_dose(
    protocol: Protocol, number: int, before: Sequence[date], meant: date, options: Options
) -> DoseDay:
    """The open day nearest to `meant` for dose `number`, after the doses given or planned `before` it."""
    phase = phase_of(protocol, number)
    longest = _day_after(before[-1], phase.most, options)
    allowed = [
        day
        for day in days_from(before[-1], longest)
        if options.open_days.is_open(day) and not spacing_fault(protocol, number, before, day, options)
    ]
    if allowed:
        best = min(allowed, key=lambda day: _cost(protocol, day, meant, options))
        return DoseDay(best, _why(protocol, best, meant, options))
    for day in days_from(longest + ONE_DAY, longest + SEARCH_AHEAD):
        if options.open_days.is_open(day) and not spacing_fault(protocol, number, before, day, options):
            return DoseDay(day, (Reason(ReasonCode.GAP_LONGER, meant),))
    raise CannotPlan(
        "Dose %(number)s finds no open day in the %(days)s days after %(longest)s: choose another "
        "start, or open more days.",
        number=number,
        days=SEARCH_AHEAD.days,
        longest=longest,
    )


def spacing_fault(
    protocol: Protocol, number: int, before: Sequence[date], day: date, options: Options
) -> CannotPlan | None:
    """Why dose `number` may not lie on `day`, after the doses on `before`; none where it may."""
    phase = phase_of(protocol, number)
    at = options.times.dosing
    if (
        day <= before[-1]
        or instant(day, at, options.zone) - instant(before[-1], at, options.zone) < phase.least
    ):
        hours = phase.least // timedelta(hours=1)
        return CannotPlan(
            "This cannot be: dose %(number)s would follow the dose before it after less than %(hours)s hours. "
            "The protocol sets this limit.",
            number=number,
            hours=hours,
        )
    recent = {earlier for earlier in before if (day - earlier).days < DAYS_CAPPED}
    if len(recent) + 1 > phase.per_week:
        return CannotPlan(
            "This cannot be: dose %(number)s would make more than %(most)s dosing days within 7 days. "
            "The protocol sets this limit.",
            number=number,
            most=phase.per_week,
        )
    return None


def check_spacing(protocol: Protocol, doses: Sequence[tuple[int, date]], options: Options) -> None:
    """Raise `CannotPlan` where the doses (number, local date) break the protocol's spacing."""
    days = [day for _number, day in doses]
    for index, (number, day) in enumerate(doses[1:], start=1):
        if fault := spacing_fault(protocol, number, days[:index], day, options):
            raise fault


def integration_fits(protocol: Protocol, day: date, options: Options) -> bool:
    """Whether each integration visit that follows a dose on `day` finds an open day inside its window."""
    dose = instant(day, options.times.dosing, options.zone)
    return all(slot(visit, dose, options) is not None for visit in _integrations(protocol))


def integration_as_preferred(protocol: Protocol, day: date, options: Options) -> bool:
    """Whether those visits find their slot on the very day the protocol prefers."""
    dose = instant(day, options.times.dosing, options.zone)
    found = ((slot(visit, dose, options), visit) for visit in _integrations(protocol))
    return all(
        one is not None and one.on == local(dose + visit.prefer, options.zone).date() for one, visit in found
    )


def _integrations(protocol: Protocol) -> list[AroundVisit]:
    return [
        visit
        for visit in protocol.visits
        if visit.kind is VisitKind.INTEGRATION and visit.anchor == "after-each-dose"
    ]


def _first(protocol: Protocol, first_from: date, options: Options) -> DoseDay:
    days = [day for day in days_from(first_from, first_from + SEARCH_AHEAD) if options.open_days.is_open(day)]
    if not days:
        raise CannotPlan(
            "The site is closed for %(days)s days from %(first_from)s.",
            days=SEARCH_AHEAD.days,
            first_from=first_from,
        )
    # A week is enough to find a weekday that suits and lets integration follow.
    near = [day for day in days if day - days[0] < timedelta(days=DAYS_CAPPED)]
    best = min(near, key=lambda day: _cost(protocol, day, first_from, options))
    return DoseDay(best, _why(protocol, best, first_from, options))


def _cost(protocol: Protocol, day: date, meant: date, options: Options) -> tuple[bool, bool, bool, int, bool]:
    """Smaller is better: integration can follow, a weekday that suits, integration on its best day, then near
    the rhythm, and rather later."""
    return (
        not integration_fits(protocol, day, options),
        not options.open_days.is_preferred(day),
        not integration_as_preferred(protocol, day, options),
        abs((day - meant).days),
        day < meant,
    )


def _why(protocol: Protocol, day: date, meant: date, options: Options) -> tuple[Reason, ...]:
    if day == meant:
        return ()
    if not options.open_days.is_open(meant):
        return (Reason(ReasonCode.CLOSED_DAY, meant),)
    if not options.open_days.is_preferred(meant):
        return (Reason(ReasonCode.PREFERRED_WEEKDAY, meant),)
    if not integration_as_preferred(protocol, meant, options):
        return (Reason(ReasonCode.FOR_INTEGRATION, meant),)
    return (Reason(ReasonCode.SPACING_KEPT, meant),)


def _late(day: DoseDay) -> bool:
    return any(reason.code is ReasonCode.GAP_LONGER for reason in day.reasons)


def _day_after(day: date, span: timedelta, options: Options) -> date:
    return local(instant(day, options.times.dosing, options.zone) + span, options.zone).date()
