"""The exact solution of a linear compartmental system: by modes where they are well separated, else by
propagation.

The choice is made per person and sample from the computed rounding bound, in the measure the results are
judged by: error / max(|value|, a millionth of the person's peak).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.closed_form import observe, run_modes
from openkap.core.pharmacology.linear_system import Floats, Inputs, LinearSystem, Solution, Status
from openkap.core.pharmacology.modal import closest_single_rates, modes_of
from openkap.core.pharmacology.propagation import propagate
from openkap.core.pharmacology.timeline import timeline

Flags = npt.NDArray[np.bool_]

APART = 1e-3  # relative distance of rates below which the joined modes lose more than the tolerance
FEW = 0.25  # share of doubtful samples from which on all of them are propagated
TOLERANCE = 1e-9  # of the rounding bound, in the error measure
FLOOR = 1e-6  # of the peak: below it, errors are measured against this

_CACHED = 4_000_000  # numbers of a part's result
_FEWEST = 64  # people in a part: fewer cost more in calls than they save


@dataclass(frozen=True)
class Problem:
    """What is to be solved: `before` is what each compartment holds at `start`, (people, n)."""

    system: LinearSystem
    inputs: Inputs
    times: Floats
    start: float
    end: float
    before: Floats

    def of(self, chosen: Flags) -> "Problem":
        """The same for some of the people."""
        return replace(
            self, system=self.system.of(chosen), inputs=self.inputs.of(chosen), before=self.before[chosen]
        )

    def parts(self) -> Iterator[tuple[slice, "Problem"]]:
        """The same in parts of people that stay in the processor's cache."""
        each = max(_CACHED // max(len(self.times) * len(self.system.observed), 1), _FEWEST)
        if each >= self.system.people:
            yield slice(0, self.system.people), self
            return
        for first in range(0, self.system.people, each):
            part = slice(first, min(first + each, self.system.people))
            chosen = np.zeros(self.system.people, dtype=bool)
            chosen[part] = True
            yield part, self.of(chosen)

    def propagated(self) -> tuple[Floats, Floats]:
        """Values and final amounts by propagation."""
        line = timeline(self.inputs, self.system.size, self.start)
        return propagate(self.system, line, self.before, self.times, self.end)


def solve(
    system: LinearSystem,
    inputs: Inputs,
    times: Floats,
    *,
    start: float = 0.0,
    end: float | None = None,
    before: Floats | None = None,
) -> Solution:
    """Observed values at ascending `times` >= `start`, and the amounts at `end` (default: the last time).

    A value at the moment of a bolus includes it. `before`: amounts at `start`, (people, n); default none.
    """
    if not (np.isfinite(system.rates).all() and np.isfinite(system.scales).all()):
        shape = (system.people, len(system.observed), len(times))
        return Solution(
            np.full(shape, np.nan), np.full((system.people, system.size), np.nan), Status.NOT_FINITE
        )
    finish = end if end is not None else (float(times[-1]) if len(times) else start)
    amounts = np.zeros((system.people, system.size)) if before is None else before
    whole = Problem(system, inputs, times, start, finish, amounts)
    parts = list(whole.parts())
    if len(parts) == 1:
        values, final, propagated = _solve_part(whole)
        return Solution(values, final, _status(values, propagated, system.people), propagated)
    values = np.empty((system.people, len(system.observed), len(times)))
    final, propagated = np.empty((system.people, system.size)), 0
    for part, problem in parts:
        values[part], final[part], count = _solve_part(problem)
        propagated += count
    return Solution(values, final, _status(values, propagated, system.people), propagated)


def _solve_part(problem: Problem) -> tuple[Floats, Floats, int]:
    """Values, final amounts, and for how many people they were propagated."""
    values, final, sound = _by_modes(problem)
    weak = np.asarray(~sound)
    if weak.all():
        values, final = problem.propagated()
    elif weak.any():
        values[weak], final[weak] = problem.of(weak).propagated()
    # Rounding may leave an amount a hair below zero; an amount is never negative.
    return np.maximum(values, 0.0, out=values), np.maximum(final, 0.0, out=final), int(weak.sum())


def _by_modes(problem: Problem) -> tuple[Floats, Floats, Flags]:
    """Values, final amounts, and for whom they hold."""
    system, times = problem.system, problem.times
    nobody = (
        np.empty((system.people, len(system.observed), len(times))),
        np.empty((system.people, system.size)),
        np.zeros(system.people, dtype=bool),
    )
    if (closest_single_rates(system.rates) < APART).all():
        return nobody
    modes = modes_of(system.rates)
    sound = np.isfinite(modes.vectors).all(axis=(1, 2)) & np.isfinite(modes.inverse).all(axis=(1, 2))
    sound &= modes.closest >= APART
    if not sound.any():
        return nobody
    with np.errstate(all="ignore"):
        line = timeline(problem.inputs, system.size, problem.start)
        run = run_modes(modes, line, problem.before, problem.end)
        values, bounds = observe(system, modes, line, run, times)
        doubtful = _doubtful(values, bounds)
        sound &= np.isfinite(run.final).all(axis=1)
        if len(times):
            sound &= doubtful.mean(axis=1) <= FEW
    _repair(problem, values, doubtful & np.asarray(sound)[:, None])
    return values, run.final, np.asarray(sound)


def _repair(problem: Problem, values: Floats, doubtful: Flags) -> None:
    """Propagate to the few samples whose sum cancels: as a rule the first ones after a dose."""
    who, when = np.asarray(doubtful.any(axis=1)), np.asarray(doubtful.any(axis=0))
    if not who.any():
        return
    chosen = problem.times[when]
    part = replace(problem, times=chosen, end=float(chosen[-1])).of(who)
    values[np.ix_(np.flatnonzero(who), np.arange(values.shape[1]), np.flatnonzero(when))] = part.propagated()[0]


def _doubtful(values: Floats, bounds: Floats) -> Flags:
    """Samples whose rounding bound is too large, (people, times). What is not finite is doubtful."""
    if not bounds.any():
        return np.zeros((values.shape[0], values.shape[2]), dtype=bool)
    peak = np.abs(values).max(axis=2, initial=0.0, keepdims=True)
    allowed = TOLERANCE * np.maximum(np.abs(values), FLOOR * peak)
    return np.asarray((~((bounds <= allowed) | (bounds == 0.0))).any(axis=1))


def _status(values: Floats, propagated: int, people: int) -> Status:
    if not np.isfinite(values).all():
        return Status.NOT_FINITE
    if propagated == 0:
        return Status.CLOSED_FORM
    return Status.PROPAGATED if propagated == people else Status.MIXED
