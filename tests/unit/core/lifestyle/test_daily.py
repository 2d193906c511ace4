"""One number a day: added up within a device, chosen among devices, bounded for any file."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from openkap.core.lifestyle import Found, Kind, Skipped, Tally, Window, choose, devices
from openkap.core.lifestyle.daily import MINUTES_OF_A_DAY, MOST_DEVICES, TooManyDevices

TODAY = date(2026, 3, 10)
MADRID = ZoneInfo("Europe/Madrid")
NOTHING: dict[Kind, dict[str, dict[date, int]]] = {Kind.STEPS: {}, Kind.ASLEEP: {}}


def a_tally() -> Tally:
    return Tally(Window.back_from(TODAY, 30), MADRID)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_walks_of_a_day_add_up_by_device() -> None:
    tally = a_tally()
    for device, amount in (("Phone", 400), ("Watch", 900), ("Phone", 350)):
        tally.add(Kind.STEPS, device, TODAY, amount)
    found = tally.found()
    assert found.by_device == {Kind.STEPS: {"Phone": {TODAY: 750}, "Watch": {TODAY: 900}}, Kind.ASLEEP: {}}
    assert not found.skipped


@pytest.mark.parametrize(("day", "why"), [
    (TODAY + timedelta(days=1), Skipped.AHEAD),
    (TODAY - timedelta(days=30), Skipped.LONG_AGO),
])  # fmt: skip
def test_days_outside_the_window_are_counted_and_left_out(day: date, why: Skipped) -> None:
    tally = a_tally()
    for _ in range(3):
        tally.add(Kind.STEPS, "Phone", day, 10)
    assert tally.found() == Found(NOTHING, {why: 1})
    assert tally.found().is_empty


def test_a_day_that_cannot_be_is_left_out() -> None:
    tally = a_tally()
    tally.add(Kind.STEPS, "Phone", TODAY, 150_000)
    tally.add(Kind.STEPS, "Phone", TODAY, 150_000)
    tally.add(Kind.STEPS, "Watch", TODAY, 10)
    tally.add(Kind.STEPS, "Watch", TODAY - timedelta(days=1), -5)
    tally.put(Kind.ASLEEP, "Ring", TODAY, MINUTES_OF_A_DAY + 1)
    found = tally.found()
    assert found.by_device == {Kind.STEPS: {"Watch": {TODAY: 10}}, Kind.ASLEEP: {}}
    assert found.skipped == {Skipped.IMPOSSIBLE: 2}


def test_two_numbers_for_one_whole_day_drop_it_and_the_same_one_twice_does_not() -> None:
    tally, before = a_tally(), TODAY - timedelta(days=1)
    for day, amount in ((TODAY, 4000), (TODAY, 4001), (before, 300), (before, 300)):
        tally.put(Kind.STEPS, "CSV", day, amount)
    found = tally.found()
    assert found.by_device[Kind.STEPS] == {"CSV": {before: 300}}
    assert found.skipped == {Skipped.TWICE: 1}


def test_sleep_counts_to_the_day_of_waking_and_overlaps_once() -> None:
    tally = a_tally()
    for began, ended in (
        ("2026-03-08T23:10:00+01:00", "2026-03-09T02:00:00+01:00"),
        ("2026-03-09T01:00:00+01:00", "2026-03-09T05:00:00+01:00"),
        ("2026-03-09T04:30:00+00:00", "2026-03-09T05:30:00+00:00"),
    ):
        tally.slept("Watch", at(began), at(ended))
    assert tally.found().by_device[Kind.ASLEEP] == {"Watch": {date(2026, 3, 9): 350 + 60}}


def test_the_night_the_clock_moves_is_as_long_as_it_was() -> None:
    tally = Tally(Window.back_from(date(2026, 3, 30), 30), MADRID)
    tally.slept("Watch", at("2026-03-29T00:00:00+01:00"), at("2026-03-29T07:00:00+02:00"))
    assert tally.found().by_device[Kind.ASLEEP] == {"Watch": {date(2026, 3, 29): 360}}


def test_a_moment_belongs_to_the_local_day() -> None:
    tally = a_tally()
    assert tally.day_of(at("2026-03-08T23:30:00+00:00")) == date(2026, 3, 9)
    assert tally.day_of(at("2026-03-08T23:30:00")) == date(2026, 3, 8)


def test_sleep_that_ends_before_it_begins_or_lasts_for_days_is_left_out() -> None:
    tally = a_tally()
    tally.slept("Watch", at("2026-03-09T05:00:00+01:00"), at("2026-03-09T04:00:00+01:00"))
    tally.slept("Watch", at("2026-03-07T05:00:00+01:00"), at("2026-03-09T04:00:00+01:00"))
    assert tally.found() == Found(NOTHING, {Skipped.IMPOSSIBLE: 2})


def test_a_night_in_thousands_of_shreds_is_refused_quickly() -> None:
    tally, began = a_tally(), at("2026-03-09T00:00:00+01:00")
    for n in range(20_000):
        start = began + timedelta(seconds=2 * n % 40_000)
        tally.slept("Watch", start, start + timedelta(seconds=1))
    assert Skipped.IMPOSSIBLE in tally.found().skipped


def test_names_are_made_to_fit_and_devices_are_counted() -> None:
    tally = a_tally()
    tally.add(Kind.STEPS, "Elena\u2019s\n\x07 Watch" + "x" * 99, TODAY, 1)
    (name,) = tally.found().by_device[Kind.STEPS]
    assert name.startswith("Elena\u2019s Watch")
    assert len(name) == 60
    for n in range(1, MOST_DEVICES):
        tally.add(Kind.ASLEEP, f"Ring {n}", TODAY, 1)
    with pytest.raises(TooManyDevices):
        tally.add(Kind.STEPS, "One more", TODAY, 1)


def test_one_device_counts_on_a_day_and_the_next_only_where_it_has_none() -> None:
    tally = a_tally()
    days = [TODAY - timedelta(days=n) for n in range(3)]
    for day in days:
        tally.add(Kind.STEPS, "Phone", day, 100)
    for day in days[:2]:
        tally.add(Kind.STEPS, "Watch", day, 900)
    found = tally.found()
    assert devices(found, Kind.STEPS) == [("Phone", 3), ("Watch", 2)]
    assert [one.device for one in choose(found)] == ["Phone"] * 3
    preferred = choose(found, {Kind.STEPS: "Watch"})
    assert [(one.day, one.amount, one.device) for one in preferred] == [
        (days[2], 100, "Phone"), (days[1], 900, "Watch"), (days[0], 900, "Watch"),
    ]  # fmt: skip
    assert choose(found, {Kind.STEPS: "Toaster"}) == choose(found)
