"""The compiled cohort: the same numbers as the solver, and honest about whom it leaves out."""

import numpy as np
import pytest
from tests.factories.pharmacology import error_of, exact_amounts, rates_of

from openkap.core.pharmacology.fast_grid import COLUMNS, GridDose, Stretch, fill, grid_plan, times_plan
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem
from openkap.errors import BadInput

pytest.importorskip("numba")

TYPICAL = np.array([84.0, 25.0, 161.0, 56.0, 79.0, 157.0, 1.3, 58.0, 99.0, 0.8])
STRETCHES = [Stretch(0.0, 1 / 60, 240), Stretch(4.0, 1.0, 60), Stretch(72.0, 1 / 60, 100)]
TIMES = np.concatenate([s.first + s.step * np.arange(s.count) for s in STRETCHES])
WAYS = {
    "infusions": ([GridDose(0.0, 40 / 60), GridDose(72.0, 40 / 60)], [(1, 0.0, 40 / 60), (1, 72.0, 40 / 60)]),
    "a depot and a bolus": ([GridDose(0.0, depot=True), GridDose(72.0)], [(0, 0.0, 0.0), (1, 72.0, 0.0)]),
    "a booster during an infusion": (
        [GridDose(0.0, 1.0), GridDose(0.5), GridDose(0.5, depot=True)],
        [(1, 0.0, 1.0), (1, 0.5, 0.0), (0, 0.5, 0.0)],
    ),
}  # fmt: skip


def cohort(people: int, spread: float = 0.25) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (
        TYPICAL
        * np.exp(spread * rng.standard_normal((people, len(COLUMNS))))
        * np.where(np.array(COLUMNS) == "FM", 0.5, 1)
    )


def exact(
    row: np.ndarray, amount: float, given: list[tuple[int, float, float]], times: np.ndarray
) -> np.ndarray:
    cl, v1, q2, v2, q3, v3, ka, clm, vm, fm = row
    rates = rates_of(
        5, (0, 1, ka), (1, 2, q2 / v1), (2, 1, q2 / v2), (1, 3, q3 / v1), (3, 1, q3 / v3), (1, 4, fm * cl / v1),
        (1, None, (1 - fm) * cl / v1), (4, None, clm / vm),
    )  # fmt: skip
    found = exact_amounts(rates, [(c, start, span, amount) for c, start, span in given], times)
    return np.stack([found[:, 1] / v1, found[:, 4] / vm])


@pytest.mark.parametrize("name", WAYS)
def test_it_equals_forty_digits(name):
    doses, given = WAYS[name]
    plan = grid_plan(doses, STRETCHES)
    parameters, amounts = cohort(2), np.array([35.0, 20.0])
    out = np.empty((2, 2, plan.samples))
    assert not fill(parameters, amounts, plan, out).any()
    some = np.r_[0:3, 39:42, 240, 299:302, 399]
    for person in range(2):
        reference = exact(parameters[person], amounts[person], given, TIMES[some])
        for analyte in (0, 1):
            assert error_of(out[person, analyte, some], reference[analyte]) <= 1e-9


def test_the_buffer_is_reused_and_may_be_single_precision():
    plan = grid_plan(WAYS["infusions"][0], STRETCHES)
    parameters, amounts = cohort(50), np.full(50, 35.0)
    whole, single = np.full((50, 2, plan.samples), np.nan), np.empty((50, 2, plan.samples), dtype=np.float32)
    fill(parameters, amounts, plan, whole)
    first = whole.copy()
    fill(parameters, amounts, plan, whole)
    assert np.array_equal(first, whole)
    fill(parameters, amounts, plan, whole, parallel=False)
    assert np.array_equal(first, whole)
    fill(parameters, amounts, plan, single)
    assert np.allclose(single, whole, rtol=1e-5, atol=1e-9)


def system_of(parameters: np.ndarray) -> LinearSystem:
    cl, v1, q2, v2, q3, v3, ka, clm, vm, fm = parameters.T
    rates = np.zeros((len(parameters), 5, 5))
    flows = [
        (0, 1, ka),
        (1, 2, q2 / v1),
        (2, 1, q2 / v2),
        (1, 3, q3 / v1),
        (3, 1, q3 / v3),
        (1, 4, fm * cl / v1),
    ]
    for source, target, rate in flows:
        rates[:, source, source] -= rate
        rates[:, target, source] += rate
    rates[:, 1, 1] -= (1 - fm) * cl / v1
    rates[:, 4, 4] -= clm / vm
    return LinearSystem(rates, (1, 4), np.stack([1 / v1, 1 / vm], axis=1))


