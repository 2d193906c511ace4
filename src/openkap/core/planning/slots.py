"""The day and time of a visit around a dose, inside the span of hours the protocol gives it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from openkap.core.planning.calendar import days_from, instant, local
from openkap.core.planning.values import Options
from openkap.knowledge.schema.protocol import AroundVisit

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Slot:
    """A local date and time."""

    on: date
    at: time


def window(visit: AroundVisit, dose: datetime) -> tuple[datetime, datetime]:
    """The instants between which the visit should start, given the dose's."""
    if visit.anchor == "before-first-dose":
        return dose - visit.most, dose - visit.least
    return dose + visit.least, dose + visit.most


def slot(
    visit: AroundVisit, dose: datetime, options: Options, *, not_before: datetime | None = None
) -> Slot | None:
    """The open slot nearest to where the protocol prefers the visit; None where its window has none."""
    earliest, latest = window(visit, dose)
    if not_before is not None:
        earliest = max(earliest, not_before)
    wanted = dose - visit.prefer if visit.anchor == "before-first-dose" else dose + visit.prefer
    first, last = local(earliest, options.zone).date(), local(latest, options.zone).date()
    found = [
        fitting
        for day in days_from(first, last)
        if visit.at_a_distance or options.open_days.is_open(day)
        if (fitting := _on(day, visit, earliest, latest, options)) is not None
    ]
    return min(found, key=lambda one: _nearness(one, wanted, options), default=None)


def late_slot(visit: AroundVisit, dose: datetime, options: Options) -> Slot | None:
    """The first open slot after the window, for a visit that finds none inside it."""
    latest = window(visit, dose)[1]
    first = local(latest, options.zone).date()
    for day in days_from(first, first + timedelta(days=60)):
        at = options.times.of(visit.kind)
        is_open = visit.at_a_distance or options.open_days.is_open(day)
        if is_open and instant(day, at, options.zone) > latest:
            return Slot(day, at)
    return None


def _nearness(one: Slot, wanted: datetime, options: Options) -> tuple[int, datetime]:
    """Whole days off the preferred day, then the earlier: the usual time of day matters more than the hour."""
    off = abs((one.on - local(wanted, options.zone).date()).days)
    return off, instant(one.on, one.at, options.zone)


def _on(day: date, visit: AroundVisit, earliest: datetime, latest: datetime, options: Options) -> Slot | None:
    """The usual time on `day`, or the time nearest to it inside both the window and the site's day."""
    times = options.times
    opens = instant(day, times.day_begins, options.zone)
    closes = instant(day, times.day_ends, options.zone)
    from_, to = _round_up(max(opens, earliest)), min(closes, latest)
    if from_ > to:
        return None
    chosen = min(max(instant(day, times.of(visit.kind), options.zone), from_), to)
    shown = local(chosen, options.zone)
    return Slot(shown.date(), shown.time().replace(tzinfo=None, fold=0)) if shown.date() == day else None


def _round_up(moment: datetime) -> datetime:
    over = (moment - datetime.min.replace(tzinfo=UTC)) % QUARTER
    return moment + (QUARTER - over) if over else moment
