"""Readings and signs beyond a limit: which step is open, until when, and whose it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from openkap.core.monitoring.progress import Progress, Reading
from openkap.knowledge.schema.monitoring import Bound, Limit, MonitoringRecord, Vital, Who
from openkap.knowledge.schema.record import Text

Values = tuple[tuple[Vital, float], ...]
URGENCY = ("emergency", "stop", "pause", "recheck")


@dataclass(frozen=True)
class Crossed:
    """An open step. `due_at` is when it must be done; after it, `if_missed` is called."""

    limit: str
    version: int
    title: Text
    urgency: str
    values: Values  # those beyond a bound
    read: Values  # all that the limit watches, of the same reading
    bounds: tuple[Bound, ...]
    sign: Text | None
    opened_at: datetime
    due_at: datetime
    step: Text
    owner: Who
    if_missed: Who
    signed_off: bool

    def missed(self, now: datetime) -> bool:
        return now > self.due_at


def crossed_limits(progress: Progress) -> list[Crossed]:
    """Steps open after all readings so far, the most urgent first. Empty once the session has ended."""
    if progress.ended_at is not None:
        return []
    found = [
        crossed
        for record, limit in progress.monitoring.of(Limit)
        if (crossed := _by_reading(progress, record, limit) or _by_sign(progress, record, limit))
    ]
    return sorted(found, key=lambda crossed: (URGENCY.index(crossed.urgency), crossed.due_at, crossed.limit))


def crossing(bounds: tuple[Bound, ...], reading: Reading, age: int | None) -> Values:
    """The values of a reading that lie beyond one of the bounds."""
    return tuple(
        (bound.vital, reading.values[bound.vital])
        for bound in bounds
        if bound.vital in reading.values
        and bound.concerns(age)
        and bound.crossed_by(reading.values[bound.vital])
    )


def _by_reading(progress: Progress, record: MonitoringRecord, limit: Limit) -> Crossed | None:
    watched = {bound.vital for bound in limit.any_of}
    opened_at: datetime | None = None
    last: Reading | None = None
    values: Values = ()
    for reading in progress.readings:
        if not watched & reading.values.keys():
            continue
        values = crossing(limit.any_of, reading, progress.order.age)
        last = reading
        opened_at = (opened_at or reading.at) if values else None
    if opened_at is None or last is None:
        return None
    read = tuple((b.vital, last.values[b.vital]) for b in limit.any_of if b.vital in last.values)
    return _crossed(progress, record, limit, between=(opened_at, last.at), values=(values, read))


def _by_sign(progress: Progress, record: MonitoringRecord, limit: Limit) -> Crossed | None:
    watched = {symptom.id: symptom.label for symptom in limit.symptoms}
    seen = [s for s in progress.signs if s.sign.sign in watched]
    done = progress.checks.get(record.id)
    if done is not None and done[0].met:
        seen = [s for s in seen if s.at > done[1]]
    if not seen:
        return None
    sign = watched[seen[-1].sign.sign]
    return _crossed(progress, record, limit, between=(seen[0].at, seen[-1].at), sign=sign)


def _crossed(
    progress: Progress,
    record: MonitoringRecord,
    limit: Limit,
    *,
    between: tuple[datetime, datetime],
    values: tuple[Values, Values] = ((), ()),
    sign: Text | None = None,
) -> Crossed:
    opened_at, last_at = between
    return Crossed(
        limit=record.id,
        version=record.version,
        title=record.title,
        urgency=limit.urgency,
        values=values[0],
        read=values[1],
        bounds=limit.any_of,
        sign=sign,
        opened_at=opened_at,
        due_at=last_at + timedelta(minutes=limit.recheck_minutes or 0),
        step=limit.step,
        owner=limit.owner,
        if_missed=limit.if_missed,
        signed_off=record.id not in {r.id for r in progress.monitoring.undecided},
    )
