"""The shared time axis: places of days and moments, ticks, lanes and clusters."""

import itertools
from datetime import date, datetime

import pytest

from openkap.web.figures.axis import SHORTEST, Axis, axis_over, clusters, lanes

MARCH = Axis(date(2027, 3, 1), date(2027, 3, 31), 0.0, 310.0)


def test_a_day_begins_at_its_edge_and_a_date_stands_at_its_noon():
    assert MARCH.edge(date(2027, 3, 1)) == 0
    assert MARCH.edge(date(2027, 3, 11)) == pytest.approx(100)
    assert MARCH.at(date(2027, 3, 11)) == pytest.approx(105)


def test_a_moment_stands_at_its_time_of_day():
    assert MARCH.at(datetime(2027, 3, 11, 0, 0)) == pytest.approx(100)
    assert MARCH.at(datetime(2027, 3, 11, 6, 0)) == pytest.approx(102.5)
    assert MARCH.at(datetime(2027, 3, 11, 18, 0)) == pytest.approx(107.5)


def test_what_lies_outside_is_kept_at_the_ends():
    assert MARCH.at(date(2026, 1, 1)) == 0
    assert MARCH.at(datetime(2028, 1, 1, 12)) == 310


def test_both_end_days_belong_to_the_axis():
    assert MARCH.days == 31
    assert Axis(date(2027, 3, 1), date(2027, 3, 1), 0, 10).days == 1


@pytest.mark.parametrize(
    ("width", "expected_step"),
    [(31 * 30.0, 1), (31 * 10.0, 7), (31 * 3.0, 14), (31 * 1.0, 28)],
)
def test_ticks_are_as_fine_as_their_labels_have_room(width: float, expected_step: int):
    axis = Axis(date(2027, 3, 1), date(2027, 3, 31), 0.0, width)
    ticks = axis.ticks(room=24.0)
    gaps = {(after - before).days for before, after in itertools.pairwise(ticks)}
    assert gaps <= {expected_step}
    assert ticks


def test_weekly_ticks_are_mondays():
    axis = Axis(date(2027, 3, 3), date(2027, 4, 30), 0.0, 590.0)
    assert {day.weekday() for day in axis.ticks()} == {0}
    assert axis.ticks()[0] == date(2027, 3, 8)


def test_years_have_no_day_ticks_when_no_step_has_room():
    axis = Axis(date(2020, 1, 1), date(2027, 1, 1), 0.0, 800.0)
    assert axis.ticks() == []


def test_months_are_named_where_they_begin_and_at_the_start():
    axis = Axis(date(2027, 1, 10), date(2027, 4, 5), 0.0, 900.0)
    assert axis.months() == [date(2027, 1, 10), date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1)]


def test_the_first_days_name_gives_way_to_a_month_that_begins_soon():
    axis = Axis(date(2027, 1, 28), date(2027, 4, 5), 0.0, 900.0)
    assert axis.months()[0] == date(2027, 2, 1)


def test_months_over_a_new_year():
    axis = Axis(date(2026, 11, 1), date(2027, 2, 15), 0.0, 1000.0)
    assert date(2026, 12, 1) in axis.months()
    assert date(2027, 1, 1) in axis.months()


def test_an_axis_over_nothing_shows_four_weeks_around_today():
    today = date(2027, 3, 1)
    axis = axis_over([], today, 0.0, 100.0)
    assert axis.first < today < axis.last
    assert axis.days >= SHORTEST


def test_an_axis_over_days_holds_them_all_and_today():
    days = [date(2027, 1, 1), date(2027, 6, 1)]
    axis = axis_over(days, date(2027, 8, 1), 0.0, 100.0)
    assert axis.first < days[0]
    assert axis.last > date(2027, 8, 1)


def test_lanes_keep_what_would_overlap_apart():
    assert lanes([(0, 10), (5, 15), (10, 20), (12, 22)], most=3) == [0, 1, 0, 2]


def test_when_lanes_run_out_the_one_free_soonest_is_taken():
    assert lanes([(0, 10), (1, 11), (2, 12)], most=2) == [0, 1, 0]


def test_no_spans_need_no_lanes():
    assert lanes([], most=3) == []


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], []),
        ([3.0], [[0]]),
        ([0.0, 30.0, 60.0], [[0], [1], [2]]),
        ([0.0, 5.0, 30.0], [[0, 1], [2]]),
        ([0.0, 0.0, 0.0], [[0, 1, 2]]),
        ([0.0, 15.0, 30.0], [[0, 1, 2]]),
    ],
)
def test_neighbours_too_near_are_one_cluster(places: list[float], expected: list[list[int]]):
    assert clusters(places, apart=20.0) == expected
