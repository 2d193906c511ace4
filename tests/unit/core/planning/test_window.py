"""Hours since a dose and the window they lie in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from openkap.core.planning import Place, hours_since, place_in_window
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.protocol import Protocol

WINDOW = read_kind("protocols", Protocol)["ketamine-iv-twice-weekly"].integration_window
DOSE = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "place"),
    [
        (timedelta(0), Place.FIRST),
        (timedelta(hours=26), Place.FIRST),
        (timedelta(hours=48), Place.FIRST),
        (timedelta(hours=48, seconds=1), Place.SECOND),
        (timedelta(days=7), Place.SECOND),
        (timedelta(days=7, seconds=1), Place.OUTSIDE),
        (timedelta(seconds=-1), Place.BEFORE),
    ],
)
def test_where_a_visit_lies(after: timedelta, place: Place) -> None:
    found = place_in_window(WINDOW, [DOSE], DOSE + after)
    assert found.place is place
    assert found.inside == (place in {Place.FIRST, Place.SECOND})


def test_without_a_known_dose_the_place_is_unknown() -> None:
    found = place_in_window(WINDOW, [], DOSE)
    assert (found.place, found.hours, found.inside) == (Place.UNKNOWN, None, False)


def test_the_last_dose_before_the_visit_counts() -> None:
    doses = [DOSE, DOSE + timedelta(days=3), DOSE + timedelta(days=7)]
    assert hours_since(doses, DOSE + timedelta(days=3, hours=26)) == 26


def test_hours_are_elapsed_hours_across_a_change_of_clocks() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    dose = datetime(2026, 10, 31, 9, 0, tzinfo=zone).astimezone(UTC)
    visit = datetime(2026, 11, 1, 9, 0, tzinfo=zone).astimezone(UTC)
    assert hours_since([dose], visit) == 25


def test_the_window_says_that_it_is_a_hypothesis() -> None:
    assert place_in_window(WINDOW, [DOSE], DOSE).status == "hypothesis"
    assert "no trial" in WINDOW.rests_on.en
