"""The solution by propagation: one matrix exponential per step, exact for every linear compartmental system.

Slower than the modes and always safe. Steps of equal length share one exponential.
"""

from itertools import pairwise

import numpy as np

from openkap.core.pharmacology.closed_form import even_step, runs_of
from openkap.core.pharmacology.exponential import exponential
from openkap.core.pharmacology.linear_system import Floats, LinearSystem
from openkap.core.pharmacology.timeline import Timeline

_BLOCK = 16  # samples per row of a table of powers


def propagate(
    system: LinearSystem, line: Timeline, before: Floats, times: Floats, end: float
) -> tuple[Floats, Floats]:
    """Values (people, observables, times) at ascending times, and the amounts at `end`."""
    stepper = _Stepper(system, line, before)
    values = np.empty((system.people, len(system.observed), len(times)))
    position = 0
    for run in _even_runs(line, times):
        while position < run.start:
            stepper.go_to(float(times[position]))
            values[:, :, position] = stepper.observed()
            position += 1
        stepper.go_to(float(times[run.start]))
        values[:, :, run] = stepper.walk(float(times[run.start + 1] - times[run.start]), run.stop - run.start)
        position = run.stop
    for later in range(position, len(times)):
        stepper.go_to(float(times[later]))
        values[:, :, later] = stepper.observed()
    stepper.go_to(end, landing=False)
    return values, stepper.amounts


def _even_runs(line: Timeline, times: Floats) -> list[slice]:
    """Stretches of evenly spaced samples with no moment inside, long enough to be worth a table."""
    if not line.is_shared:
        return []
    owner = line.index_of(times)[0]
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(owner))), len(times)]
    found = []
    for begin, end in pairwise(edges):
        for run in runs_of(times[begin:end] - times[begin]):
            part = slice(begin + run.start, begin + run.stop)
            if part.stop - part.start >= 2 * _BLOCK and even_step(times[part] - times[part.start]) is not None:
                found.append(part)
    return found


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
        self._moments = np.broadcast_to(line.moments, (people, line.moments.shape[1]))
        self._jumps = np.broadcast_to(line.jumps, (people, *line.jumps.shape[1:]))
        self._flows = np.broadcast_to(line.flows, (people, *line.flows.shape[1:]))[:, :, self._fed]
        self._state = np.zeros((people, width))
        self._state[:, :size] = before
        self._next = np.zeros(people, dtype=np.int64)
        self._now = np.full(people, float(line.moments[:, 0].min()))
        self._steps: dict[float, Floats] = {}
        self._land(self._now[0])

    @property
    def amounts(self) -> Floats:
        """What is in each compartment, (people, n)."""
        return self._state[:, : self._size]

    def observed(self) -> Floats:
        """The observed concentrations now, (people, observables)."""
        return self.amounts[:, list(self._system.observed)] * self._system.scales

    def walk(self, step: float, count: int) -> Floats:
        """Concentrations now and at the following even steps, with nothing happening on the way.

        Rows of short powers times states a block apart: (people, observables, count). Goes to the last of them.
        """
        people, width = self._state.shape
        one = exponential(self._matrices, step)
        rows = np.zeros((people, _BLOCK, len(self._system.observed), width))
        rows[:, 0, range(len(self._system.observed)), list(self._system.observed)] = self._system.scales
        for i in range(1, _BLOCK):
            rows[:, i] = rows[:, i - 1] @ one
        block = np.linalg.matrix_power(one, _BLOCK)
        blocks = -(-count // _BLOCK)
        states = np.empty((people, width, blocks))
        for i in range(blocks):
            states[:, :, i] = self._state
            self._state = (block @ self._state[:, :, None])[:, :, 0]
        found = rows.reshape(people, -1, width) @ states
        shaped = (
            found.reshape(people, _BLOCK, -1, blocks).transpose(0, 2, 3, 1).reshape(people, -1, blocks * _BLOCK)
        )
        left = count - 1 - (blocks - 1) * _BLOCK
        self._state = (np.linalg.matrix_power(one, left) @ states[:, :, -1:])[:, :, 0]
        self._now = self._now + step * (count - 1)
        return np.asarray(shaped[:, :, :count])

    def go_to(self, time: float, *, landing: bool = True) -> None:
        """Carry everybody to `time`; whoever has moments on the way stops at each."""
        last = self._moments.shape[1]
        while True:
            following = self._moments[np.arange(len(self._next)), np.minimum(self._next, last - 1)]
            stops = (self._next < last) & ((following <= time) if landing else (following < time))
            if not stops.any():
                break
            self._step(stops, following[stops] - self._now[stops])
            self._now[stops] = following[stops]
            self._apply(stops)
        everyone = self._now < time
        if everyone.any():
            self._step(everyone, time - self._now[everyone])
            self._now[everyone] = time

    def _step(self, who: np.ndarray[tuple[int], np.dtype[np.bool_]], spans: Floats) -> None:
        if (spans == 0.0).all():
            return
        if who.all() and (spans == spans[0]).all():
            matrices = self._shared(float(spans[0]))
        else:
            matrices = exponential(self._matrices[who], spans)
        self._state[who] = (matrices @ self._state[who][:, :, None])[:, :, 0]

    def _shared(self, span: float) -> Floats:
        key = float(f"{span:.12e}")
        if key not in self._steps:
            self._steps = (
                {**self._steps, key: exponential(self._matrices, span)}
                if len(self._steps) < 8
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
