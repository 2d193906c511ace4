"""The solution by modes: between two moments every observed concentration is a sum of exponentials.

With each value comes a bound of its rounding error (the sum of the absolute terms), so that the caller can
see where the sum cancels and take the propagated solution for those people instead.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openkap.core.pharmacology.linear_system import Floats, Ints, LinearSystem
from openkap.core.pharmacology.modal import Modes
from openkap.core.pharmacology.timeline import Timeline

_BLOCK = 32  # samples per row of a power table
_EVEN = 1e-9  # largest relative unevenness of a grid that still counts as even
_MOST_RUNS = 8
_PLAINLY = 1e-9  # a bound below this share of the value needs no look at single samples
_SLOW = 1e-5  # below this rate x step, input terms are summed without a table
_LARGEST = 2_000_000  # numbers per temporary array
# Of the absolute terms, eigenvectors included; more where joined rates lie close. Tuned on random systems.
_ROUNDING = 256 * float(np.finfo(np.float64).eps)
_NEAR, _SPREAD = 0.02, 0.05


@dataclass(frozen=True)
class ModalRun:
    """Amplitudes of the modes just after each moment, and what feeds them until the next: (people, moments,
    n).
    """

    amplitudes: Floats
    feeds: Floats
    final: Floats


def run_modes(modes: Modes, line: Timeline, before: Floats, end: float) -> ModalRun:
    """Step through the moments. `before`: amounts ahead of the first one, (people, n)."""
    people, size = before.shape
    count = line.moments.shape[1]
    turn = modes.inverse.transpose(0, 2, 1)
    jumps, feeds = line.jumps @ turn, line.flows @ turn
    amplitudes = np.empty((people, count, size))
    now = (modes.inverse @ before[:, :, None])[:, :, 0]
    limits = np.concatenate([line.moments, np.full((len(line.moments), 1), end)], axis=1)
    for moment in range(count):
        now = now + jumps[:, moment]
        amplitudes[:, moment] = now
        span = np.maximum(np.minimum(limits[:, [moment + 1]], end) - limits[:, [moment]], 0.0)
        now = _advance(now, feeds[:, moment], modes.values, span)
    final = (modes.vectors @ now[:, :, None])[:, :, 0]
    return ModalRun(amplitudes, np.broadcast_to(feeds, amplitudes.shape), final)


def observe(
    system: LinearSystem, modes: Modes, line: Timeline, run: ModalRun, times: Floats
) -> tuple[Floats, Floats]:
    """Values and their rounding bounds, (people, observables, times) each."""
    weights = modes.vectors[:, list(system.observed), :] * system.scales[:, :, None]
    sums = _Sums(weights, modes, run, len(times))
    index = line.index_of(times)
    if not line.is_shared:
        sums.add_scattered(line, times, index)
        return sums.values, sums.bounds
    for moment in np.unique(index[0]):
        chosen = np.flatnonzero(index[0] == moment)
        part = slice(int(chosen[0]), int(chosen[-1]) + 1)
        sums.add_stretch(int(moment), times[part] - line.moments[0, moment], part)
    return sums.values, sums.bounds


def _advance(amplitudes: Floats, feeds: Floats, rates: Floats, span: Floats) -> Floats:
    exponent = rates * span
    return amplitudes * np.exp(exponent) + feeds * _integral(exponent, span)


def _integral(exponent: Floats, span: Floats) -> Floats:
    """The integral of exp(rate s) over the span: span x expm1(x) / x, and span where x is zero."""
    safe = np.where(exponent == 0.0, 1.0, exponent)
    return span * np.where(exponent == 0.0, 1.0, np.expm1(exponent) / safe)


class _Sums:
    """Sums of modes for all samples, and of their absolute terms for the rounding bound."""

    def __init__(self, weights: Floats, modes: Modes, run: ModalRun, count: int) -> None:
        rates = modes.values
        self._weights, self._rates, self._run = weights, rates, run
        self._rounding = _ROUNDING * (1.0 + _NEAR / modes.closest + _SPREAD * modes.spread)[:, None]
        self._chunk = max(_LARGEST // max(rates.size, 1), 1)
        self.values = np.empty((len(rates), weights.shape[1], count))
        self.bounds = np.zeros(self.values.shape)  # not np.zeros_like: pages never written cost nothing

    def add_stretch(self, moment: int, offsets: Floats, part: slice) -> None:
        """The samples between one moment and the next, the same for everybody."""
        for run in runs_of(offsets):
            here = slice(part.start + run.start, part.start + run.stop)
            self._add_run(moment, offsets[run], here)

    def _add_run(self, moment: int, offsets: Floats, part: slice) -> None:
        amplitudes, feeds = self._run.amplitudes[:, moment], self._run.feeds[:, moment]
        fed = bool(feeds.any())
        step = even_step(offsets)
        slowest = np.abs(self._rates).min(initial=np.inf)
        if step is not None and (not fed or slowest * step > _SLOW):
            self._by_table(amplitudes, feeds if fed else None, offsets, step, part)
            return
        for begin in range(0, len(offsets), self._chunk):
            here = slice(part.start + begin, min(part.start + begin + self._chunk, part.stop))
            span = offsets[begin : begin + self._chunk][None, :, None]
            self._by_terms(amplitudes[:, None, :], feeds[:, None, :] if fed else None, span, here)

    def add_scattered(self, line: Timeline, times: Floats, index: Ints) -> None:
        """All samples, where the moments differ between people."""
        person = np.arange(len(self._rates))[:, None]
        fed = bool(self._run.feeds.any())
        for begin in range(0, len(times), self._chunk):
            part = slice(begin, begin + self._chunk)
            chosen = index[:, part]
            span = (times[part] - line.moments[person, chosen])[:, :, None]
            feeds = self._run.feeds[person, chosen] if fed else None
            self._by_terms(self._run.amplitudes[person, chosen], feeds, span, part)

    def _by_table(
        self, amplitudes: Floats, feeds: Floats | None, offsets: Floats, step: float, part: slice
    ) -> None:
        """exp(rate x (block x B + i) x step) is a product of two short tables: one product per person."""
        rates, count = self._rates, len(offsets)
        blocks = offsets[0] + step * _BLOCK * np.arange(-(-count // _BLOCK))
        fine = np.exp(rates[:, :, None] * (step * np.arange(_BLOCK)))
        coarse = np.exp(rates[:, None, :] * blocks[:, None])
        level = None if feeds is None else feeds / rates
        moving = amplitudes if level is None else amplitudes + level
        for position in range(self._weights.shape[1]):
            weight = self._weights[:, position]
            terms, steady = weight * moving, 0.0 if level is None else weight * level
            total = ((coarse * terms[:, None, :]) @ fine).reshape(len(rates), -1)[:, :count]
            held = np.sum(np.abs(steady), axis=-1, keepdims=True)
            here = self.values[:, position, part]
            np.subtract(total, np.sum(steady, axis=-1, keepdims=True), out=here)
            # Every term only falls, so the first sample's bound holds for the stretch: as a rule it is enough.
            most = self._rounding * (np.abs(terms).sum(axis=1, keepdims=True) + held)
            if (most <= _PLAINLY * here.min(axis=1, keepdims=True)).all():
                continue
            bound = ((coarse * np.abs(terms)[:, None, :]) @ fine).reshape(len(rates), -1)[:, :count]
            self.bounds[:, position, part] = self._rounding * (bound + held)

    def _by_terms(self, amplitudes: Floats, feeds: Floats | None, span: Floats, part: slice) -> None:
        """One exponential per mode and sample."""
        exponent = self._rates[:, None, :] * span
        terms = amplitudes * np.exp(exponent)
        absolute = np.abs(terms)
        if feeds is not None:
            inflow = feeds * _integral(exponent, np.broadcast_to(span, exponent.shape))
            terms, absolute = terms + inflow, absolute + np.abs(inflow)
        self.values[:, :, part] = self._weights @ terms.transpose(0, 2, 1)
        self.bounds[:, :, part] = self._rounding[:, :, None] * (
            np.abs(self._weights) @ absolute.transpose(0, 2, 1)
        )


def runs_of(offsets: Floats) -> list[slice]:
    """Cut samples where their spacing changes, if it seldom does."""
    steps = np.diff(offsets)
    changes = np.flatnonzero(np.abs(np.diff(steps)) > _EVEN * steps[1:]) + 2
    if not len(changes) or len(changes) > _MOST_RUNS:
        return [slice(0, len(offsets))]
    edges = [0, *(int(i) for i in changes), len(offsets)]
    return [slice(begin, end) for begin, end in pairwise(edges)]


def even_step(offsets: Floats) -> float | None:
    """The spacing of samples that are evenly spaced and many, else None."""
    if len(offsets) < _BLOCK:
        return None
    step = float(offsets[-1] - offsets[0]) / (len(offsets) - 1)
    even = offsets[0] + step * np.arange(len(offsets))
    return step if step > 0.0 and np.abs(offsets - even).max() <= _EVEN * step else None
