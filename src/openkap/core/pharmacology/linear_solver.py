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
from openkap.core.pharmacology.linear_system import Floats, Inputs, Ints, LinearSystem, Solution, Status
from openkap.core.pharmacology.modal import Modes, closest_single_rates, modes_of, reach
from openkap.core.pharmacology.modal_sums import Desk
from openkap.core.pharmacology.propagation import mostly_even, propagate
from openkap.core.pharmacology.timeline import timeline

Flags = npt.NDArray[np.bool_]

APART = 1e-3  # relative distance of rates below which the joined modes lose more than the tolerance
COMMON = 0.2  # share of people from which on a doubtful sample is everybody's
FEW = 0.25  # share of doubtful samples from which on all of them are propagated
FEWER = 0.01  # the same where samples are even: a table of powers sees all of them

_CACHED = 2_000_000  # numbers of a part's result
_KEPT = 3_900_000  # numbers: just below the 32 MB at which glibc stops learning
_FEWEST = 64  # people in a part: fewer cost more in calls than they save

# The memory that a solution needs for a moment comes from the system page by page, which takes longer than
# filling it. Where the allocator is glibc's, one large block given back once lets it keep what is freed later.
np.empty(_KEPT)


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

    def of_reached(self) -> tuple["Problem", Ints]:
        """Without the compartments that stay empty and nobody looks at; and which ones are left."""
        pattern = (self.system.rates != 0.0).any(axis=0)
        reached = np.asarray(self.before.any(axis=0))
        reached[self.inputs.compartments] = True
        reached = np.asarray((reach(pattern) & reached).any(axis=1))
        reached[list(self.system.observed)] = True
        if reached.all():
            return self, np.arange(len(reached))
        kept, place = np.flatnonzero(reached), np.cumsum(reached) - 1
        rates = np.ascontiguousarray(self.system.rates[:, kept[:, None], kept])
        system = LinearSystem(rates, tuple(int(place[i]) for i in self.system.observed), self.system.scales)
        inputs = replace(self.inputs, compartments=place[self.inputs.compartments])
        return replace(self, system=system, inputs=inputs, before=self.before[:, kept]), kept

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

    def propagate_into(self, values: Floats) -> Floats:
        """Fill the values by propagation; the final amounts."""
        line = timeline(self.inputs, self.system.size, self.start)
        return propagate(self.system, line, self.before, self.times, self.end, values)

    def propagated(self) -> tuple[Floats, Floats]:
        """Values and final amounts by propagation."""
        values = np.empty((self.system.people, len(self.system.observed), len(self.times)))
        return values, self.propagate_into(values)


def solve(
    system: LinearSystem,
    inputs: Inputs,
    times: Floats,
    *,
    start: float = 0.0,
    end: float | None = None,
    before: Floats | None = None,
    out: Floats | None = None,
) -> Solution:
    """Observed values at ascending `times` >= `start`, and the amounts at `end` (default: the last time).

    A value at the moment of a bolus includes it. `before`: amounts at `start`, (people, n); default none.
    `out`: where the values go, (people, observables, times), for callers who use the same memory again.
    """
    shape = (system.people, len(system.observed), len(times))
    values = np.empty(shape) if out is None else out
    if not (np.isfinite(system.rates).all() and np.isfinite(system.scales).all()):
        values.fill(np.nan)
        return Solution(values, np.full((system.people, system.size), np.nan), Status.NOT_FINITE)
    finish = end if end is not None else (float(times[-1]) if len(times) else start)
    amounts = np.zeros((system.people, system.size)) if before is None else before
    whole, kept = Problem(system, inputs, times, start, finish, amounts).of_reached()
    final, propagated, desk, finite = np.zeros((system.people, system.size)), 0, Desk(), True
    for part, problem in whole.parts():
        found = _solve_part(problem, values[part], desk)
        final[part, kept] = found.final
        propagated, finite = propagated + found.propagated, finite and found.finite
    return Solution(values, final, _status(len(values), propagated, finite=finite), propagated)


