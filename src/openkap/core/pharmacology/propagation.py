"""The solution by propagation: one matrix exponential per step, exact for every linear compartmental system.

Slower than the modes and always safe. Steps of equal length share one exponential.
"""

from itertools import pairwise

import numpy as np

from openkap.core.pharmacology.exponential import NEAR, carried, exponential
from openkap.core.pharmacology.linear_system import Floats, Ints, LinearSystem
from openkap.core.pharmacology.spacing import even_step, runs_of
from openkap.core.pharmacology.timeline import Timeline

_BLOCK = 16  # samples per row of a table of powers
_KEPT = 8  # steps whose matrices are kept


def propagate(  # noqa: PLR0917  the problem, and where its values go
    system: LinearSystem, line: Timeline, before: Floats, times: Floats, end: float, values: Floats
) -> Floats:
    """Fill `values` (people, observables, times) at ascending times; the amounts at `end`."""
    stepper = _Stepper(system, line, before)
    position = 0
    for run in _even_runs(line, times):
        while position < run.start:
            stepper.go_to(float(times[position]))
            values[:, :, position] = stepper.observed()
            position += 1
        stepper.go_to(float(times[run.start]))
        stepper.walk(times[run], values[:, :, run])
        position = run.stop
    for later in range(position, len(times)):
        stepper.go_to(float(times[later]))
        values[:, :, later] = stepper.observed()
    stepper.go_to(end, landing=False)
    return stepper.amounts


def mostly_even(line: Timeline, times: Floats) -> bool:
    """Whether propagation sees most of these samples through tables of powers."""
    even = sum(run.stop - run.start for run in _even_runs(line, times))
    return bool(4 * even >= 3 * len(times))


def _even_runs(line: Timeline, times: Floats) -> list[slice]:
    """Stretches of evenly spaced samples, long enough to be worth a table; where everybody shares the moments,
    with none of them inside.
    """
    if not len(times):  # a session without a sample
        return []
    owner = line.index_of(times)[0] if line.is_shared else np.zeros(len(times), dtype=np.int64)
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(owner))), len(times)]
    found = []
    for begin, end in pairwise(edges):
        for run in runs_of(times[begin:end] - times[begin]):
            part = slice(begin + run.start, begin + run.stop)
            if part.stop - part.start >= 2 * _BLOCK and even_step(times[part] - times[part.start]) is not None:
                found.append(part)
    return found


