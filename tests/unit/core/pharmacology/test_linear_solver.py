"""The solver against a 40-digit reference, in the cases that break other solvers."""

import numpy as np
import pytest
from tests.factories.pharmacology import error_of, exact_amounts, inputs, rates_of, system

from openkap.core.pharmacology.exponential import exponential
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem, Status
from openkap.core.pharmacology.modal import blocks_of, modes_of

TOLERANCE = 1e-9
TIMES = np.array([0.0, 0.01, 0.3, 0.5, 0.51, 1.0, 2.0, 5.0, 11.0, 30.0])

THREE = ((0, 1, 1.4), (1, 0, 0.6), (0, 2, 0.5), (2, 0, 0.05), (0, None, 0.9))
CASES = {
    "three compartments": (3, THREE, (0, 1, 2)),
    "equal rates of a transit chain": (
        6, ((0, 1, 2.0), (1, 2, 2.0), (2, 3, 2.0), (3, 4, 2.0), (4, 5, 2.0), (5, None, 2.0)), (0, 3, 5),
    ),
    "absorption as fast as elimination": (2, ((0, 1, 0.7), (1, None, 0.7)), (1,)),
    "absorption nearly as fast as elimination": (2, ((0, 1, 0.7), (1, None, 0.7 * (1 + 1e-11))), (1,)),
    "nothing leaves": (2, ((0, 1, 0.7),), (0, 1)),
    "an exchange that has stopped": (
        3, ((0, 1, 0.0), (1, 0, 0.0), (0, 2, 0.5), (2, 0, 0.1), (0, None, 0.4)), (0, 2),
    ),
    "rates a million times apart": (3, ((0, 1, 1000.0), (1, 2, 0.001), (2, None, 1.0)), (1, 2)),
    "an exchange in a ring": (3, ((0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0), (0, None, 0.2)), (0, 1, 2)),
    "a metabolite fed from two sides": (
        4, ((0, 1, 1.0), (0, 2, 0.5), (1, 3, 0.8), (2, 3, 0.8), (3, None, 0.8)), (3,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "given", [((0, 0.0, 0.0, 10.0),), ((0, 0.0, 0.5, 10.0), (0, 5.0, 0.0, 3.0), (1, 0.3, 2.0, 1.0))]
)
def test_the_solution_is_exact(name, given):
    size, flows, observed = CASES[name]
    rates = rates_of(size, *flows)
    found = solve(system(rates, *observed), inputs(*given), TIMES)
    exact = exact_amounts(rates, given, TIMES)
    for position, compartment in enumerate(observed):
        assert error_of(found.values[0, position], exact[:, compartment]) <= TOLERANCE
    assert error_of(found.final[0], exact[-1]) <= TOLERANCE


def test_an_equal_rate_chain_is_propagated_and_a_plain_one_is_not():
    size, flows, observed = CASES["equal rates of a transit chain"]
    given = inputs((0, 0.0, 0.0, 1.0))
    assert solve(system(rates_of(size, *flows), *observed), given, TIMES).status is Status.PROPAGATED
    assert solve(system(rates_of(3, *THREE), 0), given, TIMES).status is Status.CLOSED_FORM


def test_one_defective_person_does_not_cost_the_others_their_closed_form():
    plain, equal = rates_of(2, (0, 1, 0.7), (1, None, 0.4)), rates_of(2, (0, 1, 0.7), (1, None, 0.7))
    both = LinearSystem(np.stack([plain, equal]), (1,), np.ones((2, 1)))
    found = solve(both, inputs((0, 0.0, 0.0, 5.0)), TIMES)
    assert found.status is Status.MIXED
    assert found.propagated == 1
    for person, rates in enumerate((plain, equal)):
        assert (
            error_of(found.values[person, 0], exact_amounts(rates, [(0, 0.0, 0.0, 5.0)], TIMES)[:, 1])
            <= TOLERANCE
        )


def test_people_may_have_moments_of_their_own():
    rates = rates_of(3, *THREE)
    many = LinearSystem(np.stack([rates, rates, 2 * rates]), (0,), np.ones((3, 1)))
    given = Inputs(
        np.array([0, 0]),
        np.array([[0.0, 4.0], [0.1, 4.0], [0.0, 3.0]]),
        np.array([[0.5, 0.0], [1.5, 0.0], [0.2, 0.0]]),
        np.array([[10.0, 2.0], [10.0, 1.0], [5.0, 2.0]]),
    )
    found = solve(many, given, TIMES)
    for person in range(3):
        own = [(0, *(float(a[person, i]) for a in (given.starts, given.spans, given.amounts))) for i in (0, 1)]
        exact = exact_amounts(many.rates[person], own, TIMES)[:, 0]
        assert error_of(found.values[person, 0], exact) <= TOLERANCE


def test_propagation_handles_moments_of_their_own_too():
    rates = rates_of(3, (0, 1, 1.0), (1, 2, 1.0), (2, None, 1.0))
    many = LinearSystem(np.stack([rates, rates]), (2,), np.ones((2, 1)))
    spans = np.array([[0.5], [2.5]])
    given = Inputs(np.array([0]), np.zeros((1, 1)), spans, np.array([[4.0]]))
    found = solve(many, given, TIMES)
    assert found.status is Status.PROPAGATED
    for person in (0, 1):
        exact = exact_amounts(rates, [(0, 0.0, float(spans[person, 0]), 4.0)], TIMES)[:, 2]
        assert error_of(found.values[person, 0], exact) <= TOLERANCE


def test_propagation_walks_an_even_grid_past_each_ones_own_moments():
    """On a sample, between two, several between two, and beyond the last."""
    rates = rates_of(3, (0, 1, 1.0), (1, 2, 1.0), (2, None, 1.0))
    spans = np.array([[0.5, 1.0], [2.53, 0.01], [40.0, 0.25], [0.503, 0.004]])
    starts = np.array([[0.0, 3.0], [0.0, 2.535], [0.0, 3.0], [0.0, 0.509]])
    given = Inputs(np.array([0, 1]), starts, spans, np.array([[4.0, 2.0]]))
    grid = np.linspace(0.0, 6.0, 121)
    found = solve(LinearSystem(np.stack([rates] * 4), (1, 2), np.ones((4, 2))), given, grid)
    assert found.status is Status.PROPAGATED
    for person in range(4):
        own = [
            (i, float(starts[person, i]), float(spans[person, i]), float(given.amounts[0, i])) for i in (0, 1)
        ]
        exact = exact_amounts(rates, own, grid[::9])
        for position, compartment in enumerate((1, 2)):
            assert error_of(found.values[person, position, ::9], exact[:, compartment]) <= TOLERANCE
        assert error_of(found.final[person], exact_amounts(rates, own, grid[-1:])[0]) <= TOLERANCE


def test_an_even_grid_and_scattered_times_agree():
    rates, given = rates_of(3, *THREE), inputs((0, 0.0, 0.5, 10.0), (0, 3.0, 0.0, 5.0))
    grid = np.linspace(0.0, 12.0, 721)
    even = solve(system(rates, 0, 2), given, grid).values
    apart = np.concatenate(
        [solve(system(rates, 0, 2), given, grid[i : i + 1]).values for i in range(0, 721, 40)], axis=2
    )
    assert np.allclose(even[:, :, ::40], apart, rtol=1e-12, atol=0.0)


WEAKLY_COUPLED = {
    "two tissues that hardly exchange": (
        (19.655081834079493, 0.23371509737496732),
        ((0.00016340238860324124, 0.0011243493585133026), (0.00041460400649266416, 0.00017729427467147514)),
        (1, 0.0, 0.0, 1.0),
        [0.0, 0.002143215502340515, 0.1331161678422736, 0.2255809724864317, 1.0041655057147774],
    ),
    "a tissue that exchanges fast beside one that is slow": (
        (2.0, 0.5),
        ((0.011062399186342487, 3.6578858657355116), (1.6225100967408355, 0.011731551254916449)),
        (2, 0.0, 0.5, 1.0),
        [0.0, 0.00015573507184587243, 0.0023475248593887235, 0.4046706685139359],
    ),
    "one tissue of each kind, by infusion": (
        (12.689544379425866, 0.7048020811437841),
        ((0.00028952243177696033, 3.8121924394095124), (0.3205783022842689, 0.001958187036037459)),
        (1, 0.0, 3.0, 1.0),
        [0.0, 0.0004042847718019995, 0.003066295256991238, 0.3007048264349875, 4.302010659572486],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKLY_COUPLED)
def test_components_far_smaller_than_their_eigenvector_are_seen_as_uncertain(name):
    """What goes from one tissue to another through the plasma, a moment after the dose."""
    (clearance, volume), tissues, given, times = WEAKLY_COUPLED[name]
    rates = rates_of(
        3, (0, None, clearance / volume),
        *((0, place, flow / volume) for place, (flow, _) in enumerate(tissues, start=1)),
        *((place, 0, flow / size) for place, (flow, size) in enumerate(tissues, start=1)),
    )  # fmt: skip
    found = solve(system(rates, 0, 1, 2), inputs(given), np.array(times))
    exact = exact_amounts(rates, [given], np.array(times))
    assert max(error_of(found.values[0, place], exact[:, place]) for place in range(3)) <= TOLERANCE


def test_stopping_and_going_on_changes_nothing():
    rates, given = rates_of(3, *THREE), inputs((0, 0.0, 2.0, 10.0), (1, 1.0, 0.0, 5.0))
    whole = solve(system(rates, 0, 1), given, TIMES).values
    early, late = TIMES[TIMES < 1.0], TIMES[TIMES >= 1.0]
    first = solve(system(rates, 0, 1), given.between(0.0, 1.0), early, end=1.0)
    second = solve(system(rates, 0, 1), given.between(1.0, np.inf), late, start=1.0, before=first.final)
    assert np.allclose(np.concatenate([first.values, second.values], axis=2), whole, rtol=1e-12)


def test_nothing_given_is_nothing_found():
    found = solve(system(rates_of(3, *THREE), 0), Inputs.none(), TIMES)
    assert not found.values.any()


def test_a_number_out_of_reach_is_reported_and_not_returned_as_a_value():
    found = solve(system(rates_of(1, (0, None, np.inf)), 0), inputs((0, 0.0, 0.0, 1.0)), TIMES)
    assert found.status is Status.NOT_FINITE


def test_blocks_come_upstream_first():
    rates = rates_of(6, (5, 0, 1.0), *THREE, (0, 3, 1.0), (3, 4, 1.0), (4, 3, 1.0))
    assert blocks_of(rates != 0.0) == [(5,), (0, 1, 2), (3, 4)]


def test_modes_rebuild_the_matrix():
    rates = rates_of(5, (4, 0, 3.0), *THREE, (0, 3, 0.4), (3, None, 0.2))[None]
    modes = modes_of(rates)
    rebuilt = modes.vectors @ (modes.values[:, :, None] * modes.inverse)
    assert np.allclose(rebuilt, rates, atol=1e-14)
    assert (modes.values <= 1e-15).all()


def test_the_exponential_keeps_the_smallest_entries():
    chain = rates_of(12, *((i, i + 1, 1.0) for i in range(11)), (11, None, 1.0))
    exact = exact_amounts(chain, [(0, 0.0, 0.0, 1.0)], np.array([0.01]))[0]
    found = exponential(chain, 0.01)[:, 0]
    assert np.abs(found / exact - 1.0).max() < 1e-12


def test_a_stiff_neighbour_costs_nobody_digits():
    plain, stiff = rates_of(2, (0, 1, 0.7), (1, None, 0.4)), rates_of(2, (0, 1, 3e5), (1, None, 0.4))
    alone, beside = exponential(plain[None], 24.0), exponential(np.stack([stiff, plain]), 24.0)
    assert np.array_equal(beside[1], alone[0])
    exact = exact_amounts(plain, [(0, 0.0, 0.0, 1.0)], np.array([24.0]))[0]
    assert np.abs(beside[1, :, 0] / exact - 1.0).max() <= 1e-13


def test_the_exponential_of_nothing_is_the_identity():
    assert np.array_equal(exponential(np.zeros((2, 3, 3)), np.array([0.0, 5.0])), np.stack([np.eye(3)] * 2))


def test_propagation_walks_an_even_grid_as_it_steps():
    rates = rates_of(4, (0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 2, 0.3), (2, None, 1.0))
    given = inputs((0, 0.0, 0.0, 5.0), (1, 3.0, 2.0, 4.0))
    grid = np.concatenate([np.linspace(0.0, 8.0, 161), np.arange(9.0, 60.0)])
    walked = solve(system(rates, 2, 3), given, grid, end=61.0)
    assert walked.status is Status.PROPAGATED
    exact = exact_amounts(rates, [(0, 0.0, 0.0, 5.0), (1, 3.0, 2.0, 4.0)], grid[::13])
    for position, compartment in enumerate((2, 3)):
        assert error_of(walked.values[0, position, ::13], exact[:, compartment]) <= TOLERANCE
    assert (
        error_of(walked.final[0], exact_amounts(rates, [(0, 0.0, 0.0, 5.0), (1, 3.0, 2.0, 4.0)], [61.0])[0])
        <= 1e-9
    )


def test_people_whose_inputs_change_places_keep_their_own():
    """Two infusions start together; what lasts 10 hours for one person lasts 5 for the other."""
    rates = rates_of(2, (0, 1, 0.7), (1, 0, 0.2), (1, None, 0.4))
    spans, amounts = ((10.0, 5.0), (5.0, 10.0)), (12.0, 3.0)
    both = Inputs(np.array([0, 1]), np.zeros((2, 2)), np.array(spans), np.array([amounts]))
    found = solve(LinearSystem(np.stack([rates] * 2), (1,), np.ones((2, 1))), both, TIMES)
    for person, (one, other) in enumerate(spans):
        given = [(0, 0.0, one, amounts[0]), (1, 0.0, other, amounts[1])]
        assert error_of(found.values[person, 0], exact_amounts(rates, given, TIMES)[:, 1]) <= TOLERANCE


def test_rates_that_no_number_holds_cost_nobody_else_their_values():
    absurd, plain = rates_of(2, (0, 1, 1e200), (1, 0, 1e200)), rates_of(2, *THREE[:2])
    both = LinearSystem(np.stack([absurd, plain]), (0,), np.ones((2, 1)))
    found = solve(both, inputs((0, 0.0, 0.0, 10.0)), TIMES)
    assert found.status is Status.NOT_FINITE
    assert np.isnan(found.values[0, 0, 1:]).all()
    exact = exact_amounts(plain, [(0, 0.0, 0.0, 10.0)], TIMES)[:, 0]
    assert error_of(found.values[1, 0], exact) <= TOLERANCE


def test_the_exponential_says_where_rounding_leaves_nothing():
    to_and_fro = rates_of(2, (0, 1, 1.0), (1, 0, 1.0))
    found = exponential(np.stack([to_and_fro] * 3), np.array([1e8, 1e12, 1e300]))
    assert np.abs(found[0] - 0.5).max() <= 1e-6
    assert np.isnan(found[1:]).all()


def test_where_there_is_no_solution_nothing_older_is_left_in_its_place():
    out = np.full((1, 1, len(TIMES)), 7.0)
    nowhere = LinearSystem(rates_of(2, *THREE[:2])[None] * np.inf, (0,), np.ones((1, 1)))
    assert solve(nowhere, inputs((0, 0.0, 0.0, 1.0)), TIMES, out=out).status is Status.NOT_FINITE
    assert np.isnan(out).all()


def test_samples_that_are_not_quite_even_are_taken_where_they_are():
    """A grid bent in the tenth digit, and a fast fall."""
    grid = 1.0 + np.arange(40.0)
    grid += 7e-10 * np.minimum(np.arange(40), 2) / 2
    rates, given = rates_of(1, (0, None, 6.0)), inputs((0, 0.999, 0.0, 1.0))
    found = solve(system(rates, 0), given, np.concatenate([[0.999], grid]))
    exact = np.exp(-6.0 * (np.concatenate([[0.999], grid]) - 0.999))
    assert error_of(found.values[0, 0], exact) <= TOLERANCE
