"""The closed form, the propagation, 40 digits and a plain integration agree, whatever the parameters and
doses.
"""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.pharmacology import error_of, exact_amounts, inputs

from openkap.core.pharmacology.generic_models import generic_model
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import LinearSystem
from openkap.core.pharmacology.ode_reference import integrate
from openkap.core.pharmacology.propagation import propagate
from openkap.core.pharmacology.timeline import timeline

EXACT, INTEGRATED = 1e-9, 1e-6

rates = st.sampled_from([0.0, 0.5, 1.0, 1.0 + 1e-9, 1.0 + 1e-5, 2.0]) | st.floats(1e-3, 20.0)
positive = st.sampled_from([0.5, 1.0, 1.0 + 1e-7, 2.0]) | st.floats(1e-2, 20.0)
structures = st.sampled_from(["1cmt+depot", "2cmt+metab", "2cmt+depot+metab", "3cmt+depot", "3cmt+depot+metab"])
instants = st.sampled_from([0.0, 1e-6]) | st.integers(0, 400_000).map(lambda n: n / 10_000)
spans = st.sampled_from([0.0, 0.5, 3.0])
moments = st.integers(0, 48).map(lambda quarter: quarter / 4.0)


@st.composite
def problems(draw):
    """A generic model with values, doses and times."""
    model = generic_model(draw(structures))
    values = {"FM": draw(st.floats(0.0, 1.0))}
    for name in model.required:
        values[name] = draw(positive if name.startswith("V") else rates)
    doses = draw(
        st.lists(
            st.tuples(st.integers(0, len(model.compartments) - 1), moments, spans, st.floats(0.1, 100.0)),
            min_size=1, max_size=4,
        )
    )  # fmt: skip
    times = np.array(sorted(draw(st.lists(instants, min_size=3, max_size=8))))
    return model, values, doses, times


def matrix_of(model, values):
    place = {name: i for i, name in enumerate(model.compartments)}
    matrix = np.zeros((len(place), len(place)))
    for flow in model.flows:
        rate = float(flow.rate.evaluate(values))
        matrix[place[flow.source], place[flow.source]] -= rate
        if flow.to is not None:
            matrix[place[flow.to], place[flow.source]] += rate
    return matrix


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(problems())
def test_the_solution_equals_forty_digits(problem):
    model, values, doses, times = problem
    matrix = matrix_of(model, values)
    size = len(matrix)
    found = solve(LinearSystem(matrix[None], tuple(range(size)), np.ones((1, size))), inputs(*doses), times)
    exact = exact_amounts(matrix, doses, times)
    for compartment in range(size):
        assert error_of(found.values[0, compartment], exact[:, compartment]) <= EXACT


@quick
@given(problems())
def test_the_propagation_equals_the_solution(problem):
    model, values, doses, times = problem
    matrix = matrix_of(model, values)
    size = len(matrix)
    one = LinearSystem(matrix[None], tuple(range(size)), np.ones((1, size)))
    found = solve(one, inputs(*doses), times).values
    line, again = timeline(inputs(*doses), size, 0.0), np.empty((1, size, len(times)))
    propagate(one, line, np.zeros((1, size)), times, float(times[-1]), again)
    for compartment in range(size):
        assert error_of(found[0, compartment], again[0, compartment]) <= EXACT


@settings(quick, max_examples=15)
@given(problems())
def test_a_plain_integration_agrees(problem):
    model, values, doses, times = problem
    matrix = matrix_of(model, values)
    size = len(matrix)
    found = solve(
        LinearSystem(matrix[None], tuple(range(size)), np.ones((1, size))), inputs(*doses), times
    ).values
    named = [(model.compartments[c], start, span, amount) for c, start, span, amount in doses]
    plain = integrate(model.flows, model.compartments, values, named, times)
    # Where little of a compartment was ever filled, the integrator's absolute tolerance is what is seen.
    largest = max(amount for *_, amount in doses)
    for compartment in range(size):
        exact = found[0, compartment]
        allowed = INTEGRATED * np.maximum(np.maximum(np.abs(exact), 1e-6 * exact.max()), 1e-6 * largest)
        assert (np.abs(plain[:, compartment] - exact) <= allowed).all()