class _Strides:
    """Powers of one step, for everybody: how to see a block of samples from one state, and how to go on."""

    def __init__(self, one: Floats, system: LinearSystem) -> None:
        people, width, _ = one.shape
        observables = len(system.observed)
        rows = np.zeros((people, _BLOCK, observables, width))
        rows[:, 0, range(observables), list(system.observed)] = system.scales
        flat = rows.reshape(people, -1, width)
        self._powers = [one]  # of 1, 2, 4, ... steps
        made = 1
        while made < _BLOCK:
            known, new = slice(0, made * observables), slice(made * observables, 2 * made * observables)
            np.matmul(flat[:, known], self._powers[-1], out=flat[:, new])
            self._powers.append(self._powers[-1] @ self._powers[-1])
            made *= 2
        self._rows = rows

    def states(self, state: Floats, blocks: int) -> Floats:
        """The states a block of samples apart, from this one on: (people, blocks, width)."""
        found = np.empty((len(state), blocks, state.shape[1]))
        for i in range(blocks):
            found[:, i] = state
            state = (self._powers[-1] @ state[:, :, None])[:, :, 0]
        return found

    def seen(self, states: Floats) -> Floats:
        """What is observed at each sample of the blocks: (people, observables, samples)."""
        people, blocks, _ = states.shape
        observables = self._rows.shape[2]
        found = np.empty((people, observables, blocks, _BLOCK))
        for place in range(observables):
            np.matmul(states, self._rows[:, :, place].transpose(0, 2, 1), out=found[:, place])
        return found.reshape(people, observables, -1)

    def after(self, states: Floats, steps: Ints) -> Floats:
        """Each one's state after their number of steps from the first."""
        state = states[np.arange(len(states)), steps // _BLOCK]
        for place, power in enumerate(self._powers[:-1]):
            further = (steps >> place & 1 == 1)[:, None]
            if further.any():  # copying some people's matrices would cost more than to step everybody
                state = np.where(further, (power @ state[:, :, None])[:, :, 0], state)
        return np.asarray(state)


class _Stepper:
    """Carries everybody forward in time: amounts, and the rates now flowing into each compartment that is
    ever fed.
    """

    def __init__(self, system: LinearSystem, line: Timeline, before: Floats) -> None:
        people, size = before.shape
        self._system = system
        self._fed = np.flatnonzero(line.flows.any(axis=(0, 1)))
        self._size = size
        width = size + len(self._fed)
        self._matrices = np.zeros((people, width, width))
        self._matrices[:, :size, :size] = system.rates
        self._matrices[:, self._fed, size + np.arange(len(self._fed))] = 1.0
        self._shifts = np.maximum(-np.einsum("pii->pi", self._matrices).min(axis=1, initial=0.0), 0.0)
        self._shifted = self._matrices + self._shifts[:, None, None] * np.eye(width)
        self._moments = np.broadcast_to(line.moments, (people, line.moments.shape[1]))
        self._jumps = np.broadcast_to(line.jumps, (people, *line.jumps.shape[1:]))
        self._flows = np.broadcast_to(line.flows, (people, *line.flows.shape[1:]))[:, :, self._fed]
        self._state = np.zeros((people, width))
        self._state[:, :size] = before
        self._next = np.zeros(people, dtype=np.int64)
        self._now = np.full(people, float(line.moments[:, 0].min()))
        self._steps: dict[float, Floats] = {}
        self._strides: dict[float, _Strides] = {}
        self._land(self._now[0])

    @property
    def amounts(self) -> Floats:
        """What is in each compartment, (people, n)."""
        return self._state[:, : self._size]

    def observed(self) -> Floats:
        """The observed concentrations now, (people, observables)."""
        return self.amounts[:, list(self._system.observed)] * self._system.scales

    def walk(self, times: Floats, values: Floats) -> None:
        """Fill concentrations at even times, the first of them now: (people, observables, times). Goes to the
        last.

        Everybody walks to the last sample before their own next moment, passes it, and walks on from the next.
        """
        count = len(times)
        strides = self._strides_of(float(times[-1] - times[0]) / (count - 1))
        here = np.zeros(len(self._state), dtype=np.int64)
        while True:
            ends = np.searchsorted(times, self._following(), side="left")
            lengths = ends - here
            states = strides.states(self._state, -(-int(lengths.max()) // _BLOCK))
            self._place(strides.seen(states), values, here, lengths)
            going = lengths > 0
            self._state = np.where(
                going[:, None], strides.after(states, np.maximum(lengths - 1, 0)), self._state
            )
            self._now = np.where(going, times[np.minimum(ends, count) - 1], self._now)
            if (ends == count).all():
                return
            self.go_to(times[np.minimum(ends, count - 1)])
            here = np.where(ends < count, ends, count)

    @staticmethod
    def _place(seen: Floats, values: Floats, here: Ints, lengths: Ints) -> None:
        """Put everybody's samples where they belong."""
        if (here == here[0]).all():
            samples = slice(int(here[0]), int((here + lengths).max()))
            own = np.arange(samples.start, samples.stop) < (here + lengths)[:, None]
            np.copyto(values[:, :, samples], seen[:, :, : own.shape[1]], where=own[:, None])
            return
        for person, (begin, count) in enumerate(zip(here.tolist(), lengths.tolist(), strict=True)):
            values[person, :, begin : begin + count] = seen[person, :, :count]

    def _following(self) -> Floats:
        """When each one's next moment is."""
        last = self._moments.shape[1]
        following = self._moments[np.arange(len(self._next)), np.minimum(self._next, last - 1)]
        return np.where(self._next < last, following, np.inf)

    def go_to(self, time: float | Floats, *, landing: bool = True) -> None:
        """Carry everybody to `time` (or each to their own); whoever has moments on the way stops at each."""
        target = np.broadcast_to(np.asarray(time, dtype=np.float64), self._now.shape)
        while True:
            following = self._following()
            stops = (following <= target) if landing else (following < target)
            if not stops.any():
                break
            self._step(stops, following[stops] - self._now[stops])
            self._now[stops] = following[stops]
            self._apply(stops)
        everyone = self._now < target
        if everyone.any():
            self._step(everyone, (target - self._now)[everyone])
            self._now[everyone] = target[everyone]

    def _step(self, who: np.ndarray[tuple[int], np.dtype[np.bool_]], spans: Floats) -> None:
        if (spans == 0.0).all():
            return
        if who.all() and (spans == spans[0]).all():
            self._state = (self._shared(float(spans[0])) @ self._state[:, :, None])[:, :, 0]
            return
        people = np.flatnonzero(who)
        near = self._shifts[people] * spans <= NEAR
        far = people[~near]
        if len(far):
            matrices = exponential(self._matrices[far], spans[~near])
            self._state[far] = (matrices @ self._state[far][:, :, None])[:, :, 0]
        if near.any():
            self._carry(people[near], spans[near])

    def _carry(self, people: Ints, spans: Floats) -> None:
        """Go on for short spans. Where it concerns most, nobody's matrix is copied: the others stay."""
        if 2 * len(people) <= len(self._state):
            state = self._state[people][:, :, None]
            self._state[people] = carried(self._shifted[people], self._shifts[people], spans, state)[:, :, 0]
            return
        own = np.zeros(len(self._state))
        own[people] = spans
        self._state = carried(self._shifted, self._shifts, own, self._state[:, :, None])[:, :, 0]

    def _strides_of(self, step: float) -> _Strides:
        key = float(f"{step:.12e}")
        if key not in self._strides:
            if len(self._strides) == _KEPT:
                self._strides.clear()
            self._strides[key] = _Strides(self._shared(step), self._system)
        return self._strides[key]

    def _shared(self, span: float) -> Floats:
        key = float(f"{span:.12e}")
        if key not in self._steps:
            self._steps = (
                {**self._steps, key: exponential(self._matrices, span)}
                if len(self._steps) < _KEPT
                else {key: exponential(self._matrices, span)}
            )
        return self._steps[key]

    def _land(self, start: float) -> None:
        first = self._moments[:, 0] <= start
        self._apply(first)

    def _apply(self, who: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        people = np.flatnonzero(who)
        moment = self._next[people]
        self._state[people, : self._size] += self._jumps[people, moment]
        self._state[people, self._size :] = self._flows[people, moment]
        self._next[people] += 1