def largest_error(found: np.ndarray, exact: np.ndarray) -> float:
    floor = 1e-6 * exact.max(axis=2, keepdims=True)
    return float((np.abs(found - exact) / np.maximum(np.abs(exact), floor)).max())


@pytest.mark.parametrize("name", WAYS)
def test_a_wide_cohort_equals_the_solver(name):
    doses, given = WAYS[name]
    plan, parameters = grid_plan(doses, STRETCHES), cohort(300, spread=0.6)
    out = np.empty((300, 2, plan.samples))
    left = fill(parameters, np.full(300, 35.0), plan, out)
    columns = [np.array([[one[i] for one in given]], dtype=float) for i in (1, 2)]
    inputs = Inputs(np.array([one[0] for one in given]), *columns, np.full((1, len(given)), 35.0))
    exact = solve(system_of(parameters), inputs, TIMES).values
    assert left.mean() < 0.1
    assert largest_error(out[~left], exact[~left]) <= 1e-9


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("count", [1, 9, 100])
def test_any_times_give_what_even_grids_give(name, count):
    doses, _ = WAYS[name]
    some = np.sort(np.random.default_rng(count).choice(len(TIMES), count, replace=False))
    grid, plan = grid_plan(doses, STRETCHES), times_plan(doses, TIMES[some])
    parameters, amounts = cohort(20), np.full(20, 35.0)
    whole, part = np.empty((20, 2, grid.samples)), np.full((21, 2, count), -1.0)
    assert not fill(parameters, amounts, grid, whole).any()
    assert not fill(parameters, amounts, plan, part[:20]).any()
    assert largest_error(part[:20], whole[:, :, some]) <= 1e-9
    assert (part[20] == -1.0).all()


def test_equal_times_and_several_samples_at_a_dose_are_equal():
    plan = times_plan(
        [GridDose(0.0), GridDose(1.0, depot=True)], np.array([0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0, 3.0])
    )
    out = np.empty((1, 2, 8))
    fill(TYPICAL[None], np.array([35.0]), plan, out)
    assert out[0, 0, 0] == out[0, 0, 1] == pytest.approx(35.0 / TYPICAL[1])
    assert out[0, 0, 2] == out[0, 0, 3]
    assert out[0, 0, 4] == out[0, 0, 5] == out[0, 0, 6] > 0.0


@pytest.mark.parametrize("name", WAYS)
def test_samples_a_second_after_a_dose_are_as_exact(name):
    doses, given = WAYS[name]
    starts = np.array(sorted({dose.start for dose in doses} | {dose.start + dose.span for dose in doses}))
    times = np.sort(np.concatenate([starts + after for after in (1e-5, 3e-4, 2e-3, 0.01, 0.2)]))
    parameters, out = cohort(3, spread=0.5), np.empty((3, 2, len(times)))
    parameters[2, 2] = 0.0
    assert not fill(parameters, np.full(3, 35.0), times_plan(doses, times), out).any()
    for person in range(3):
        reference = exact(parameters[person], 35.0, given, times)
        assert max(error_of(out[person, i], reference[i]) for i in (0, 1)) <= 1e-9


@pytest.mark.parametrize("people", [1, 7, 9, 65])
def test_any_number_of_people_are_the_same_people(people):
    plan, parameters = grid_plan(WAYS["infusions"][0], STRETCHES), cohort(65)
    whole, part = np.empty((65, 2, plan.samples)), np.empty((people, 2, plan.samples))
    fill(parameters, np.full(65, 35.0), plan, whole)
    fill(parameters[:people], np.full(people, 35.0), plan, part)
    assert np.array_equal(whole[:people], part)


@pytest.mark.parametrize("count", [1, 5, 8, 13])
def test_short_stretches_write_their_own_samples_only(count):
    stretches = [Stretch(0.0, 0.1, count), Stretch(2.0, 0.5, count), Stretch(20.0, 1.0, count)]
    plan, parameters = grid_plan(WAYS["infusions"][0], stretches), cohort(3)
    out = np.full((4, 2, plan.samples), -1.0)
    fill(parameters, np.full(3, 35.0), plan, out[:3])
    assert (out[3] == -1.0).all()
    times = np.concatenate([s.first + s.step * np.arange(s.count) for s in stretches])
    reference = exact(parameters[2], 35.0, WAYS["infusions"][1], times)
    assert max(error_of(out[2, analyte], reference[analyte]) for analyte in (0, 1)) <= 1e-9


