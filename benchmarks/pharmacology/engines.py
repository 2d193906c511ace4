"""What is timed. Each engine says how many people it solves per call, and what comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.pharmacology.workload import Floats, Workload, stretches, times, workload
from openkap.core.pharmacology.fast_effect import fill_effect
from openkap.core.pharmacology.fast_grid import fill, times_plan
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.propagation import propagate
from openkap.core.pharmacology.timeline import timeline

MEMORY = "memory: writing a warm buffer"
BEYOND_CACHE = 10_000
# An effect site of five minutes, half of the effect at 100 ng/mL, steepness 1.5, a turnover of two days.
EFFECT = (np.log(2.0) * 12.0, 100.0, 1.5, 0.8, np.log(2.0) / 48.0)


@dataclass(frozen=True)
class Engine:
    """`run` solves `people` and returns (people, 2, samples), or None where only time counts. `written`:
    bytes of a result, of two doubles a sample.
    """

    name: str
    people: int
    threads: int
    run: Callable[[], Floats | None]
    workload: Workload
    written: float = 1.0


def own_engines(people: int) -> list[Engine]:
    """Ours, and the speed at which memory takes a result of this size."""
    iv, depot = workload(people), workload(people, depot=True)
    many = workload(BEYOND_CACHE)
    half, fifth, tenth = iv.first(people // 2), iv.first(people // 5), iv.first(max(people // 10, 1))
    return [
        Engine(MEMORY, people, 1, _write(people), iv),
        Engine("compiled grid", people, 1, _compiled(iv, np.float64), iv),
        Engine("compiled grid, single precision", people, 1, _compiled(iv, np.float32), iv, 0.5),
        Engine("compiled grid, by depot", people, 1, _compiled(depot, np.float64), depot),
        Engine(f"{MEMORY}, beyond the cache", BEYOND_CACHE, 1, _write(BEYOND_CACHE), many),
        Engine("compiled grid, beyond the cache", BEYOND_CACHE, 1, _compiled(many, np.float64), many),
        Engine("compiled, any times", people, 1, _compiled_at(iv, jittered()), iv),
        Engine("compiled, with effect site and turnover", people, 1, _with_effect(iv), iv, 1.5),
        Engine("NumPy, even grid", half.people, 1, _numpy(half, times()), half),
        Engine("NumPy, by depot", half.people, 1, _numpy(depot.first(people // 2), times()), depot),
        Engine("NumPy, any times", fifth.people, 1, _untabled(fifth, jittered()), fifth),
        Engine("NumPy, propagation only", tenth.people, 1, _propagated(tenth), tenth),
    ]


def jittered() -> Floats:
    """The samples of the workload, each up to half a minute late."""
    late = np.random.default_rng(2).uniform(0.0, 0.5 / 60, len(times()))
    return np.asarray(times() + late)


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
            buffer[left] = solve(load.of(left).system, load.of(left).inputs, times()).values
        return buffer

    return run


def _compiled_at(load: Workload, when: Floats) -> Callable[[], None]:
    plan, buffer = times_plan(load.doses, when), np.empty((load.people, 2, len(when)))

    def run() -> None:
        left = fill(load.parameters, load.amounts, plan, buffer, parallel=False)
        if left.any():
            buffer[left] = solve(load.of(left).system, load.of(left).inputs, when).values

    return run


def _with_effect(load: Workload) -> Callable[[], None]:
    buffer = np.empty((load.people, 3, len(times())))
    effects = np.repeat(np.array([EFFECT]), load.people, axis=0)

    def run() -> None:
        if fill_effect(
            load.parameters, effects, load.amounts, load.doses, stretches(), buffer, parallel=False
        ).any():
            raise AssertionError("somebody of the workload was left out")

    return run


def _numpy(load: Workload, when: Floats) -> Callable[[], Floats]:
    system, inputs = load.system, load.inputs
    buffer: Floats = np.empty((load.people, 2, len(when)))
    return lambda: solve(system, inputs, when, out=buffer).values


def _untabled(load: Workload, when: Floats) -> Callable[[], None]:
    system, inputs = load.system, load.inputs
    buffer: Floats = np.empty((load.people, 2, len(when)))

    def run() -> None:
        solve(system, inputs, when, out=buffer)

    return run


def _propagated(load: Workload) -> Callable[[], Floats]:
    line, nothing = timeline(load.inputs, 5, 0.0), np.zeros((load.people, 5))
    buffer: Floats = np.empty((load.people, 2, len(times())))

    def run() -> Floats:
        propagate(load.system, line, nothing, times(), float(times()[-1]), buffer)
        return buffer

    return run


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
