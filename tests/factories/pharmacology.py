"""Doses, people and an exact reference for the tests of pharmacology."""

from collections.abc import Sequence
from functools import cache

import mpmath
import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology import Covariates, Drug, GivenDose, PkModel, Route
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem
from openkap.knowledge.loader import read_kind

Floats = npt.NDArray[np.float64]

DIGITS = 40
FLOOR = 1e-6  # of the subject's peak (DEFINITIONS: error measure)

ADULT = Covariates(weight_kg=70.0, age_years=30.0)


@cache
def models() -> dict[str, PkModel]:
    """The shipped models."""
    return read_kind("pk_models", PkModel)


def model(record_id: str) -> PkModel:
    return models()[record_id]


def dose(
    amount_mg: float, drug: str = "ketamine", route: str = "iv", start: float = 0.0, span: float = 0.0
) -> GivenDose:
    return GivenDose(amount_mg=amount_mg, drug=Drug(drug), route=Route(route), start_min=start, span_min=span)


def error_of(found: Floats, exact: Floats) -> float:
    """The largest error in the project's measure."""
    return float(
        (
            np.abs(found - exact) / np.maximum(np.abs(exact), FLOOR * np.abs(exact).max(initial=0.0) + 1e-300)
        ).max()
    )


def inputs(*given: tuple[int, float, float, float]) -> Inputs:
    """Inputs of one person: (compartment, start, span, amount) each."""
    columns = [np.array([[one[i] for one in given]], dtype=float) for i in (1, 2, 3)]
    return Inputs(np.array([one[0] for one in given], dtype=np.int64), *columns)


def system(rates: Floats, *observed: int) -> LinearSystem:
    """One person's system, amounts observed unscaled."""
    return LinearSystem(rates[None], observed, np.ones((1, len(observed))))


def rates_of(size: int, *flows: tuple[int, int | None, float]) -> Floats:
    """A matrix from (source, target, rate) flows."""
    matrix = np.zeros((size, size))
    for source, target, rate in flows:
        matrix[source, source] -= rate
        if target is not None:
            matrix[target, source] += rate
    return matrix


def exact_amounts(rates: Floats, given: Sequence[tuple[int, float, float, float]], times: Floats) -> Floats:
    """Amounts (times, n) by the matrix exponential at 40 digits, dose by dose."""
    with mpmath.workdps(DIGITS):
        rows = [_exact_at(rates, given, float(time)) for time in times]
    return np.array(rows)


def _exact_at(rates: Floats, given: Sequence[tuple[int, float, float, float]], time: float) -> list[float]:
    size = len(rates)
    matrix = mpmath.matrix(rates.tolist())
    total = mpmath.zeros(size, 1)
    now = mpmath.mpf(time)
    for compartment, start, span, amount in given:
        since = now - mpmath.mpf(start)
        if since < 0:
            continue
        if span == 0.0:
            total += mpmath.expm(matrix * since) * _unit(size, compartment) * mpmath.mpf(amount)
            continue
        during = min(since, mpmath.mpf(span))
        wide = mpmath.zeros(size + 1, size + 1)
        for i in range(size):
            for j in range(size):
                wide[i, j] = matrix[i, j]
        wide[compartment, size] = mpmath.mpf(amount) / mpmath.mpf(span)
        after = mpmath.expm(wide * during) * _unit(size + 1, size)
        total += mpmath.expm(matrix * (since - during)) * after[:size, 0]
    return [float(total[i]) for i in range(size)]


def _unit(size: int, place: int) -> mpmath.matrix:
    column = mpmath.zeros(size, 1)
    column[place] = 1
    return column
