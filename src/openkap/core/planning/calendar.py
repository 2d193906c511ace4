"""Local days and times of a site, as the clock on its wall shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OpenDays:
    """On which local dates a site sees patients: data of the site and its calendar of holidays.

    `closed_weekdays` and `preferred_weekdays` count Monday as 0. No preference: every open day is as good.
    """

    closed_weekdays: frozenset[int] = frozenset()
    closed_dates: frozenset[date] = field(default_factory=frozenset)
    preferred_weekdays: frozenset[int] = frozenset()

    def is_open(self, day: date) -> bool:
        return day.weekday() not in self.closed_weekdays and day not in self.closed_dates

    def is_preferred(self, day: date) -> bool:
        return not self.preferred_weekdays or day.weekday() in self.preferred_weekdays


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the site's clock shows `at` on `day`.

    A time that a change of clocks leaves out is the one shown that much later; of one shown twice, the first.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same instant on the site's clock."""
    return moment.astimezone(zone)


def days_from(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += ONE_DAY
