"""Quiet hours over midnight, in the day, never, and over a change of clocks."""

from datetime import UTC, datetime, time

import pytest

from openkap.apps.messages.quiet import Quiet

NIGHT = Quiet(time(21), time(8), "Europe/London")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-01-10T20:59", "2026-01-10T20:59"),
        ("2026-01-10T21:00", "2026-01-11T08:00"),
        ("2026-01-11T07:59", "2026-01-11T08:00"),
        ("2026-01-11T08:00", "2026-01-11T08:00"),
        ("2026-03-28T22:00", "2026-03-29T07:00"),  # the clocks go forward in this night
    ],
)
def test_the_night(moment: str, opens: str) -> None:
    assert NIGHT.next_open(at(moment)) == at(opens)
    assert NIGHT.holds(at(moment)) == (moment != opens)


def test_a_pause_in_the_day() -> None:
    noon = Quiet(time(12), time(13), "UTC")
    assert noon.next_open(at("2026-01-10T12:30")) == at("2026-01-10T13:00")
    assert not noon.holds(at("2026-01-10T13:00"))


def test_the_same_twice_is_never() -> None:
    assert not Quiet(time(9), time(9), "UTC").holds(at("2026-01-10T09:00"))
