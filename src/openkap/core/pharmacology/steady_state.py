"""The state that endless equal doses lead to, in closed form.

Before each dose the amounts x satisfy x = Phi x + y: Phi carries a cycle, y is what one cycle leaves behind.
"""

import math

import numpy as np

from openkap.core.pharmacology.exponential import exponential
from openkap.core.pharmacology.linear_system import Floats
from openkap.errors import BadInput


def carry(rates: Floats, amounts: Floats, inflow: Floats, span: float) -> Floats:
    """Amounts after `span` with a constant inflow, one person: (n, n), (n,), (n,)."""
    if span <= 0.0:
        return amounts
    size = len(amounts)
    unit = float(inflow.max(initial=0.0)) or 1.0  # the matrix holds rates only: amounts would add to its norm
    matrix = np.zeros((size + 1, size + 1))
    matrix[:size, :size], matrix[:size, size] = rates, inflow / unit
    return np.asarray(exponential(matrix, span)[:size] @ np.append(amounts, unit))


def trough(rates: Floats, compartment: int, amount: float, duration: float, interval: float) -> Floats:
    """Amounts just before a dose in steady state; a bolus where `duration` is 0. Raises `BadInput` if there
    is none.

    Infusions longer than the interval overlap: so many run on all the time, one more for the rest.
    """
    unit = np.zeros(len(rates))
    unit[compartment] = 1.0
    if duration == 0.0:
        left = carry(rates, amount * unit, 0.0 * unit, interval)
    else:
        overlapping, rest = divmod(duration, interval)
        rate = amount / duration
        left = carry(rates, 0.0 * unit, (overlapping + 1.0) * rate * unit, rest)
        left = carry(rates, left, overlapping * rate * unit, interval - rest)
    return _solve(np.eye(len(rates)) - exponential(rates, interval), left)


def plateau(rates: Floats, compartment: int, rate: float) -> Floats:
    """Amounts under an endless constant infusion. Raises `BadInput` if there is no such state."""
    inflow = np.zeros(len(rates))
    inflow[compartment] = rate
    return _solve(-rates, inflow)


def still_running(duration: float, interval: float) -> list[float]:
    """How long earlier doses of an endless series go on running after a new one starts."""
    count = math.ceil(duration / interval) - 1
    return [duration - k * interval for k in range(1, count + 1)]


def _solve(matrix: Floats, right: Floats) -> Floats:
    """Solve for the compartments that matter; one that nothing leaves has no steady state once something
    enters.
    """
    try:
        found = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        found = np.full(len(right), np.nan)
    if not np.isfinite(found).all() or (found < -1e-9 * np.abs(found).max()).any():
        raise BadInput("There is no steady state: what is given never leaves.", field="SS")
    return np.asarray(np.maximum(found, 0.0))
