"""The solution by propagation: one matrix exponential per step, exact for every linear compartmental system.

Slower than the modes and always safe. Steps of equal length share one exponential.
"""

import numpy as np

from openkap.core.pharmacology.exponential import exponential
from openkap.core.pharmacology.linear_system import Floats, LinearSystem
from openkap.core.pharmacology.timeline import Timeline


def propagate(
    system: LinearSystem, line: Timeline, before: Floats, times: Floats, end: float
) -> tuple[Floats, Floats]:
    """Values (people, observables, times) at ascending times, and the amounts at `end`."""
    stepper = _Stepper(system, line, before)
    values = np.empty((system.people, len(system.observed), len(times)))
    for position, time in enumerate(times):
        stepper.go_to(float(time))
        values[:, :, position] = stepper.amounts[:, list(system.observed)] * system.scales
    stepper.go_to(end, landing=False)
    return values, stepper.amounts


class _Stepper:
    """Carries everybody forward in time: amounts, and the rates now flowing into each compartment that is
    ever fed.
    """

    def __init__(self, system: LinearSystem, line: Timeline, before: Floats) -> None:
        people, size = before.shape
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
