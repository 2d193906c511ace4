"""Quiet hours: when a message that can wait is not sent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Quiet:
    """From one time of the day to another on the site's clock; over midnight if `until` is the earlier one.

    Both the same: never quiet.
    """

    begins: time
    until: time
    zone: str

    def holds(self, moment: datetime) -> bool:
        """Whether nothing is sent at `moment`."""
        local = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.begins <= self.until:
            return self.begins <= local < self.until
        return local >= self.begins or local < self.until

    def next_open(self, moment: datetime) -> datetime:
        """`moment`, or when the quiet hours it lies in are over."""
        if not self.holds(moment):
            return moment
        zone = ZoneInfo(self.zone)
        local = moment.astimezone(zone)
        day = local.date() if local.time() < self.until else local.date() + timedelta(days=1)
        return datetime.combine(day, self.until, tzinfo=zone)
