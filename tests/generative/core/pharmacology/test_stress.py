"""Systems chosen to break a closed form, against 40 digits: rates that coincide, all but do, or lie far apart,
and samples a moment after the dose. A short form here; the long one is `make test-pharmacology-slow`.
"""

import numpy as np
import pytest
from tests.factories.pharmacology import error_of, exact_amounts, inputs, rates_of, system

from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import LinearSystem

TOLERANCE = 1e-9
AWKWARD = (0.5, 1.0, 2.0, 2.0**-7, 1.0 + 1e-5, 1.002, 0.99)
FASTEST = 1e4  # per hour; a hundred times beyond, propagation itself loses digits over these times
SHORT, LONG = 25, 400


def awkward(rng):
    return float(rng.choice(AWKWARD)) if rng.random() < 0.5 else float(10 ** rng.uniform(-2.0, 1.3))


def wide(rng):
    return float(10 ** rng.uniform(-4.0, 3.0))


def problem(rng, number):
    """A depot, a plasma with two tissues and a metabolite, one dose, and a few times."""
    while True:
        cl, v1, q2, v2, q3, v3, ka, km = (number(rng) for _ in range(8))
        flows = (
            (0, 1, ka), (1, 2, q2 / v1), (2, 1, q2 / v2), (1, 3, q3 / v1), (3, 1, q3 / v3),
            (1, 4, 0.5 * cl / v1), (1, None, 0.5 * cl / v1), (4, None, km),
        )  # fmt: skip
        if max(rate for *_, rate in flows) < FASTEST:
            break
    given = (int(rng.integers(5)), 0.0, float(rng.choice([0.0, 0.5, 3.0])), 1.0)
    times = np.sort(np.append(10 ** rng.uniform(-4.0, 1.5, int(rng.integers(1, 6))), 0.0))
    return rates_of(5, *flows), given, times


def worst(seed, number, count):
    rng, found = np.random.default_rng(seed), 0.0
    for _ in range(count):
        rates, given, times = problem(rng, number)
        values = solve(system(rates, 0, 1, 2, 3, 4), inputs(given), times).values[0]
        exact = exact_amounts(rates, [given], times)
        found = max(found, *(error_of(values[i], exact[:, i]) for i in range(5)))
    return found


def schedule(rng):
    """Doses at moments that everybody shares, some of them minutes apart, and even samples between them."""
    gaps = rng.choice([1.0 / 12.0, 0.4, 2.0, 30.0], 3)
    starts = np.concatenate([[0.0], np.cumsum(gaps)])
    spans = rng.choice([0.0, 0.25, 2.0 / 3.0], 4)
    doses = [
        (int(rng.integers(2)), float(at), float(span), 1.0) for at, span in zip(starts, spans, strict=True)
    ]
    minutes = np.concatenate([at + np.arange(100) / 60.0 for at in starts])
    return doses, np.unique(np.concatenate([minutes, np.arange(0.0, starts[-1] + 24.0)]).round(9))


def worst_together(seed, number, people, rounds):
    """Many people at once: what is judged for all pieces together must hold for each sample of each person."""
    rng, found = np.random.default_rng(seed), 0.0
    for _ in range(rounds):
        matrices = np.stack([problem(rng, number)[0] for _ in range(people)])
        doses, times = schedule(rng)
        many = LinearSystem(matrices, (1, 4), np.ones((people, 2)))
        values = solve(many, inputs(*doses), times).values
        soon = np.searchsorted(times, [start + late for _, start, *_ in doses for late in (0.02, 0.3)])
        looked = np.unique(np.minimum([*soon, *rng.integers(len(times), size=4)], len(times) - 1))
        for person in range(people):
            exact = exact_amounts(matrices[person], doses, times[looked])
            for place, compartment in enumerate((1, 4)):
                peak = values[person, place].max()
                scale = np.maximum(np.abs(exact[:, compartment]), 1e-6 * peak)
                found = max(
                    found, float((np.abs(values[person, place, looked] - exact[:, compartment]) / scale).max())
                )
    return found


@pytest.mark.parametrize("number", [awkward, wide])
def test_awkward_systems_equal_forty_digits(number):
    assert worst(1, number, SHORT) <= TOLERANCE


@pytest.mark.parametrize("number", [awkward, wide])
def test_awkward_people_solved_together_equal_forty_digits(number):
    assert worst_together(3, number, people=3, rounds=1) <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize("number", [awkward, wide])
def test_many_awkward_people_solved_together_equal_forty_digits(seed, number):
    assert worst_together(seed, number, people=20, rounds=8) <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize("number", [awkward, wide])
def test_many_awkward_systems_equal_forty_digits(seed, number):
    assert worst(seed, number, LONG) <= TOLERANCE
