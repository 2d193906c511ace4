"""The solution by modes: between two moments every observed concentration is a sum of exponentials.

With each value comes a bound of its rounding error (of the terms, their rates and the eigenvectors they were
made with), so that the caller can see where the sum cancels and take the propagated solution there instead.
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
_ROUNDING = 8 * float(np.finfo(np.float64).eps)  # of each term: exponential, products and sum


@dataclass(frozen=True)
class ModalRun:
    """Amplitudes of the modes just after each moment, and what feeds them until the next: (people, moments,
    n); and how far rounding may have moved each of them.
    """

    amplitudes: Floats
    feeds: Floats
    amplitude_errors: Floats
    feed_errors: Floats
    final: Floats


def run_modes(modes: Modes, line: Timeline, before: Floats, end: float) -> ModalRun:
    """Step through the moments. `before`: amounts ahead of the first one, (people, n)."""
    people, size = before.shape
    count = line.moments.shape[1]
    jumps, jump_errors = _turned(line.jumps, modes)
    feeds, feed_errors = _turned(line.flows, modes)
    amplitudes, errors = np.empty((people, count, size)), np.empty((people, count, size))
    now, doubt = (part[:, 0] for part in _turned(before[:, None, :], modes))
    limits = np.concatenate([line.moments, np.full((len(line.moments), 1), end)], axis=1)
    for moment in range(count):
        now, doubt = now + jumps[:, moment], doubt + jump_errors[:, moment]
        amplitudes[:, moment], errors[:, moment] = now, doubt
        span = np.maximum(np.minimum(limits[:, [moment + 1]], end) - limits[:, [moment]], 0.0)
        carried = modes.value_errors * span + _ROUNDING
        kept, gained = np.exp(modes.values * span), _integral(modes.values * span, span)
        doubt = (doubt + np.abs(now) * carried) * kept
        doubt += (feed_errors[:, moment] + np.abs(feeds[:, moment]) * carried) * gained
        now = now * kept + feeds[:, moment] * gained
    final = (modes.vectors @ now[:, :, None])[:, :, 0]
    return ModalRun(amplitudes, feeds, errors, feed_errors, final)


def _turned(amounts: Floats, modes: Modes) -> tuple[Floats, Floats]:
    """Amounts (people or 1, moments, n) as amplitudes, and how far rounding may have moved those."""
    if not amounts.any():
        nothing = np.broadcast_to(0.0, (len(modes.values), *amounts.shape[1:]))
        return nothing, nothing
    uncertain = modes.inverse_errors + _ROUNDING * np.abs(modes.inverse)
    return amounts @ modes.inverse.transpose(0, 2, 1), np.abs(amounts) @ uncertain.transpose(0, 2, 1)


def observe(
    system: LinearSystem, modes: Modes, line: Timeline, run: ModalRun, times: Floats
) -> tuple[Floats, Floats]:
    """Values and their rounding bounds, (people, observables, times) each."""
    sums = _Sums(system, modes, run, len(times))
    index = line.index_of(times)
    if not line.is_shared:
        sums.add_scattered(line, times, index)
        return sums.values, sums.bounds
    for moment in np.unique(index[0]):
        chosen = np.flatnonzero(index[0] == moment)
        part = slice(int(chosen[0]), int(chosen[-1]) + 1)
        sums.add_stretch(int(moment), times[part] - line.moments[0, moment], part)
    return sums.values, sums.bounds


def _integral(exponent: Floats, span: Floats) -> Floats:
    """The integral of exp(rate s) over the span: span x expm1(x) / x, and span where x is zero."""
    safe = np.where(exponent == 0.0, 1.0, exponent)
    return span * np.where(exponent == 0.0, 1.0, np.expm1(exponent) / safe)


class _Sums:
    """Sums of modes for all samples, and of their absolute terms for the rounding bound."""

    def __init__(self, system: LinearSystem, modes: Modes, run: ModalRun, count: int) -> None:
        rates, observed, scales = modes.values, list(system.observed), system.scales[:, :, None]
        self._weights = modes.vectors[:, observed, :] * scales
        self._weight_errors = modes.vector_errors[:, observed, :] * np.abs(scales)
        self._rates, self._rate_errors, self._run = rates, modes.value_errors, run
        self._chunk = max(_LARGEST // max(rates.size, 1), 1)
        self.values = np.empty((len(rates), len(observed), count))
        self.bounds = np.zeros(self.values.shape)  # not np.zeros_like: pages never written cost nothing

    def add_stretch(self, moment: int, offsets: Floats, part: slice) -> None:
        """The samples between one moment and the next, the same for everybody."""
        for run in runs_of(offsets):
            here = slice(part.start + run.start, part.start + run.stop)
            self._add_run(moment, offsets[run], here)

    def _add_run(self, moment: int, offsets: Floats, part: slice) -> None:
        run = self._run
        state = _State(
            run.amplitudes[:, moment],
            run.feeds[:, moment],
            run.amplitude_errors[:, moment],
            run.feed_errors[:, moment],
        )
        step = even_step(offsets)
        slowest = np.abs(self._rates).min(initial=np.inf)
        if step is not None and (not state.fed or slowest * step > _SLOW):
            self._by_table(state, offsets, step, part)
            return
        for begin in range(0, len(offsets), self._chunk):
            here = slice(part.start + begin, min(part.start + begin + self._chunk, part.stop))
            self._by_terms(state.at_every_sample(), offsets[begin : begin + self._chunk][None, :, None], here)

    def add_scattered(self, line: Timeline, times: Floats, index: Ints) -> None:
        """All samples, where the moments differ between people."""
        person = np.arange(len(self._rates))[:, None]
        run = self._run
        for begin in range(0, len(times), self._chunk):
            part = slice(begin, begin + self._chunk)
            chosen = index[:, part]
            span = (times[part] - line.moments[person, chosen])[:, :, None]
            state = _State(
                run.amplitudes[person, chosen],
                run.feeds[person, chosen],
                run.amplitude_errors[person, chosen],
                run.feed_errors[person, chosen],
            )
            self._by_terms(state, span, part)

    def _by_table(self, state: "_State", offsets: Floats, step: float, part: slice) -> None:
        """exp(rate x (block x B + i) x step) is a product of two short tables: one product per person."""
        rates, count = self._rates, len(offsets)
        blocks = offsets[0] + step * _BLOCK * np.arange(-(-count // _BLOCK))
        fine = np.exp(rates[:, :, None] * (step * np.arange(_BLOCK)))
        coarse = np.exp(rates[:, None, :] * blocks[:, None])
        level = state.feeds / rates if state.fed else np.zeros_like(rates)
        moving = state.amplitudes + level
        # The rate's own error moves a term by its share of the time; a level divides by the rate.
        slack = _ROUNDING + self._rate_errors * offsets[-1]
        held_errors = (
            state.feed_errors / np.abs(rates) + np.abs(level) * (slack + self._rate_errors / np.abs(rates))
            if state.fed
            else 0.0
        )
        moving_errors = state.amplitude_errors + held_errors + np.abs(moving) * slack
        for position in range(self._weights.shape[1]):
            weight, weight_errors = self._weights[:, position], self._weight_errors[:, position]
            total = ((coarse * (weight * moving)[:, None, :]) @ fine).reshape(len(rates), -1)[:, :count]
            here = self.values[:, position, part]
            np.subtract(total, np.sum(weight * level, axis=-1, keepdims=True), out=here)
            errors = np.abs(weight) * moving_errors + weight_errors * np.abs(moving)
            held = np.sum(np.abs(weight) * held_errors + weight_errors * np.abs(level), axis=-1, keepdims=True)
            # Every term only falls, so the first sample's bound holds for the stretch: as a rule it is enough.
            most = errors.sum(axis=1, keepdims=True) + held
            if (most <= _PLAINLY * here.min(axis=1, keepdims=True)).all():
                continue
            bound = ((coarse * errors[:, None, :]) @ fine).reshape(len(rates), -1)[:, :count]
            self.bounds[:, position, part] = bound + held

    def _by_terms(self, state: "_State", span: Floats, part: slice) -> None:
        """One exponential per mode and sample."""
        exponent = self._rates[:, None, :] * span
        slack = _ROUNDING + self._rate_errors[:, None, :] * span
        kept = np.exp(exponent)
        terms, absolute = state.amplitudes * kept, np.abs(state.amplitudes) * kept
        errors = state.amplitude_errors * kept
        if state.fed:
            gained = _integral(exponent, np.broadcast_to(span, exponent.shape))
            terms = terms + state.feeds * gained
            absolute = absolute + np.abs(state.feeds) * gained
            errors = errors + state.feed_errors * gained
        errors += absolute * slack
        self.values[:, :, part] = self._weights @ terms.transpose(0, 2, 1)
        self.bounds[:, :, part] = np.abs(self._weights) @ errors.transpose(
            0, 2, 1
        ) + self._weight_errors @ absolute.transpose(0, 2, 1)


@dataclass(frozen=True)
class _State:
    """What the modes hold at a moment, what feeds them, and how far rounding may have moved both."""

    amplitudes: Floats
    feeds: Floats
    amplitude_errors: Floats
    feed_errors: Floats

    @property
    def fed(self) -> bool:
        return bool(self.feeds.any())

    def at_every_sample(self) -> "_State":
        """The same with an axis for samples: (people, 1, n)."""
        return _State(*(a[:, None, :] for a in vars(self).values()))


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
