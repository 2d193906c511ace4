"""What Takeout gives of Fitbit and of Google's own apps: JSON of each month, and tables.

Seen in public descriptions of the export: `steps-*.json` and `sleep-*.json` are on the wearer's own clock,
tables whose name begins with 'steps_' or 'UserSleeps_' in UTC, 'Daily activity metrics' by local day. A name
says nothing reliable, so each part is told by what it holds.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from openkap.adapters.wearables.numbers import iso_day, iso_moment, whole
from openkap.adapters.wearables.refusing import broken, not_known
from openkap.core.lifestyle import Kind, Tally

FITBIT = "Fitbit"
MINUTES = 24 * 60
MILLISECONDS = 60_000  # of a minute


class Reader:
    """Takes parts of one export; remembers what it has seen, since parts overlap."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._minutes: dict[date, bytearray] = {}
        self._sleeps: set[str] = set()

    def take_json(self, raw: bytes) -> None:
        """Steps by the minute, or sleep by the night. Raises `BadInput`."""
        try:
            entries = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise broken() from error
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise not_known()
        if entries and {"dateTime", "value"} <= entries[0].keys():
            for entry in entries:
                self._minute(entry)
        elif entries and {"dateOfSleep", "minutesAsleep"} <= entries[0].keys():
            for entry in entries:
                self._night(entry)
        else:
            raise not_known()

    def take_table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        """Rows of a table that is known by its headers. False, and nothing taken, for any other."""
        named = [header.strip().lower() for header in headers]
        for wanted, take in (
            ({"timestamp", "steps", "data source"}, self._walk),
            ({"sleep_id", "minutes_asleep", "sleep_end"}, self._sleep),
            ({"date", "step count"}, self._day),
        ):
            if wanted <= set(named):
                for row in rows:
                    take(dict(zip(named, row, strict=False)))
                return True
        return False

    def _minute(self, entry: Mapping[str, Any]) -> None:
        """{'dateTime': '09/26/26 20:16:00', 'value': '13'}: one minute on the wearer's clock."""
        steps = whole(str(entry.get("value", "")))
        try:
            at = datetime.strptime(str(entry.get("dateTime")), "%m/%d/%y %H:%M:%S")  # noqa: DTZ007  a local clock
        except ValueError:
            at = None
        if at is None or steps is None:
            self._tally.unreadable()
            return
        if self._tally.window.misses(at.date()) is None:
            seen = self._minutes.setdefault(at.date(), bytearray(MINUTES))
            minute = at.hour * 60 + at.minute
            if seen[minute]:
                return
            seen[minute] = 1
        self._tally.add(Kind.STEPS, FITBIT, at.date(), steps)

    def _night(self, entry: Mapping[str, Any]) -> None:
        """One sleep; a nap is one of its own and counts to the same day."""
        day, asleep = iso_day(str(entry.get("dateOfSleep", ""))), whole(str(entry.get("minutesAsleep", "")))
        if day is None or asleep is None:
            self._tally.unreadable()
        elif self._is_new(f"json {entry.get('logId')}"):
            self._tally.add(Kind.ASLEEP, FITBIT, day, asleep)

    def _walk(self, row: Mapping[str, str]) -> None:
        at, steps = iso_moment(row.get("timestamp", "")), whole(row.get("steps", ""))
        if at is None or steps is None:
            self._tally.unreadable()
            return
        self._tally.add(Kind.STEPS, _device(row.get("data source", "")), self._tally.day_of(at), steps)

    def _sleep(self, row: Mapping[str, str]) -> None:
        ended, asleep = iso_moment(row.get("sleep_end", "")), whole(row.get("minutes_asleep", ""))
        if ended is None or asleep is None:
            self._tally.unreadable()
        elif self._is_new(f"table {row.get('sleep_id')}"):
            device = _device(row.get("data_source", ""))
            self._tally.add(Kind.ASLEEP, device, self._tally.day_of(ended), asleep)

    def _day(self, row: Mapping[str, str]) -> None:
        """A whole day; what was not counted stands empty, and is not nought."""
        day = iso_day(row.get("date", ""))
        if day is None:
            self._tally.unreadable()
            return
        if (steps := whole(row.get("step count", ""))) is not None:
            self._tally.put(Kind.STEPS, "Google Fit", day, steps)
        if (asleep := whole(row.get("sleep duration (ms)", ""))) is not None:
            self._tally.put(Kind.ASLEEP, "Google Fit", day, asleep // MILLISECONDS)

    def _is_new(self, sleep: str) -> bool:
        """Parts that overlap hold the same sleep twice."""
        if sleep in self._sleeps:
            return False
        self._sleeps.add(sleep)
        return True


def _device(name: str) -> str:
    """A device of a table, never of the same name as one of the JSON: the two would be added up."""
    return f"Google, {name}".strip(", ")