@pytest.mark.parametrize("plan", [grid_plan, lambda doses, _: times_plan(doses, TIMES)])
def test_absorption_far_faster_than_disposition_is_exact(plan):
    """Nearly everything is slow; what is fast must still end the series soon after the dose."""
    doses, given = WAYS["a depot and a bolus"]
    parameters = np.array([
        [53.4, 900.7, 3.0, 43.8, 204.9, 8495.0, 4.8, 21.9, 4664.0, 1.0],
        [0.5, 900.0, 0.1, 50.0, 0.2, 800.0, 9.0, 0.3, 700.0, 0.5],
        [0.5, 900.0, 0.1, 50.0, 0.2, 800.0, 0.02, 900.0, 70.0, 0.5],
    ])  # fmt: skip
    laid = plan(doses, STRETCHES)
    out, some = np.empty((3, 2, laid.samples)), np.r_[1:4, 20, 120, 200, 241, 299, 300, 302, 399]
    left = fill(parameters, np.full(3, 35.0), laid, out)
    for person in np.flatnonzero(~left):
        reference = exact(parameters[person], 35.0, given, TIMES[some])
        assert max(error_of(out[person, i, some], reference[i]) for i in (0, 1)) <= 1e-9
    assert left.sum() < 3


def test_a_tissue_without_exchange_is_solved():
    parameters = np.stack([TYPICAL, TYPICAL, TYPICAL])
    parameters[0, 4] = 0.0  # no exchange with the deep tissue
    parameters[1, [2, 4]] = 0.0  # with none
    plan = grid_plan(WAYS["a depot and a bolus"][0], STRETCHES)
    out = np.empty((3, 2, plan.samples))
    assert not fill(parameters, np.full(3, 35.0), plan, out).any()
    some = np.r_[0, 1, 40, 299, 300, 399]
    for person in (0, 1):
        reference = exact(parameters[person], 35.0, WAYS["a depot and a bolus"][1], TIMES[some])
        assert max(error_of(out[person, i, some], reference[i]) for i in (0, 1)) <= 1e-9


def test_rates_that_all_but_coincide_are_left_to_the_solver():
    parameters = np.stack([TYPICAL, TYPICAL, TYPICAL])
    parameters[0, 6] = parameters[0, 7] / parameters[0, 8]  # absorbed as fast as the metabolite leaves
    parameters[1, 6] = parameters[0, 6] * (1 + 1e-7)
    plan = grid_plan(WAYS["a depot and a bolus"][0], STRETCHES)
    out = np.empty((3, 2, plan.samples))
    assert fill(parameters, np.full(3, 35.0), plan, out).tolist() == [True, True, False]
    intravenous = grid_plan(WAYS["infusions"][0], STRETCHES)  # nobody is absorbed here
    assert not fill(parameters, np.full(3, 35.0), intravenous, out).any()


@pytest.mark.parametrize("bad", [0.0, -5.0, np.nan, np.inf])
def test_numbers_that_cannot_be_meant_are_left_out(bad):
    parameters = np.stack([TYPICAL, TYPICAL])
    parameters[0, 0] = bad
    plan = grid_plan(WAYS["infusions"][0], STRETCHES)
    left = fill(parameters, np.full(2, 35.0), plan, np.empty((2, 2, plan.samples)))
    assert left.tolist() == [True, False]


def test_shapes_and_plans_that_do_not_fit_are_refused():
    plan = grid_plan(WAYS["infusions"][0], STRETCHES)
    with pytest.raises(BadInput, match="belong together"):
        fill(TYPICAL[None], np.ones(2), plan, np.empty((2, 2, plan.samples)))
    with pytest.raises(BadInput, match="before the first dose"):
        grid_plan([GridDose(1.0)], STRETCHES)
    with pytest.raises(BadInput, match="at once"):
        grid_plan([GridDose(0.0, 1.0, depot=True)], STRETCHES)
    with pytest.raises(BadInput, match="ascend"):
        times_plan([GridDose(1.0)], np.array([0.5, 2.0]))
    with pytest.raises(BadInput, match="ascend"):
        times_plan([GridDose(0.0)], np.array([2.0, 1.0]))
    with pytest.raises(BadInput, match="doses and samples"):
        grid_plan([], STRETCHES)
    with pytest.raises(BadInput, match="belong together"):
        fill(TYPICAL[None], np.ones(1), plan, np.empty((1, 2, 2 * plan.samples))[:, :, ::2])
