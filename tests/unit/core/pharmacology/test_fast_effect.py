"""The compiled effect against a plain integration, and against itself on a finer grid."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from tests.factories.turnover import exact_turnover
from tests.unit.core.pharmacology.test_fast_grid import TYPICAL, cohort, system_of

from openkap.core.pharmacology.fast_effect import fill_effect
from openkap.core.pharmacology.fast_grid import GridDose, Stretch, fill, grid_plan
from openkap.errors import BadInput

pytest.importorskip("numba")

EFFECT = np.array([8.3, 0.05, 1.5, 0.8, np.log(2.0) / 48.0])
STRETCHES = [Stretch(0.0, 1 / 60, 240), Stretch(4.0, 1.0, 20), Stretch(24.0, 1 / 60, 60)]
WAYS = {
    "infusions": [GridDose(0.0, 40 / 60), GridDose(24.0, 40 / 60)],
    "by depot": [GridDose(0.0, depot=True), GridDose(24.0, depot=True)],
    "a bolus between two samples": [GridDose(0.0), GridDose(24.505)],
    "a stop between two samples": [GridDose(0.0, 0.505), GridDose(24.0, 1.0)],
}


def grid(stretches):
    return np.concatenate([s.first + s.step * np.arange(s.count) for s in stretches])


def integrated(row, effect, amount, doses, times):
    """A plain integration, restarted wherever something changes."""
    one = system_of(row[None])
    rates, (ke0, c50, h, emax, kout) = one.rates[0], effect
    moments = sorted({d.start for d in doses} | {d.start + d.span for d in doses})
    moments = [moment for moment in moments if moment <= times[-1]]
    state, found = np.append(np.zeros(6), 1.0), {}
    for begin, end in zip(moments, [*moments[1:], float(times[-1]) + 1e-9], strict=True):
        for dose in doses:
            if dose.start == begin and not dose.span:
                state[0 if dose.depot else 1] += amount
        inflow = sum(amount / d.span for d in doses if d.span and d.start <= begin < d.start + d.span)

        def slope(_t, y, inflow=inflow):
            change = np.append(rates @ y[:5], [0.0, 0.0])
            change[1] += inflow
            change[5] = ke0 * (y[1] / row[1] - y[5])
            raised = (max(y[5], 0.0) / c50) ** h
            change[6] = kout * (1.0 + emax * raised / (1.0 + raised) - y[6])
            return change

        inside = times[(times >= begin) & (times < end)]
        asked = np.union1d(inside, [begin, end])
        solution = solve_ivp(slope, (begin, end), state, "DOP853", t_eval=asked, rtol=3e-13, atol=1e-15)
        found |= dict(zip(asked[:-1], solution.y[:, :-1].T, strict=True))
        state = solution.y[:, -1].copy()
    states = np.array([found[t] for t in times])
    return np.stack([states[:, 1] / row[1], states[:, 4] / row[8], states[:, 6]])


@pytest.mark.parametrize("name", WAYS)
def test_it_equals_a_plain_integration(name):
    doses, times = WAYS[name], grid(STRETCHES)
    parameters, out = cohort(3), np.empty((3, 3, len(times)))
    effects = EFFECT * np.array([[1.0], [0.6], [1.4]])
    assert not fill_effect(parameters, effects, np.full(3, 35.0), doses, STRETCHES, out).any()
    for person in (0, 2):
        exact = integrated(parameters[person], effects[person], 35.0, doses, times)
        assert np.abs(out[person, 2] / exact[2] - 1.0).max() <= 1e-9
    concentrations = np.empty((3, 2, len(times)))
    fill(parameters, np.full(3, 35.0), grid_plan(doses, STRETCHES), concentrations)
    assert np.array_equal(out[:, :2], concentrations)


def test_a_finer_grid_gives_the_same_turnover():
    doses = [GridDose(0.0, 40 / 60)]
    coarse, fine = [Stretch(0.0, 1 / 30, 200)], [Stretch(0.0, 1 / 120, 797)]
    parameters, effects = cohort(50), np.repeat(EFFECT[None], 50, axis=0)
    one, other = np.empty((50, 3, 200)), np.empty((50, 3, 797))
    left = fill_effect(parameters, effects, np.full(50, 35.0), doses, coarse, one)
    left |= fill_effect(parameters, effects, np.full(50, 35.0), doses, fine, other, parallel=False)
    assert left.mean() < 0.1
    assert np.abs(one[~left, 2] / other[~left, 2, ::4] - 1.0).max() <= 1e-9


def test_nothing_given_or_no_effect_leaves_the_baseline():
    out = np.empty((1, 3, 320))
    fill_effect(TYPICAL[None], EFFECT[None], np.zeros(1), WAYS["infusions"], STRETCHES, out)
    assert np.allclose(out[0, 2], 1.0, rtol=1e-12)
    fill_effect(
        TYPICAL[None], (EFFECT * [1, 1, 1, 0, 1])[None], np.full(1, 35.0), WAYS["infusions"], STRETCHES, out
    )
    assert np.allclose(out[0, 2], 1.0, rtol=1e-12)


def test_what_changes_faster_than_the_samples_follow_is_left():
    out = np.empty((1, 3, 24))
    hourly = [Stretch(0.0, 1.0, 24)]
    assert fill_effect(TYPICAL[None], EFFECT[None], np.full(1, 35.0), [GridDose(0.0)], hourly, out).all()


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("bad", [-2.0, np.nan, np.inf])
def test_effects_that_cannot_be_meant_are_refused(column, bad):
    effects = EFFECT.copy()
    effects[column] = bad
    with pytest.raises(BadInput, match="positive"):
        fill_effect(
            TYPICAL[None], effects[None], np.ones(1), WAYS["infusions"], STRETCHES, np.empty((1, 3, 320))
        )


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="belong together"):
        fill_effect(
            TYPICAL[None], EFFECT[None], np.ones(1), WAYS["infusions"], STRETCHES, np.empty((1, 2, 320))
        )


ALONE = np.array([84.0, 25.0, 0.0, 1.0, 0.0, 1.0, 1.3, 58.0, 99.0, 1.0])  # one compartment and a metabolite
LOOKED_AT = (0, 1, 7, 30, 41, 100, 239)


@pytest.mark.parametrize("span", [0.0, 40 / 60, 0.505])
@pytest.mark.parametrize("steepness", [0.7, 1.0, 2.5])
def test_one_compartment_equals_the_closed_form_at_thirty_digits(span, steepness):
    effect = EFFECT * [1.0, 4.0, 1.0, 1.0, 1.0]
    effect[2] = steepness
    out = np.empty((1, 3, 240))
    assert not fill_effect(
        ALONE[None], effect[None], np.full(1, 35.0), [GridDose(0.0, span)], [Stretch(0.0, 1 / 60, 240)], out
    ).any()
    exact = exact_turnover([i / 60 for i in LOOKED_AT], 84.0 / 25.0, effect, 35.0 / 25.0, span)
    assert np.abs(out[0, 2, list(LOOKED_AT)] / exact - 1.0).max() <= 1e-9


def test_a_constant_level_ends_at_the_sigmoid():
    """An infusion that goes on until everything rests: the level is rate / clearance, R is 1 + Emax S."""
    out, effect = np.empty((1, 3, 1000)), EFFECT.copy()
    doses, hourly = [GridDose(0.0, 2000.0)], [Stretch(1000.0, 1.0, 1000)]
    assert not fill_effect(ALONE[None], effect[None], np.full(1, 2000.0 * 4.2), doses, hourly, out).any()
    level = 4.2 / 84.0
    raised = (level / effect[1]) ** effect[2]
    assert out[0, 0, -1] == pytest.approx(level, rel=1e-12)
    assert out[0, 2, -1] == pytest.approx(1.0 + effect[3] * raised / (1.0 + raised), rel=1e-9)
