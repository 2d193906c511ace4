"""When a reminder comes next; pure."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_reminder(after: datetime, weekdays: Collection[int], at: time, zone: ZoneInfo) -> datetime:
    """The first moment after `after` that lies on one of the weekdays (0 is Monday) at this local time.

    A time that the clocks skip comes as much later; one that they repeat comes once.
    """
    day = after.astimezone(zone).date()
    for n in range(9):
        one = day + timedelta(days=n)
        moment = datetime.combine(one, at, tzinfo=zone).astimezone(UTC)
        if one.weekday() in weekdays and moment > after:
            return moment
    raise ValueError("a reminder needs a weekday")
