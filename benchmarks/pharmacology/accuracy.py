"""The error of every engine, against 40 digits, for the first people and some of the samples."""

from functools import cache

import numpy as np
from tests.factories.pharmacology import exact_amounts

from benchmarks.pharmacology.workload import Floats, Workload, times, workload

PEOPLE = 2
SOME = np.r_[1, 20, 41, 100, 239, 241, 300, 309, 330, 400, 800, 1500, 1700, 1919]
FLOOR = 1e-6


def largest_error(load: Workload, found: Floats) -> tuple[float, float]:
    """Plasma and metabolite: error / max(value, a millionth of the peak)."""
    exact = _reference(load.depot)
    kept = np.asarray(found)[:PEOPLE, :, SOME]
    peak = np.asarray(found)[:PEOPLE].max(axis=2, keepdims=True)
    error = np.abs(kept - exact) / np.maximum(np.abs(exact), FLOOR * peak)
    return float(error[:, 0].max()), float(error[:, 1].max())


@cache
def _reference(depot: bool) -> Floats:
    load = workload(PEOPLE, depot=depot)
    rows = []
    for person in range(PEOPLE):
        given = [
            (int(c), float(s), float(d), float(a))
            for c, s, d, a in zip(
                load.inputs.compartments,
                load.inputs.starts[0],
                load.inputs.spans[0],
                load.inputs.amounts[person],
                strict=True,
            )
        ]
        amounts = exact_amounts(load.system.rates[person], given, times()[SOME])
        rows.append((amounts[:, [1, 4]] * load.system.scales[person]).T)
    return np.stack(rows)
