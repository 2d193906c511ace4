"""The series of the amounts soon after a moment: as exact as it says, and silent where it is not."""

import numpy as np
import pytest
from tests.factories.pharmacology import error_of, exact_amounts, inputs, rates_of, system

from openkap.core.pharmacology.cancellation import cuts_of, pairs_of, smallest, weak
from openkap.core.pharmacology.early_series import LATE, EarlySeries, Starts, prefixes_of
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Status
from openkap.core.pharmacology.spacing import layout_of

PARENT = ((1, 2, 1.4), (2, 1, 0.6), (1, 3, 0.9), (3, None, 0.5))
RATES = rates_of(4, (0, 1, 1.3), *PARENT)


def held(amounts, flows=(0.0,) * 4, doubts=(0.0,) * 4):
    return Starts(*(np.array([[row]], dtype=float) for row in (amounts, doubts, flows)))


def observed(starts, spans, rates=RATES):
    series = EarlySeries(rates[None], (1, 3), np.ones((1, 2)), starts, reach=float(max(spans)))
    values, bounds = series.observed(np.array([0]), np.asarray(spans, dtype=float))
    return values[0, 0], bounds[0, 0]


def test_the_smallest_values_after_a_dose_keep_their_digits():
    """A millionth of a minute after a dose by depot: where modes leave nothing."""
    spans = [1e-8, 1e-5, 1e-3, 0.02, 0.5, 2.0]
    values, bounds = observed(held((100.0, 0.0, 0.0, 0.0)), spans)
    exact = exact_amounts(RATES, [(0, 0.0, 0.0, 100.0)], np.array([0.0, *spans]))[1:][:, [1, 3]]
    assert np.abs(values / exact - 1.0).max() <= 1e-12
    assert (np.abs(values - exact) <= bounds).all()
    assert (bounds <= 1e-12 * exact).all()


def test_what_flows_in_is_part_of_it_and_what_is_uncertain_stays_so():
    spans = [0.01, 0.3]
    values, bounds = observed(held((0.0, 5.0, 1.0, 2.0), (0.0, 30.0, 0.0, 0.0), (0.0, 1e-6, 0.0, 0.0)), spans)
    before = exact_amounts(RATES, [(1, 0.0, 1.0, 30.0)], np.array([0.0, *spans]))[1:][:, [1, 3]]
    for compartment, amount in ((1, 5.0), (2, 1.0), (3, 2.0)):
        before += exact_amounts(RATES, [(compartment, 0.0, 0.0, amount)], np.array([0.0, *spans]))[1:][
            :, [1, 3]
        ]
    assert values == pytest.approx(before, rel=1e-12)
    lost = exact_amounts(RATES, [(1, 0.0, 0.0, 1e-6)], np.array([0.0, *spans]))[1:][:, [1, 3]]
    assert bounds == pytest.approx(lost, rel=1e-4)


def test_beyond_its_reach_it_says_nothing():
    fast = RATES * (4.0 * LATE)
    values, bounds = observed(held((100.0, 0.0, 0.0, 0.0)), [0.01, 2.0], fast)
    assert np.isfinite(values[0]).all()
    assert np.isnan(values[1]).all()
    assert weak(values, bounds, np.zeros(2)).tolist() == [False, True]


def test_the_first_samples_of_alike_moments_go_together_and_no_further_than_needed():
    times = np.arange(0.0, 6.0, 0.1)
    layout = layout_of(np.array([0.0, 2.0, 4.0]), times)
    needed = np.zeros(len(times), dtype=bool)
    needed[[0, 3, 23, 43, 41]] = True
    instant, *later = sorted(prefixes_of(layout, needed), key=lambda one: len(one.spans))
    assert (instant.spans.tolist(), instant.samples) == ([0.0], ((0, 1),))
    assert sorted(sample for one in later for sample in one.samples) == [(1, 3), (21, 3), (41, 3)]
    assert prefixes_of(layout, np.zeros(len(times), dtype=bool)) == []


