"""Quantiles: the exact ones, and the counted ones within their stated error."""

import tracemalloc

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Analyte, Draws, Population, samples, simulate
from openkap.core.pharmacology import simulation as simulation_module
from openkap.core.pharmacology.quantiles import LEVELS, CountedQuantiles, ExactQuantiles

VALUES = np.exp(np.random.default_rng(4).normal(2.0, 1.2, (5000, 7)))


def test_exact_quantiles_are_those_of_numpy():
    collected = ExactQuantiles()
    for part in np.array_split(VALUES, 7):
        collected.add(part)
    assert np.allclose(collected.result(), np.quantile(VALUES, LEVELS, axis=0), rtol=1e-14)


def test_counted_quantiles_keep_to_their_error():
    collected = CountedQuantiles()
    for part in np.array_split(VALUES, 7):
        collected.add(part)
    lower = np.quantile(VALUES, LEVELS, axis=0, method="inverted_cdf")
    exact = np.quantile(VALUES, LEVELS, axis=0)
    slack = np.abs(lower - exact) / exact
    assert (np.abs(collected.result() / exact - 1) <= collected.relative_error + slack + 1e-3).all()


def test_counting_does_not_mind_the_order_of_parts():
    first, second = CountedQuantiles(), CountedQuantiles()
    parts = np.array_split(VALUES, 5)
    for part in parts:
        first.add(part)
    for part in [parts[0], *parts[:0:-1]]:
        second.add(part)
    assert np.array_equal(first.result(), second.result())


def test_zero_counts_as_zero_and_memory_does_not_grow():
    collected = CountedQuantiles()
    values = np.zeros((100, 3))
    values[:, 2] = 5.0
    for _ in range(50):
        collected.add(values)
    assert collected.result()[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert collected.result()[1, 2] == pytest.approx(5.0, rel=collected.relative_error)


def test_a_large_population_is_counted_and_agrees_with_the_exact_one(monkeypatch):
    times = np.arange(10.0, 200.0, 20.0)
    people = Population(size=3000, seed=8)
    monkeypatch.setattr(simulation_module, "_EXACT_NUMBERS", 10)
    found = simulate(model("otto-2021"), [dose(35, span=40)], ADULT, times, people)
    assert found.band.method.startswith("counted")
    assert found.band.relative_error == pytest.approx(0.0025)
    draws = Draws(8, np.arange(3000))
    everyone = samples(model("otto-2021"), [dose(35, span=40)], [ADULT], times, draws).values[Analyte.KETAMINE]
    curve = found.curve(Analyte.KETAMINE)
    for level, counted in zip(LEVELS, (curve.p05, curve.p50, curve.p95), strict=True):
        assert np.allclose(counted, np.quantile(everyone, level, axis=0, method="lower"), rtol=0.0026)


@pytest.mark.parametrize("people", [1_990, 4_000])
def test_a_band_needs_little_memory_whether_exact_or_counted(people):
    tracemalloc.start()
    given = [dose(35.0, "ketamine", span=40.0)]
    simulate(model("otto-2021"), given, ADULT, np.arange(2_000.0), Population(size=people))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300e6
