"""What is timed. Each engine says how many people it solves per call, and what comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.pharmacology.workload import Floats, Workload, times, workload
from openkap.core.pharmacology.fast_grid import fill
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.propagation import propagate
from openkap.core.pharmacology.timeline import timeline


@dataclass(frozen=True)
class Engine:
    """`run` solves `people` and returns (people, 2, samples), or None where only time counts."""

    name: str
    people: int
    threads: int
    run: Callable[[], Floats | None]
    workload: Workload


def own_engines(people: int) -> list[Engine]:
    """Ours, and the speed at which memory takes a result of this size."""
    iv, depot = workload(people), workload(people, depot=True)
    part = iv.first(max(people // 10, 1))
    jitter = np.sort(times() + np.random.default_rng(2).uniform(0.0, 1e-3, len(times())))
    return [
        Engine("memory: writing a warm buffer", people, 1, _write(people), iv),
        Engine("compiled grid", people, 1, _compiled(iv, np.float64), iv),
        Engine("compiled grid, single precision", people, 1, _compiled(iv, np.float32), iv),
        Engine("compiled grid, by depot", people, 1, _compiled(depot, np.float64), depot),
        Engine(
            "NumPy, even grid", people // 2, 1, _numpy(iv.first(people // 2), times()), iv.first(people // 2)
        ),
        Engine(
            "NumPy, by depot",
            people // 2,
            1,
            _numpy(depot.first(people // 2), times()),
            depot.first(people // 2),
        ),
        Engine(
            "NumPy, any times", people // 5, 1, _untabled(iv.first(people // 5), jitter), iv.first(people // 5)
        ),
        Engine("NumPy, propagation only", part.people, 1, _propagated(part), part),
    ]


def scipy_engine(people: int = 3) -> Engine:
    """solve_ivp as one would write it, at tolerances that reach 1e-6."""
    return Engine("SciPy solve_ivp LSODA", people, 1, _scipy(workload(people)), workload(people))


def _write(people: int) -> Callable[[], None]:
    buffer = np.empty((people, 2, len(times())))

    def run() -> None:
        buffer.fill(1.0)

    return run


def _compiled(load: Workload, kind: type) -> Callable[[], Floats]:
    plan, buffer = load.plan, np.empty((load.people, 2, len(times())), dtype=kind)

    def run() -> Floats:
        left = fill(load.parameters, load.amounts, plan, buffer, parallel=False)
        if left.any():
            buffer[left] = solve(load.system.of(left), load.inputs.of(left), times()).values
        return buffer

    return run


def _numpy(load: Workload, when: Floats) -> Callable[[], Floats]:
    system, inputs = load.system, load.inputs
    return lambda: solve(system, inputs, when).values


def _untabled(load: Workload, when: Floats) -> Callable[[], None]:
    system, inputs = load.system, load.inputs

    def run() -> None:
        solve(system, inputs, when)

    return run


def _propagated(load: Workload) -> Callable[[], Floats]:
    line, nothing = timeline(load.inputs, 5, 0.0), np.zeros((load.people, 5))
    return lambda: propagate(load.system, line, nothing, times(), float(times()[-1]))[0]


def _scipy(load: Workload) -> Callable[[], Floats]:
    system, inputs, when = load.system, load.inputs, times()
    stops = inputs.starts[0] + inputs.spans[0]
    edges = sorted({0.0, *inputs.starts[0], *stops, float(when[-1])})

    def run() -> Floats:
        out = np.empty((load.people, 2, len(when)))
        for person in range(load.people):
            state = np.zeros(5)
            for begin, end in pairwise(edges):
                flowing = (inputs.starts[0] <= begin) & (begin < stops)
                rate = (inputs.amounts[person] / inputs.spans[0] * flowing).sum() * np.eye(5)[1]
                inside = np.flatnonzero((when >= begin) & ((when < end) | (end == edges[-1])))
                found = solve_ivp(
                    lambda _t, x, m=system.rates[person], r=rate: m @ x + r, (begin, end), state,
                    method="LSODA",
                    t_eval=np.union1d(when[inside], end),
                    rtol=1e-9, atol=1e-12,
                )  # fmt: skip
                out[person, :, inside] = found.y[[1, 4], : len(inside)].T * system.scales[person]
                state = found.y[:, -1]
        return out

    return run