def test_a_long_fall_is_looked_at_in_parts_and_a_piece_of_first_samples_in_none():
    assert cuts_of(1, 0.1) == cuts_of(2, 9.0) == []
    assert cuts_of(40, 0.1) == [2]
    assert cuts_of(80, 20.0) == [2, 20, 40, 60]
    rows = np.array([[3.0, 1.0], [2.0, np.nan]])
    assert smallest(rows).tolist() == pytest.approx([1.0, np.nan], nan_ok=True)


def test_any_observable_is_enough_to_doubt_a_sample_and_so_is_what_is_no_number():
    values = np.array([[1.0, 1.0], [1.0, 1e-6], [np.nan, 1.0], [0.0, 1.0]])
    bounds = np.array([[1e-10, 1e-10], [1e-10, 1e-10], [1e-10, 1e-10], [0.0, 0.0]])
    flags = weak(values, bounds, np.zeros(2))
    assert flags.tolist() == [False, True, True, False]
    rows, columns = pairs_of(np.array([[False, True], [True, True]]))
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 1], [1, 0, 1])


def test_what_follows_soon_after_a_moment_is_carried_from_there():
    """Between two doses a minute apart the modes leave nothing of a metabolite: it is known from the first."""
    gap, dose = 1e-3, 100.0
    exact = exact_amounts(RATES, [(0, 0.0, 0.0, dose)], np.array([0.0, gap]))[1]
    lost = np.full(4, 1e-14 * dose)  # what rounding leaves of a sum of modes
    amounts = np.array([[[dose, 0.0, 0.0, 0.0], [*(exact + lost)]]])
    amounts[0, 1, 0] += dose
    starts = Starts(amounts, np.stack([np.zeros(4), lost])[None], np.zeros((1, 2, 4)))
    jumps = np.zeros((1, 2, 4))
    jumps[0, :, 0] = dose
    needed = np.array([[False, True]])
    found = starts.carried_on(RATES[None], jumps, np.array([gap]), needed)
    assert np.abs(found.amounts[0, 1] - jumps[0, 1] - exact)[1:] == pytest.approx(
        np.zeros(3), abs=1e-12 * exact[3]
    )
    assert (np.abs(found.amounts[0, 1] - jumps[0, 1] - exact) <= found.doubts[0, 1] + 1e-15 * dose).all()
    assert found.doubts[0, 1, 3] < 1e-4 * lost[3]
    untouched = starts.carried_on(RATES[None], jumps, np.array([gap]), ~needed)
    assert np.array_equal(untouched.amounts, amounts)


def test_two_doses_soon_after_each_other_need_no_propagation():
    given = [(0, 0.0, 0.0, 100.0), (0, 1.0 / 12.0, 0.0, 100.0)]
    times = np.arange(0.0, 240.0) / 60.0
    found = solve(system(RATES, 1, 3), inputs(*given), times)
    assert found.status is Status.CLOSED_FORM
    exact = exact_amounts(RATES, given, times)
    for place, compartment in enumerate((1, 3)):
        assert error_of(found.values[0, place], exact[:, compartment]) <= 1e-9


def test_early_samples_of_many_doses_need_no_propagation():
    """Every minute after each of six doses by depot: the series stands in where the modes cancel."""
    days = [24.0 * day for day in (0, 3, 7, 10, 14, 17)]
    times = np.concatenate([day + np.arange(240) / 60 for day in days])
    given = [(0, day, 0.0, 100.0) for day in days]
    found = solve(system(RATES, 1, 3), inputs(*given), times)
    assert found.status is Status.CLOSED_FORM
    chosen = np.array([0, 1, 2, 5, 40, 239, 240, 241, 242, 245, 1201, 1439])
    exact = exact_amounts(RATES, given, times[chosen])
    for place, compartment in enumerate((1, 3)):
        assert error_of(found.values[0, place, chosen], exact[:, compartment]) <= 1e-9
