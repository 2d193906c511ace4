"""When a reminder of practice comes next."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openkap.apps.journal.reminders import next_reminder

MADRID = ZoneInfo("Europe/Madrid")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
DAYS = st.sets(st.integers(0, 6), min_size=1)
ZONES = st.sampled_from(["UTC", "America/Los_Angeles", "Europe/Madrid", "Pacific/Auckland"]).map(ZoneInfo)


@pytest.mark.parametrize(("after", "days", "at", "expected"), [
    ("2026-03-02T12:00", {0}, time(18), "2026-03-02T17:00"),  # a Monday, before its time
    ("2026-03-02T17:00", {0}, time(18), "2026-03-09T17:00"),  # at its time: the next one
    ("2026-03-02T23:30", {1, 4}, time(0, 15), "2026-03-05T23:15"),  # it is Tuesday in Madrid already
    ("2026-03-28T12:00", {6}, time(2, 30), "2026-03-29T01:30"),  # half past two is skipped that night
    ("2026-10-24T12:00", {6}, time(2, 30), "2026-10-25T00:30"),  # half past two comes twice
])  # fmt: skip
def test_the_next_one(after: str, days: set[int], at: time, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_reminder(moment, days, at, MADRID) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(MOMENTS, DAYS, TIMES, ZONES)
def test_it_lies_ahead_on_a_chosen_day_and_none_is_left_out(
    after: datetime, days: set[int], at: time, zone: ZoneInfo
) -> None:
    found = next_reminder(after, days, at, zone)
    assert found > after
    assert found.astimezone(zone).weekday() in days
    assert next_reminder(found, days, at, zone).astimezone(zone).date() > found.astimezone(zone).date()


def test_it_needs_a_day() -> None:
    with pytest.raises(ValueError, match="weekday"):
        next_reminder(datetime(2026, 1, 1, tzinfo=UTC), set(), time(18), MADRID)
