"""What holds for every linear model, where it holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.pharmacology import inputs, model, rates_of

from openkap.core.pharmacology import Analyte, Covariates, Drug, GivenDose, Route, simulate
from openkap.core.pharmacology.generic_models import generic_model
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import LinearSystem

quick = settings(max_examples=25, deadline=None)
amounts = st.floats(1.0, 200.0)
weights = st.floats(40.0, 150.0)
venous = st.sampled_from(
    [("otto-2021", Drug.KETAMINE), ("perez-ruixo-2021", Drug.ESKETAMINE), ("simons-2022", Drug.ESKETAMINE)]
)


def given_dose(amount, drug, start=0.0, span=0.0):
    return GivenDose(amount_mg=amount, drug=drug, route=Route.IV, start_min=start, span_min=span)


@quick
@given(venous, amounts, st.floats(0.1, 10.0), weights)
def test_twice_the_dose_is_twice_the_level(which, amount, factor, weight):
    record, drug = which
    times = np.array([5.0, 30.0, 40.0, 60.0, 300.0])
    person = Covariates(weight_kg=weight, age_years=30)
    one, more = (
        simulate(model(record), [given_dose(a, drug, span=40)], person, times)
        for a in (amount, amount * factor)
    )
    for a, b in zip(one.curves, more.curves, strict=True):
        assert np.allclose(a.typical * factor, b.typical, rtol=1e-11)


@quick
@given(venous, amounts, amounts, st.floats(0.0, 200.0))
def test_doses_add_up(which, first, second, later):
    record, drug = which
    times = np.linspace(0.0, 400.0, 9)
    doses = [given_dose(first, drug, span=30), given_dose(second, drug, start=later)]
    person = Covariates(weight_kg=70, age_years=30)
    together = simulate(model(record), doses, person, times)
    apart = [simulate(model(record), [d], person, times) for d in doses]
    for i, curve in enumerate(together.curves):
        assert np.allclose(
            curve.typical, sum(a.curves[i].typical for a in apart), rtol=1e-9, atol=1e-9 * curve.typical.max()
        )


@quick
@given(venous, amounts, weights, st.floats(0.0, 60.0))
def test_an_intravenous_parent_only_falls_once_the_input_has_ended(which, amount, weight, span):
    record, drug = which
    times = span + np.linspace(0.0, 1440.0, 50)
    found = simulate(
        model(record), [given_dose(amount, drug, span=span)], Covariates(weight_kg=weight, age_years=30), times
    )
    parent = found.curve(Analyte.S_KETAMINE).typical
    assert (np.diff(parent) < 0).all()


@quick
@given(weights, amounts)
def test_clearance_times_area_is_the_dose(weight, amount):
    times = np.concatenate([np.linspace(0, 2000, 4001), np.linspace(2001, 20_000, 4001)])
    found = simulate(
        model("otto-2021"), [given_dose(amount, Drug.ESKETAMINE, span=40)], Covariates(weight_kg=weight), times
    )
    for analyte, clearance in ((Analyte.S_KETAMINE, 95.2), (Analyte.S_NORKETAMINE, 57.72)):
        area = np.trapezoid(found.curve(analyte).typical, times / 60.0)
        assert area * clearance * (weight / 70) ** 0.75 == pytest.approx(1000 * amount, rel=2e-3)


@quick
@given(st.lists(st.floats(0.01, 5.0), min_size=6, max_size=6), amounts)
def test_what_cannot_leave_stays(found, amount):
    matrix = rates_of(
        4, (0, 1, found[0]), (1, 2, found[1]), (2, 1, found[2]), (1, 3, found[3]), (3, 1, found[4])
    )
    everything = LinearSystem(matrix[None], (0, 1, 2, 3), np.ones((1, 4)))
    values = solve(everything, inputs((0, 0.0, 2.0, amount)), np.linspace(2.0, 60.0, 12)).values[0]
    assert np.allclose(values.sum(axis=0), amount, rtol=1e-10)
    assert (values >= 0).all()


@quick
@given(
    st.floats(0.5, 50.0),
    st.floats(5.0, 200.0),
    st.floats(0.1, 50.0),
    st.floats(5.0, 200.0),
    st.floats(0.01, 100.0),
)
def test_units_only_scale(cl, v1, q2, v2, factor):
    """Hours or minutes, milligrams or micrograms: the same curve."""
    form = generic_model("2cmt")

    def curve(scale_time, scale_amount):
        values = {"CL": cl / scale_time, "V1": v1, "Q2": q2 / scale_time, "V2": v2}
        place = {name: i for i, name in enumerate(form.compartments)}
        flows = [
            (place[f.source], None if f.to is None else place[f.to], float(f.rate.evaluate(values)))
            for f in form.flows
        ]
        whole = LinearSystem(rates_of(2, *flows)[None], (0,), np.ones((1, 1)))
        times = np.linspace(0.0, 12.0, 7) * scale_time
        return (
            solve(whole, inputs((0, 0.0, 1.0 * scale_time, 10.0 * scale_amount)), times).values[0, 0]
            / scale_amount
        )

    assert np.allclose(curve(1.0, 1.0), curve(60.0, factor), rtol=1e-11, atol=1e-13)