@dataclass(frozen=True)
class _Part:
    """What became of a part of the people; their values are where they belong."""

    final: Floats
    propagated: int
    finite: bool


def _solve_part(problem: Problem, values: Floats, desk: Desk) -> _Part:
    """Fill the values; the final amounts, and for how many people they were propagated."""
    final, sound, least, largest = _by_modes(problem, values, desk)
    weak = np.asarray(~sound)
    if weak.all():
        final = problem.propagate_into(values)
    elif weak.any():
        values[weak], final[weak] = problem.of(weak).propagated()
    if weak.any():
        least, largest = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    # Rounding may leave an amount a hair below zero; an amount is never negative.
    if not least >= 0.0:
        np.maximum(values, 0.0, out=values)
    finite = bool(np.isfinite([least, largest, final.sum()]).all())
    return _Part(np.maximum(final, 0.0, out=final), int(weak.sum()), finite)


def _by_modes(problem: Problem, values: Floats, desk: Desk) -> tuple[Floats, Flags, float, float]:
    """Fill the values of those for whom the modes hold; their final amounts, and who they are; and the least
    and the largest value where that is everybody.
    """
    system = problem.system
    final, sound = np.empty((system.people, system.size)), np.zeros(system.people, dtype=bool)
    if (closest_single_rates(system.rates) < APART).all():
        return final, sound, 0.0, 0.0
    modes = modes_of(system.rates)
    finite = np.isfinite(modes.values).all(axis=1)
    finite &= np.isfinite(modes.vectors).all(axis=(1, 2)) & np.isfinite(modes.inverse).all(axis=(1, 2))
    sound = np.asarray(finite & (modes.closest >= APART))
    if sound.all():
        return _observed(problem, modes, values, desk)
    if sound.any():
        some = np.empty((int(sound.sum()), *values.shape[1:]))
        final[sound], kept, *_ = _observed(problem.of(sound), modes.of(sound), some, desk)
        values[sound] = some
        sound[sound] = kept
    return final, sound, 0.0, 0.0


def _observed(problem: Problem, modes: Modes, values: Floats, desk: Desk) -> tuple[Floats, Flags, float, float]:
    """The same for people whose modes are apart."""
    with np.errstate(all="ignore"):
        line = timeline(problem.inputs, problem.system.size, problem.start)
        run = run_modes(modes, line, problem.before, problem.end)
        looked = observe(problem.system, modes, line, run, problem.times, values, desk)
        sound = np.isfinite(run.final).all(axis=1)
        if looked.doubtful.any():
            few = FEWER if mostly_even(line, problem.times) else FEW
            sound &= np.count_nonzero(looked.doubtful, axis=1) <= few * len(problem.times)
    again = looked.doubtful & np.asarray(sound)[:, None]
    if not again.any():
        return run.final, np.asarray(sound), looked.least, looked.largest
    _repair(problem, values, again)
    return run.final, np.asarray(sound), float(values.min(initial=0.0)), float(values.max(initial=0.0))


def _repair(problem: Problem, values: Floats, doubtful: Flags) -> None:
    """Propagate to the few samples whose sum cancels: as a rule the first ones after a dose.

    Most people need the same few; who needs others goes apart, so that nobody walks to a neighbour's samples.
    """
    if not doubtful.any():
        return
    common = doubtful.mean(axis=0) >= COMMON
    others = np.asarray((doubtful & ~common).any(axis=1))
    for who in (others, ~others & doubtful.any(axis=1)):
        when = doubtful[who].any(axis=0)
        if not when.any():
            continue
        chosen = problem.times[when]
        part = replace(problem, times=chosen, end=float(chosen[-1])).of(who)
        place = np.ix_(np.flatnonzero(who), np.arange(values.shape[1]), np.flatnonzero(when))
        values[place] = part.propagated()[0]


def _status(people: int, propagated: int, *, finite: bool) -> Status:
    if not finite:
        return Status.NOT_FINITE
    if propagated == 0:
        return Status.CLOSED_FORM
    return Status.PROPAGATED if propagated == people else Status.MIXED
