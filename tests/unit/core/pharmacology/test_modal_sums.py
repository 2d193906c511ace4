"""The parts of the fast way: layouts of samples, states carried without their matrices, memory used again."""

import numpy as np
import pytest
from tests.factories.pharmacology import error_of, exact_amounts, inputs, rates_of, system

from openkap.core.pharmacology.exponential import carried, exponential
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem, Status
from openkap.core.pharmacology.spacing import layout_of

TOLERANCE = 1e-9
PARENT = ((1, 2, 1.4), (2, 1, 0.6), (1, 3, 0.9), (3, None, 0.5))
GRID = np.linspace(0.0, 4.0, 241)


def test_alike_stretches_share_one_pattern_and_what_is_uneven_has_its_own():
    moments = np.array([0.0, 1.0, 2.0, 3.0])
    even = np.arange(0.0, 2.0, 0.1)
    times = np.concatenate([even, [2.0, 2.3, 2.4, 2.95], 3.0 + np.arange(1, 40) * 0.1])
    layout = layout_of(moments, times)
    assert layout.at_once == ((0, 0), (1, 10), (2, 20))
    first, second, *uneven, last = layout.pieces
    assert first.pattern == second.pattern == last.pattern
    assert (first.count, second.count, sum(one.count for one in uneven), last.count) == (9, 9, 3, 39)
    assert layout.patterns[first.pattern] == pytest.approx(np.arange(39) * 0.1)
    assert sum(len(numbers) for _, _, numbers in layout.groups()) == len(layout.pieces)


def test_the_layout_covers_every_sample_once():
    times = np.sort(np.random.default_rng(3).uniform(0.0, 5.0, 60))
    layout = layout_of(np.array([0.0, 1.5, 1.5000001, 4.0]), times)
    samples = [s for p in layout.pieces for s in range(p.first, p.first + p.count)]
    assert sorted([*samples, *(sample for _, sample in layout.at_once)]) == list(range(60))
    for piece in layout.pieces:
        distances = layout.patterns[piece.pattern][: piece.count] + times[piece.first]
        assert distances == pytest.approx(times[piece.first : piece.first + piece.count])


def test_a_carried_state_keeps_the_smallest_entries():
    chain = rates_of(12, *((i, i + 1, 1.0) for i in range(11)), (11, None, 1.0))
    shifted, state = (chain + np.eye(12))[None], np.eye(12)[:1, :, None]
    for span in (0.0, 0.01, 0.7, 4.0):
        found = carried(shifted, np.ones(1), np.full(1, span), state)[0, :, 0]
        exact = exponential(chain, span)[:, 0]
        assert np.abs(found - exact).max() <= 1e-13 * exact.max()
        assert np.all(np.abs(found / np.where(exact > 0.0, exact, 1.0) - (exact > 0.0)) <= 1e-12)


def test_a_carried_state_keeps_the_far_end_of_a_chain_that_also_holds_back():
    """Rates below the shift: what reaches the end goes on growing after its first term."""
    chain = rates_of(13, *((i, i + 1, 0.5) for i in range(11)), (11, None, 0.01), (12, None, 1.0))
    state = np.eye(13)[:1, :, None]
    for span in (0.1, 0.3):
        found = carried((chain + np.eye(13))[None], np.ones(1), np.full(1, span), state)[0, :12, 0]
        exact = exact_amounts(chain, [(0, 0.0, 0.0, 1.0)], np.array([span]))[0][:12]
        assert np.abs(found / exact - 1.0).max() <= 1e-12


def test_a_peak_that_rounding_made_up_excuses_nothing():
    """Nothing leaves, so that an infusion's modes cancel to far below their size; what is empty stays so."""
    rates = rates_of(
        3, (0, 1, 5.31879128e-05), (1, 0, 7.29141617e-05), (1, 2, 2.69963869e-05), (2, 1, 3.79933731e-05)
    )
    given = inputs((0, 0.0, 0.0, 7.8), (1, 1894.5, 397.6, 11.6))
    times = np.linspace(0.0, 3000.0, 262)
    before = np.array([[3.2, 1.6, 0.0]])
    for shift in range(20):
        people = LinearSystem(rates[None] * (1.0 + 0.01 * shift), (2, 0), np.ones((1, 2)))
        found = solve(people, given, times, before=before).values[0, 0]
        assert found[0] <= 1e-15 * found.max()


def test_a_compartment_that_nothing_reaches_changes_nothing_and_stays_empty():
    given = inputs((1, 0.0, 0.5, 10.0), (1, 2.0, 0.0, 5.0))
    with_depot = solve(system(rates_of(4, (0, 1, 1.3), *PARENT), 1, 3), given, GRID)
    without = solve(
        system(rates_of(4, *PARENT)[1:, 1:], 0, 2), inputs((0, 0.0, 0.5, 10.0), (0, 2.0, 0.0, 5.0)), GRID
    )
    assert np.allclose(with_depot.values, without.values, rtol=1e-12, atol=0.0)
    assert with_depot.final[0, 0] == 0.0
    assert with_depot.final[0, 1:] == pytest.approx(without.final[0])


def test_values_go_where_the_caller_says():
    out = np.full((1, 2, len(GRID)), np.nan)
    found = solve(system(rates_of(4, *PARENT), 1, 3), inputs((1, 0.0, 0.5, 10.0)), GRID, out=out)
    assert found.values is out
    assert np.array_equal(
        out, solve(system(rates_of(4, *PARENT), 1, 3), inputs((1, 0.0, 0.5, 10.0)), GRID).values
    )


def test_moments_of_their_own_on_an_even_grid_equal_forty_digits():
    """Between samples, on one, several in a step, beyond the last: by modes, each in their own rows."""
    rates = rates_of(4, (0, 1, 1.3), *PARENT)
    spans = np.array([[0.505], [1.0], [0.004], [9.0], [2.0001]])
    starts = np.array([[0.0], [0.25], [0.003], [0.0], [1.0 / 3.0]])
    given = Inputs(np.array([0]), starts, spans, np.full((1, 1), 10.0))
    many = LinearSystem(np.stack([rates] * 5), (1, 3), np.ones((5, 2)))
    found = solve(many, given, GRID)
    assert found.status is Status.CLOSED_FORM
    for person in range(5):
        own = [(0, float(starts[person, 0]), float(spans[person, 0]), 10.0)]
        exact = exact_amounts(rates, own, GRID[::7])
        for place, compartment in enumerate((1, 3)):
            assert error_of(found.values[person, place, ::7], exact[:, compartment]) <= TOLERANCE


def test_a_rate_of_nothing_under_an_infusion_is_summed_without_dividing_by_it():
    rates = rates_of(2, (0, 1, 0.7))
    found = solve(system(rates, 0, 1), inputs((0, 0.0, 3.0, 6.0)), GRID)
    exact = exact_amounts(rates, [(0, 0.0, 3.0, 6.0)], GRID[::11])
    for place in (0, 1):
        assert error_of(found.values[0, place, ::11], exact[:, place]) <= TOLERANCE
