"""Effects: they demand their own site and analyte, and never claim more than they know."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Analyte, Site, simulate
from openkap.core.pharmacology.concentration import (
    ArterialSKetamine,
    Concentration,
    VenousKetamine,
    WrongConcentration,
)
from openkap.core.pharmacology.effects.blood_pressure import blood_pressure_rise
from openkap.core.pharmacology.effects.dissociation import dissociation, sigmoid
from openkap.core.pharmacology.effects.effect_site import with_effect_site
from openkap.core.pharmacology.effects.plasticity import plasticity
from openkap.errors import BadInput
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.pd_model import PdModel, Standing

EFFECTS = read_kind("pd_models", PdModel)
TIMES = np.arange(0.0, 241.0, 5.0)
IV = [dose(35, span=40)]


def level(record: str, analyte: Analyte) -> Concentration:
    return simulate(model(record), IV, ADULT, TIMES).concentration(analyte)


def test_a_venous_level_is_no_arterial_one():
    with pytest.raises(WrongConcentration, match="arterial"):
        ArterialSKetamine.of(level("otto-2021", Analyte.S_KETAMINE))
    with pytest.raises(TypeError):
        ArterialSKetamine.of(level("simons-2022", Analyte.KETAMINE))
    assert ArterialSKetamine.of(level("simons-2022", Analyte.S_KETAMINE)).site is Site.ARTERIAL
    assert VenousKetamine.of(level("otto-2021", Analyte.KETAMINE)).analyte is Analyte.KETAMINE


def test_dissociation_refuses_a_venous_model():
    with pytest.raises(WrongConcentration):
        dissociation(EFFECTS["dissociation"], model("otto-2021"), IV, ADULT, TIMES)


def test_dissociation_is_an_area_that_is_half_at_the_c50():
    found = dissociation(EFFECTS["dissociation"], model("simons-2022"), IV, ADULT, TIMES)
    assert found.standing is Standing.EXPLORATORY
    assert (found.low <= found.high).all()
    assert found.high.max() < 1.0
    assert (found.high - found.low).max() > 0.1
    assert sigmoid(np.array([71.0]), 71.0, 1.7)[0] == pytest.approx(0.5)


def test_the_area_holds_every_delay_between_its_ends():
    """Just after a push the site's level is highest for a delay between the two ends."""
    push, fine = [dose(10, "esketamine")], np.arange(0.0, 31.0, 1.0)
    found = dissociation(EFFECTS["dissociation"], model("simons-2022"), push, ADULT, fine)
    for delay in np.linspace(0.0, 6.0, 13):
        at_site = with_effect_site(model("simons-2022"), Analyte.S_KETAMINE, float(delay))
        reached = simulate(at_site, push, ADULT, fine).concentration(Analyte.S_KETAMINE).ng_ml
        for steepness in (1.0, 1.5, 2.0):
            share = sigmoid(reached, 71.0, steepness)
            assert (share <= found.high + 0.006).all()
            assert (share >= found.low - 0.006).all()


def test_the_effect_site_lags_without_taking_anything():
    plain = simulate(model("simons-2022"), IV, ADULT, TIMES).curve(Analyte.S_KETAMINE).typical
    at_site = simulate(with_effect_site(model("simons-2022"), Analyte.S_KETAMINE, 5.0), IV, ADULT, TIMES)
    curve = at_site.curve(Analyte.S_KETAMINE)
    assert curve.site is Site.ARTERIAL_EFFECT
    assert curve.typical.max() < plain.max()
    assert TIMES[curve.typical.argmax()] >= TIMES[plain.argmax()]
    fine = np.arange(0.0, 241.0, 0.5)
    drive = simulate(model("simons-2022"), IV, ADULT, fine).curve(Analyte.S_KETAMINE).typical
    rate = np.log(2) / 5.0
    slope = lambda t, c: rate * (np.interp(t, fine, drive) - c)  # noqa: E731
    plainly = solve_ivp(slope, (0.0, 240.0), [0.0], t_eval=TIMES, rtol=1e-8, atol=1e-8, max_step=0.5).y[0]
    assert np.allclose(curve.typical, plainly, rtol=2e-3, atol=1e-2)


def test_a_delay_of_nothing_is_the_plasma_itself():
    at_once = simulate(with_effect_site(model("simons-2022"), Analyte.S_KETAMINE, 0.0), IV, ADULT, TIMES)
    assert np.allclose(at_once.curves[0].typical, level("simons-2022", Analyte.S_KETAMINE).ng_ml, rtol=1e-11)


