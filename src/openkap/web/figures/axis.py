"""The time axis all lanes share, and how marks that would collide are moved apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

DAY = timedelta(days=1)
SHORTEST = 28  # days; a shorter course is drawn on four weeks, so that a single mark is not a wall
STEPS = (1, 7, 14, 28)  # days between ticks, the finest that leaves room for its labels


@dataclass(frozen=True)
class Axis:
    """Local dates `first` to `last` (inclusive) drawn from `left` to `right`, in user units of the SVG."""

    first: date
    last: date
    left: float
    right: float

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def per_day(self) -> float:
        """Width of one day."""
        return (self.right - self.left) / self.days

    def edge(self, day: date) -> float:
        """Where `day` begins, kept inside the axis."""
        return self._place(day, 0.0)

    def at(self, moment: date | datetime) -> float:
        """A moment's place; a date without a time stands at its noon."""
        if not isinstance(moment, datetime):
            return self._place(moment, 0.5)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._place(moment.date(), (moment - midnight) / DAY)

    def _place(self, day: date, part: float) -> float:
        """`part` of the way through `day`."""
        return self._clamped(self.left + ((day - self.first).days + part) * self.per_day)

    def _clamped(self, x: float) -> float:
        return min(max(x, self.left), self.right)

    def ticks(self, room: float = 24.0) -> list[date]:
        """Days to label, on Mondays when a week or more apart, each with at least `room` to the next."""
        step = next((s for s in STEPS if s * self.per_day >= room), 0)
        if not step:
            return []
        begin = self.first + timedelta(days=(7 - self.first.weekday()) % 7) if step >= 7 else self.first
        count = max((self.last - begin).days // step + 1, 0)
        return [begin + timedelta(days=step * n) for n in range(count)]

    def months(self, room: float = 90.0) -> list[date]:
        """The first day shown and each first of a month, as far as their names have room."""
        starts = [self.first, *_firsts(self.first, self.last)]
        shown: list[date] = []
        for day in reversed(starts):
            if not shown or self.edge(shown[-1]) - self.edge(day) >= room:
                shown.append(day)
        return shown[::-1]


def _firsts(first: date, last: date) -> list[date]:
    found = []
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def axis_over(days: Sequence[date], today: date, left: float, right: float) -> Axis:
    """An axis that holds all `days` and `today`, with room at both ends, and at least four weeks."""
    first = min([*days, today])
    last = max([*days, today])
    span = (last - first).days + 1
    pad = max(2, span // 40)
    missing = max(SHORTEST - span - 2 * pad, 0)
    return Axis(first - pad * DAY, last + (pad + missing) * DAY, left, right)


def lanes(spans: Sequence[tuple[float, float]], most: int) -> list[int]:
    """A lane for each (from, to) so that none overlap; where `most` do not suffice, the emptiest is taken.

    `spans` are sorted by their start.
    """
    ends: list[float] = []
    chosen = []
    for start, end in spans:
        lane = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
        if lane == most:
            lane = min(range(most), key=lambda n: ends[n])
        if lane == len(ends):
            ends.append(end)
        ends[lane] = max(ends[lane], end)
        chosen.append(lane)
    return chosen


def clusters(places: Sequence[float], apart: float) -> list[list[int]]:
    """Indices of sorted `places`, those nearer than `apart` to their neighbour together."""
    if not places:
        return []
    found = [[0]]
    for (_, before), (index, here) in pairwise(enumerate(places)):
        if here - before < apart:
            found[-1].append(index)
        else:
            found.append([index])
    return found
