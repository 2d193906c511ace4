"""Dates as the templates say them."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from openkap.apps.chart.words import date_as_recorded, unit_as_written
from openkap.units.partial_dates import PartialDate
from openkap.web.templatetags.ui import by_when


def test_midnight_is_the_end_of_the_day_before() -> None:
    with timezone.override("Pacific/Auckland"), translation.override("en"):
        assert by_when(datetime(2026, 11, 22, 11, 0, tzinfo=UTC)) == "the end of Sun 22 Nov"
        assert by_when(datetime(2026, 11, 22, 11, 1, tzinfo=UTC)) == "Mon 23 Nov, 00:01"


@pytest.mark.parametrize(
    ("recorded", "said"),
    [("2024", "2024"), ("2024-05", "May 2024"), ("2024-05-14", "14 May 2024"),
     ("2024-05-14T09:30:00+01:00", "14 May 2024")],
)  # fmt: skip
def test_a_date_is_said_as_far_as_it_was_recorded(recorded: str, said: str) -> None:
    with translation.override("en"):
        assert date_as_recorded(PartialDate.parse(recorded)) == said


@pytest.mark.parametrize(
    ("ucum", "written"),
    [
        ("mm[Hg]", "mmHg"),
        ("kg/m2", "kg/m²"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("{score}", ""),
        ("U/L", "U/L"),
    ],
)
def test_units_are_written_as_on_paper(ucum: str, written: str) -> None:
    assert unit_as_written(ucum) == written