@pytest.mark.parametrize("delay", [-1.0, float("nan"), float("inf")])
def test_a_delay_is_a_number_from_zero_on(delay):
    with pytest.raises(BadInput):
        with_effect_site(model("simons-2022"), Analyte.S_KETAMINE, delay)


def test_an_unstated_site_has_no_effect_site():
    with pytest.raises(BadInput, match="site"):
        with_effect_site(model("domino-1984"), Analyte.KETAMINE, 3.0)


def test_blood_pressure_needs_venous_racemic_ketamine():
    effect = EFFECTS["blood-pressure"]
    with pytest.raises(WrongConcentration):
        blood_pressure_rise(effect, level("kamp-2020", Analyte.KETAMINE), "systolic")
    with pytest.raises(WrongConcentration):
        blood_pressure_rise(effect, level("otto-2021", Analyte.S_KETAMINE), "systolic")
    found = blood_pressure_rise(effect, level("otto-2021", Analyte.KETAMINE), "systolic")
    assert found.typical.max() == pytest.approx(16.0, rel=0.01)
    assert ((found.p05 < found.typical) & (found.typical < found.p95))[1:].all()
    assert found.standing is Standing.EXPLORATORY
    with pytest.raises(BadInput, match="systolic, diastolic"):
        blood_pressure_rise(effect, level("otto-2021", Analyte.KETAMINE), "pulse")


def test_blood_pressure_says_when_it_goes_beyond_what_was_seen():
    high = simulate(model("otto-2021"), [dose(80, span=40)], ADULT, TIMES).concentration(Analyte.KETAMINE)
    assert blood_pressure_rise(EFFECTS["blood-pressure"], high, "systolic").extrapolated
    low = simulate(model("otto-2021"), [dose(20, span=40)], ADULT, TIMES).concentration(Analyte.KETAMINE)
    assert not blood_pressure_rise(EFFECTS["blood-pressure"], low, "systolic").extrapolated


def test_plasticity_is_a_hypothesis_and_solves_its_equations():
    grid = np.concatenate([np.arange(0.0, 300.0, 5.0), np.arange(300.0, 10 * 1440.0, 60.0)])

    def at(times):
        return simulate(model("simons-2022"), IV, ADULT, times).concentration(Analyte.S_KETAMINE)

    found = plasticity(EFFECTS["plasticity"], at, grid)
    assert found.standing is Standing.HYPOTHESIS
    transit, turnover = 4 / 900.0, np.log(2) / 7200.0
    fine = np.concatenate([np.arange(0.0, 400.0, 0.25), np.arange(400.0, 14_401.0, 10.0)])
    seen = at(fine).ng_ml
    stimulus = seen / (71.0 + seen)

    def slope(time, state):
        now = np.interp(time, fine, stimulus)
        chain = transit * (np.concatenate([[now], state[:3]]) - state[:4])
        return np.append(chain, turnover * (state[3] - state[4]))

    plainly = solve_ivp(
        slope, (0.0, grid[-1]), np.zeros(5), t_eval=grid, rtol=1e-9, atol=1e-14, max_step=30.0
    ).y[4]
    assert np.allclose(found.per_unit, plainly, rtol=5e-4, atol=1e-8)
    assert found.per_unit[0] == 0.0
    peak_hour = grid[found.per_unit.argmax()] / 60.0
    assert 12.0 < peak_hour < 72.0


def test_plasticity_refuses_another_level():
    def at(times):
        return simulate(model("otto-2021"), IV, ADULT, times).concentration(Analyte.S_KETAMINE)

    with pytest.raises(WrongConcentration):
        plasticity(EFFECTS["plasticity"], at, TIMES)


def test_an_effect_of_another_kind_is_refused():
    with pytest.raises(BadInput):
        blood_pressure_rise(EFFECTS["blood-pressure"].model_copy(update={"form": EFFECTS["plasticity"].form}),
                            level("otto-2021", Analyte.KETAMINE), "systolic")  # fmt: skip


def test_no_effect_claims_to_be_a_clinical_prediction():
    for effect in EFFECTS.values():
        assert effect.standing in (Standing.EXPLORATORY, Standing.HYPOTHESIS)
        assert effect.notes
