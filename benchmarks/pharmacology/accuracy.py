"""The error of every engine, for the first people and some of the samples: concentrations against 40 digits,
the turnover against a plain integration that is restarted at every sample.
"""

from functools import cache

import numpy as np
from scipy.integrate import solve_ivp
from tests.factories.pharmacology import exact_amounts

from benchmarks.pharmacology.engines import EFFECT
from benchmarks.pharmacology.workload import SPAN, Floats, Workload, stretches, times, workload
from openkap.core.pharmacology.fast_effect import fill_effect

PEOPLE = 2
SOME = np.r_[1, 20, 41, 100, 239, 241, 300, 309, 330, 400, 800, 1500, 1700, 1919]
FLOOR = 1e-6


def largest_error(load: Workload, found: Floats) -> tuple[float, ...]:
    """Plasma, metabolite and, where it was solved, turnover: error / max(value, a millionth of the peak)."""
    exact = _reference(load.depot)
    if found.shape[1] == 3:
        exact = np.concatenate([exact, _turnover()], axis=1)
    kept = np.asarray(found)[:PEOPLE, :, SOME]
    peak = np.asarray(found)[:PEOPLE].max(axis=2, keepdims=True)
    error = np.abs(kept - exact) / np.maximum(np.abs(exact), FLOOR * peak)
    return tuple(float(largest) for largest in error.max(axis=(0, 2)))


def with_effect() -> Floats:
    """What our compiled engine says of the same people, with effect site and turnover."""
    load, out = workload(PEOPLE), np.empty((PEOPLE, 3, len(times())))
    effects = np.repeat(np.array([EFFECT]), PEOPLE, axis=0)
    fill_effect(load.parameters, effects, load.amounts, load.doses, stretches(), out, parallel=False)
    return out


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


@cache
def _turnover() -> Floats:
    """(people, 1, samples): R of each, by steps no longer than from one sample or change to the next."""
    load = workload(PEOPLE)
    return np.array([[_integrated(load, person)] for person in range(PEOPLE)])


def _integrated(load: Workload, person: int) -> list[float]:
    rates, scale, amount = load.system.rates[person], load.system.scales[person, 0], load.amounts[person]
    starts = load.inputs.starts[0]
    edges = np.unique(np.concatenate([times(), starts, starts + SPAN]))
    ke0, c50, steepness, emax, kout = EFFECT
    state, found = np.append(np.zeros(6), 1.0), {}

    def slope(_t: float, y: Floats, inflow: float) -> Floats:
        raised = (max(y[5], 0.0) / c50) ** steepness
        change = np.append(rates @ y[:5], [ke0 * (y[1] * scale - y[5]), kout * (1.0 - y[6])])
        change[1] += inflow
        change[6] += kout * emax * raised / (1.0 + raised)
        return change

    for begin, end in zip(edges, [*edges[1:], edges[-1]], strict=True):
        found[begin] = float(state[6])
        flowing = float(((starts <= begin) & (begin < starts + SPAN)).any()) * amount / SPAN
        if end > begin:
            solved = solve_ivp(slope, (begin, end), state, "DOP853", rtol=1e-12, atol=1e-12, args=(flowing,))
            state = solved.y[:, -1]
    return [found[time] for time in times()[SOME]]
