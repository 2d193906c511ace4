"""Quiet hours, whatever they are and wherever: nothing is sent in them, and nothing waits longer than a day."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openkap.apps.messages.quiet import Quiet

MINUTES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
ZONES = st.sampled_from(["UTC", "America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Pacific/Auckland"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(MINUTES, MINUTES, ZONES, MOMENTS)
def test_what_waits_goes_out_when_quiet_is_over(begins: time, until: time, zone: str, moment: datetime) -> None:
    quiet = Quiet(begins, until, zone)
    opens = quiet.next_open(moment)
    assert opens >= moment
    assert opens - moment <= timedelta(hours=25)  # a day in which the clocks go back
    assert (opens == moment) == (not quiet.holds(moment)) or opens.astimezone(UTC) == moment
    if begins == until:
        assert not quiet.holds(moment)
