"""What is due when: readings by the schedule, rechecks, the dose's end, the earliest leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from openkap.core.monitoring.limits import Crossed
from openkap.core.monitoring.progress import Progress, Reading
from openkap.core.monitoring.readiness import earliest_leave
from openkap.knowledge.schema.monitoring import Schedule, Vital


class DueState(StrEnum):
    """How a due thing stands."""

    UPCOMING = "upcoming"
    OVERDUE = "overdue"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True)
class Due:
    """One thing due. `take` is what is still to be measured; `closes_at` is when the next point takes over."""

    id: str
    kind: str  # readings | recheck | dose-end | leave
    due_at: datetime
    state: DueState
    take: tuple[Vital, ...] = ()
    done_at: datetime | None = None
    closes_at: datetime | None = None
    owner: str = "monitor"

    @property
    def open(self) -> bool:
        return self.state in (DueState.UPCOMING, DueState.OVERDUE)


def due_items(progress: Progress, crossed: list[Crossed], now: datetime) -> list[Due]:
    """Everything due in the session in order of time, done and missed readings included."""
    items = _readings(progress, now) + [_recheck(c, now) for c in crossed if c.bounds]
    items += _dose_end(progress, now) + _leave(progress, now)
    return sorted(items, key=lambda item: (item.due_at, item.id))


def _still(due_at: datetime, now: datetime) -> DueState:
    return DueState.OVERDUE if now > due_at else DueState.UPCOMING


def _recheck(crossed: Crossed, now: datetime) -> Due:
    take = tuple(dict.fromkeys(bound.vital for bound in crossed.bounds))
    standing = _still(crossed.due_at, now)
    return Due(f"recheck:{crossed.limit}", "recheck", crossed.due_at, standing, take, owner=crossed.owner)


def _dose_end(progress: Progress, now: datetime) -> list[Due]:
    """The end is somebody's to confirm: until then it stays due, then overdue."""
    dose = progress.dose
    ends = dose.full_at() if dose and dose.over_at is None else None
    if ends is None or progress.ended_at is not None:
        return []
    return [Due("dose-end", "dose-end", ends, _still(ends, now))]


def _leave(progress: Progress, now: datetime) -> list[Due]:
    earliest = earliest_leave(progress)
    if earliest is None or earliest <= now or progress.discharged_at or progress.ended_at:
        return []
    return [Due("leave", "leave", earliest, DueState.UPCOMING)]


def _readings(progress: Progress, now: datetime) -> list[Due]:
    if progress.dose is None:
        return []
    over = progress.discharged_at or progress.ended_at
    items: list[Due] = []
    for record, schedule in progress.monitoring.of(Schedule):
        points = [progress.dose.started_at + timedelta(minutes=m) for m in schedule.minutes]
        for minute, window in zip(schedule.minutes, _windows(points), strict=True):
            item = _point(progress.readings, schedule, f"readings:{record.id}:{minute}", window, now)
            if over is None or not item.open or item.due_at <= over:
                items.append(_closed(item) if over else item)
    return items


def _closed(item: Due) -> Due:
    """After discharge nothing stays open: what was not measured was missed."""
    if not item.open:
        return item
    return Due(item.id, item.kind, item.due_at, DueState.MISSED, item.take)


Window = tuple[datetime, datetime, datetime | None]


def _windows(points: list[datetime]) -> list[Window]:
    """(opens, due, closes) of each point: a reading counts for the point that lies nearest in time."""
    half = [a + (b - a) / 2 for a, b in pairwise(points)]
    first = points[0] - (points[1] - points[0]) / 2 if len(points) > 1 else points[0]
    return list(zip([first, *half], points, [*half, None], strict=True))


def _point(readings: list[Reading], schedule: Schedule, item_id: str, window: Window, now: datetime) -> Due:
    opens, due_at, closes = window
    here = [r for r in readings if r.at >= opens and (closes is None or r.at < closes)]
    answered = {vital for r in here for vital in (*r.values, *r.not_asked)}
    left = tuple(vital for vital in schedule.take if vital not in answered)
    if not left:
        return Due(item_id, "readings", due_at, DueState.DONE, (), max(r.at for r in here), closes)
    if closes is not None and now >= closes:
        return Due(item_id, "readings", due_at, DueState.MISSED, left, closes_at=closes)
    return Due(item_id, "readings", due_at, _still(due_at, now), left, closes_at=closes)
