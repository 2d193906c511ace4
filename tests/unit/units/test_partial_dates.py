"""Dates as they were recorded."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openkap.errors import BadInput
from openkap.units.partial_dates import PartialDate, Precision


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2011", Precision.YEAR, date(2011, 1, 1), date(2011, 12, 31)),
        ("2012-02", Precision.MONTH, date(2012, 2, 1), date(2012, 2, 29)),
        ("2011-12-31", Precision.DAY, date(2011, 12, 31), date(2011, 12, 31)),
        ("2011-12-31T23:59:59-05:00", Precision.INSTANT, date(2011, 12, 31), date(2011, 12, 31)),
        ("2011-12-31T23:59:59.123456789Z", Precision.INSTANT, date(2011, 12, 31), date(2011, 12, 31)),
    ],
)
def test_keeps_how_much_was_said(text: str, precision: Precision, first: date, last: date) -> None:
    read = PartialDate.parse(text)
    assert (read.precision, read.first, read.last) == (precision, first, last)
    assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "11", "2011-13", "2011-00", "2011-02-30", "2011-12-31T09:00", "2011-12-31T09:00:00", "0000",
        "1/2/2011", "2011-12-31T25:00:00Z", "2011-12-31 09:00:00Z", " 2011", "2011\n",
        "\u0662\u0660\u0661\u0661", "2011-12-31T09:00:00+99:00",
    ],
)  # fmt: skip
def test_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises(BadInput):
        PartialDate.parse(text)


def test_an_instant_keeps_its_offset() -> None:
    instant = PartialDate.parse("2011-12-31T23:30:00-05:00").at
    assert instant == datetime(2012, 1, 1, 4, 30, tzinfo=UTC)
    assert PartialDate.parse("2011-12-31").at is None


@given(st.dates(min_value=date(1, 1, 1)))
def test_every_day_of_the_calendar_reads_back(day: date) -> None:
    read = PartialDate.of_day(day)
    assert PartialDate.parse(read.text) == read


@given(st.text())
def test_any_text_is_a_date_or_bad_input(text: str) -> None:
    try:
        read = PartialDate.parse(text)
    except BadInput:
        return
    assert read.first <= read.last
