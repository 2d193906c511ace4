"""Eight numbers at once: elementary functions to the last digits, at the ends of their ranges too."""

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from openkap.core.pharmacology.fast_lanes import LANES, every, exp, if_less, load, log, root, size, store

ROUNDING = float(np.finfo(np.float64).eps)


@njit
def exponentials(numbers, found):
    for i in range(0, len(numbers), LANES):
        store(found, i, exp(load(numbers, i)))


@njit
def logarithms(numbers, found):
    for i in range(0, len(numbers), LANES):
        store(found, i, log(load(numbers, i)))


@njit
def arithmetic(numbers, found):
    for i in range(0, len(numbers), LANES):
        x = load(numbers, i)
        store(found, i, if_less(x, every(0.0), root(size(x)) * 2.0 - 1.0, 1.0 / (x + 1.0)))


def test_the_exponential_is_right_to_two_units_of_the_last_place():
    numbers = np.concatenate([np.random.default_rng(3).uniform(-690, 690, 400), np.linspace(-2, 2, 400)])
    found = np.empty_like(numbers)
    exponentials(numbers, found)
    exact = np.array([float(mpmath.exp(mpmath.mpf(x))) for x in numbers])
    assert np.abs(found / exact - 1.0).max() <= 2 * ROUNDING


def test_the_exponential_of_what_has_decayed_is_nothing():
    numbers = np.array([0.0, -0.0, -701.0, -1e9, -np.inf, 1e-300, np.nan, -699.0])
    found = np.empty_like(numbers)
    exponentials(numbers, found)
    assert found[:6].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert np.isnan(found[6])
    assert found[7] > 0.0


def test_the_logarithm_is_right_near_one_and_far_from_it():
    rng = np.random.default_rng(4)
    numbers = np.concatenate([np.exp(rng.uniform(-600, 600, 400)), 1.0 + rng.uniform(-1e-3, 1e-3, 400)])
    found = np.empty_like(numbers)
    logarithms(numbers, found)
    exact = np.array([float(mpmath.log(mpmath.mpf(x))) for x in numbers])
    assert (np.abs(found - exact) <= 2 * ROUNDING * np.abs(exact)).all()


def test_operators_choices_and_both_precisions():
    numbers = np.array([-4.0, 4.0, -9.0, 1.0, 0.0, 3.0, -1.0, 99.0])
    expected = [3.0, 0.2, 5.0, 0.5, 1.0, 0.25, 1.0, 0.01]
    found, single = np.empty(8), np.empty(8, dtype=np.float32)
    arithmetic(numbers, found)
    arithmetic(numbers, single)
    assert np.allclose(found, expected, rtol=1e-15)
    assert np.array_equal(single, found.astype(np.float32))
