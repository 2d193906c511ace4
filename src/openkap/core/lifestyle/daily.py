"""Adding up what devices counted, by device and by local day, within bounds that hold for any file.

Nothing but a day, a device's name and a number is taken in: no place, no heart rate, no hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

MOST_DEVICES = 20  # more than anybody carries; a file with more is not what it says
LONGEST_NAME = 60  # characters of a device's name
MINUTES_OF_A_DAY = 24 * 60
MOST_STEPS = 200_000  # in a day: above the records of 24-hour runners, so a slip of the file
NOON = timedelta(hours=12)


class Kind(StrEnum):
    """What is counted."""

    STEPS = "steps"
    ASLEEP = "asleep"  # minutes


class Skipped(StrEnum):
    """Why something of a file is left out. Days, except for lines that cannot be read."""

    AHEAD = "ahead"  # days that have not come
    LONG_AGO = "long-ago"
    IMPOSSIBLE = "impossible"  # more than a day can hold, or less than nothing
    TWICE = "twice"  # one day with two different numbers of one device
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Window:
    """The local days that are kept, both ends included."""

    first: date
    last: date

    @classmethod
    def back_from(cls, today: date, days: int) -> Self:
        """So many days up to today."""
        return cls(today - timedelta(days=days - 1), today)

    def misses(self, day: date) -> Skipped | None:
        """Why the day is not kept; None if it is."""
        if day > self.last:
            return Skipped.AHEAD
        return Skipped.LONG_AGO if day < self.first else None


@dataclass(frozen=True)
class Found:
    """What a file holds: numbers by kind, device and day; and how much of it was left out, by why."""

    by_device: Mapping[Kind, Mapping[str, Mapping[date, int]]]
    skipped: Mapping[Skipped, int]

    @property
    def is_empty(self) -> bool:
        return not any(days for devices in self.by_device.values() for days in devices.values())


class TooManyDevices(ValueError):
    """More devices than a person has."""


@dataclass
class Tally:
    """Takes in what a reader finds, in any order. `zone` is the clock that says which day it was."""

    window: Window
    zone: ZoneInfo
    _counts: dict[tuple[Kind, str], dict[date, int]] = field(default_factory=dict)
    _asleep: dict[str, dict[date, list[tuple[int, int]]]] = field(default_factory=dict)
    _skipped_days: dict[Skipped, set[date]] = field(default_factory=dict)
    _dropped: set[tuple[Kind, str, date]] = field(default_factory=set)
    _unreadable: int = 0

    def add(self, kind: Kind, device: str, day: date, amount: int) -> None:
        """So much more on that day, such as one walk of many. Raises `TooManyDevices`."""
        if not self._keeps(day):
            return
        days = self._days(kind, device)
        if amount < 0:
            self._drop(Skipped.IMPOSSIBLE, kind, device, day)
            return
        days[day] = days.get(day, 0) + amount

    def put(self, kind: Kind, device: str, day: date, amount: int) -> None:
        """The number of the whole day; two different ones drop it, as nobody can tell which holds."""
        if not self._keeps(day):
            return
        days = self._days(kind, device)
        if amount < 0:
            self._drop(Skipped.IMPOSSIBLE, kind, device, day)
        elif days.setdefault(day, amount) != amount:
            self._drop(Skipped.TWICE, kind, device, day)

    def slept(self, device: str, began: datetime, ended: datetime) -> None:
        """A stretch of sleep, with its zone; it counts to the day one wakes up on (noon to noon).

        What overlaps is counted once. Raises `TooManyDevices`.
        """
        night = self.day_of(began + NOON)
        if not self._keeps(night):
            return
        self._days(Kind.ASLEEP, device)
        if not timedelta(0) < ended - began <= timedelta(days=1):
            self._drop(Skipped.IMPOSSIBLE, Kind.ASLEEP, device, night)
            return
        nights = self._asleep.setdefault(_name(device), {})
        spans = nights.setdefault(night, [])
        spans.append((int(began.timestamp()), int(ended.timestamp())))
        if len(spans) > MINUTES_OF_A_DAY:  # so that no file can make it long
            nights[night] = _joined(spans)
            if len(nights[night]) > MINUTES_OF_A_DAY // 2:
                nights[night] = []
                self._drop(Skipped.IMPOSSIBLE, Kind.ASLEEP, device, night)

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment that knows its zone; one without is on this clock already."""
        return moment.date() if moment.tzinfo is None else moment.astimezone(self.zone).date()

    def unreadable(self) -> None:
        """One line, or one entry, that says nothing that can be understood."""
        self._unreadable += 1

    def found(self) -> Found:
        """Everything taken in, without the days that cannot be."""
        by_device: dict[Kind, dict[str, dict[date, int]]] = {kind: {} for kind in Kind}
        for (kind, device), days in self._counts.items():
            whole = days | self._nights(device) if kind is Kind.ASLEEP else days
            by_device[kind][device] = {
                day: n for day, n in sorted(whole.items()) if self._holds(kind, device, day, n)
            }
        skipped = {why: len(days) for why, days in self._skipped_days.items()}
        if self._unreadable:
            skipped[Skipped.UNREADABLE] = self._unreadable
        kept = {kind: {name: days for name, days in found.items() if days} for kind, found in by_device.items()}
        return Found(kept, skipped)

    def _keeps(self, day: date) -> bool:
        if why := self.window.misses(day):
            self._skip(why, day)
        return why is None

    def _skip(self, why: Skipped, day: date) -> None:
        self._skipped_days.setdefault(why, set()).add(day)

    def _drop(self, why: Skipped, kind: Kind, device: str, day: date) -> None:
        self._skip(why, day)
        self._dropped.add((kind, _name(device), day))

    def _holds(self, kind: Kind, device: str, day: date, amount: int) -> bool:
        if (kind, device, day) in self._dropped:
            return False
        most = MOST_STEPS if kind is Kind.STEPS else MINUTES_OF_A_DAY
        if amount > most:
            self._drop(Skipped.IMPOSSIBLE, kind, device, day)
        return amount <= most

    def _days(self, kind: Kind, device: str) -> dict[date, int]:
        key = (kind, _name(device))
        if key not in self._counts and len({name for _kind, name in self._counts} | {key[1]}) > MOST_DEVICES:
            raise TooManyDevices(device)
        return self._counts.setdefault(key, {})

    def _nights(self, device: str) -> dict[date, int]:
        nights = self._asleep.get(device, {})
        return {day: sum(end - start for start, end in _joined(spans)) // 60 for day, spans in nights.items()}


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same seconds, each once."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _name(device: str) -> str:
    """A device's name that fits a line: printable, and not endless."""
    printable = "".join(letter if letter.isprintable() else " " for letter in device)
    return " ".join(printable.split())[:LONGEST_NAME]
