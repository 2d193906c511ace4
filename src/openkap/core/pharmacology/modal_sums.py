"""Sums of modes at many samples, and at which of them rounding leaves too little.

For samples that follow one pattern a person's exponentials are one table, whatever the moment: all the pieces
of a schedule become rows of one matrix product. An input that goes on is a mode that does not fall. A bound of
the rounding error only falls along a piece, so that as a rule its first sample speaks for all of them; where it
does not, the samples are looked at in blocks, and the doubtful ones summed again by terms that cancel later.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.cancellation import (
    FIRST,
    FLOOR,
    TOLERANCE,
    cuts_of,
    largest,
    smallest,
    weak,
)
from openkap.core.pharmacology.linear_system import Floats, Ints, LinearSystem
from openkap.core.pharmacology.modal import Modes
from openkap.core.pharmacology.spacing import Layout, even_step

Flags = npt.NDArray[np.bool_]

ROUNDING = 8 * float(np.finfo(np.float64).eps)  # of each term: exponential, products and sum
_SMALLEST = 1e-300
_LOOKS = 2  # at a piece, for its peak
_STRIDE = 32  # even samples made from one
_PART = 64  # people summed at once: their tables and sums stay in the processor's nearer cache


class Desk:
    """Memory that is used again: fresh pages cost more than what is written to them."""

    def __init__(self) -> None:
        self._held: dict[str, Floats] = {}

    def take(self, name: str, *shape: int) -> Floats:
        """An array of this shape; what it holds is of no account."""
        size = math.prod(shape)
        if name not in self._held or len(self._held[name]) < size:
            self._held[name] = np.empty(size)
        return self._held[name][:size].reshape(shape)


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
    arrived: Floats  # amplitudes just before what jumps in at each moment, and how far those may be off
    arrived_errors: Floats


@dataclass(frozen=True)
class Seen:
    """How much of each mode is observed, and how far rounding may have moved that: (people, observables, n)."""

    weights: Floats
    sizes: Floats
    errors: Floats

    @classmethod
    def of(cls, system: LinearSystem, modes: Modes) -> "Seen":
        """What a system shows of its modes."""
        observed, scales = list(system.observed), system.scales[:, :, None]
        weights = modes.vectors[:, observed, :] * scales
        return cls(weights, np.abs(weights), modes.vector_errors[:, observed, :] * np.abs(scales))


@dataclass(frozen=True)
class Looked:
    """Samples to look at again, (people, times); the least value of any sample, NaN where one is not a number;
    and the largest of those that were looked at for a peak.
    """

    doubtful: Flags
    least: float
    largest: float


@dataclass(frozen=True)
class _Rows:
    """What each piece starts from: coefficients of the modes (people, n + 1, observables, pieces), the last of
    which does not fall. For their errors: amplitudes and how far those may be off (people, n, pieces), once so
    that they hold for all samples if they do not fall, once so that they may fall; and the error of what does
    not fall (people, observables, pieces).
    """

    coefficients: Floats
    amplitudes: Floats
    first_errors: Floats
    amplitude_errors: Floats
    held_errors: Floats


class ModalSums:
    """Some people's concentrations, from what their modes hold after each moment."""

    def __init__(self, seen: Seen, modes: Modes, run: ModalRun, desk: Desk) -> None:
        self._weights, self._sizes, self._weight_errors = seen.weights, seen.sizes, seen.errors
        self._rates, self._rate_errors, self._run, self._desk = modes.values, modes.value_errors, run, desk
        self._slowest = float(np.median(-modes.values.max(axis=1))) if len(modes.values) else 0.0
        self.allowed = np.zeros(seen.weights.shape[:2])  # a bound so small is always good enough

    def rows(self, moments: Ints, offsets: Floats, spans: Floats) -> _Rows:
        """Of pieces that begin `offsets` after their moments and last until `spans` after them. `moments`:
        (pieces,); `offsets`, `spans`: (people or 1, pieces).
        """
        run = self._run
        amplitudes, errors = _at(run.amplitudes, moments), _at(run.amplitude_errors, moments)
        slack = ROUNDING + self._rate_errors[:, :, None] * spans[:, None, :]
        people, size, pieces = amplitudes.shape
        coefficients = self._desk.take("coefficients", people, size + 1, self._weights.shape[1], pieces)
        coefficients[:, -1] = 0.0
        held_errors = np.zeros((people, *coefficients.shape[2:]))
        if run.feeds.any():
            level, lost = self._levels(moments, slack)
            amplitudes, errors = amplitudes + level, errors + lost
            coefficients[:, -1] = -(self._weights @ level)
            held_errors += self._sizes @ lost + self._weight_errors @ np.abs(level)
        decay = np.exp(self._rates[:, :, None] * offsets[:, None, :])
        # A rate's error moves a term by t exp(-k t): most at the first sample, or at 1 / k if that is later.
        with_rate = np.maximum(offsets[:, None, :], 1.0 / np.maximum(-self._rates, _SMALLEST)[:, :, None])
        first = ROUNDING + self._rate_errors[:, :, None] * np.minimum(with_rate, spans[:, None, :])
        sizes = np.abs(amplitudes)
        for share in (first, slack):  # in place: what these arrays hold becomes the errors
            np.multiply(share, sizes, out=share)
            np.add(share, errors, out=share)
            np.multiply(share, decay, out=share)
        sizes *= decay
        np.multiply(_by_mode(self._weights), (amplitudes * decay)[:, :, None], out=coefficients[:, :-1])
        unusable = ~np.isfinite(coefficients.sum(axis=1) + held_errors)
        if unusable.any():
            coefficients.transpose(0, 2, 3, 1)[unusable], held_errors[unusable] = 0.0, np.inf
        return _Rows(coefficients, sizes, first, slack, held_errors)

    def _levels(self, moments: Ints, slack: Floats) -> tuple[Floats, Floats]:
        """What the inputs hold each mode at, and how far that may be off: (people, n, moments) each."""
        feeds, feed_errors = _at(self._run.feeds, moments), _at(self._run.feed_errors, moments)
        still = self._rates == 0.0
        inverse = np.where(still, np.inf, 1.0 / np.where(still, 1.0, self._rates))[:, :, None]
        level = np.where(feeds == 0.0, 0.0, feeds * inverse)
        lost = np.where(feeds == 0.0, 0.0, feed_errors * np.abs(inverse))
        return level, lost + np.abs(level) * (slack + np.abs(self._rate_errors[:, :, None] * inverse))

    def leading_bounds(self, rows: _Rows) -> Floats:
        """How far rounding may have moved any sample of each piece: (people, observables, pieces)."""
        found = self._sizes @ rows.first_errors + self._weight_errors @ rows.amplitudes
        return np.asarray(found + rows.held_errors)

    def later_bounds(self, rows: _Rows, numbers: list[int], distances: Floats) -> Floats:
        """How far it may have moved any sample of some pieces that is no nearer to their first one than each of
        the distances: (people, observables, distances).
        """
        left = np.exp(self._rates[:, :, None] * distances)
        errors, sizes, held = (
            largest(part[:, :, numbers])[:, :, None]
            for part in (rows.amplitude_errors, rows.amplitudes, rows.held_errors)
        )
        return np.asarray(self._sizes @ (errors * left) + self._weight_errors @ (sizes * left) + held)

    def errors(
        self, rows: _Rows, pieces: Ints | slice = slice(None), who: Ints | slice = slice(None)
    ) -> Floats:
        """The same mode by mode, as `coefficients`: (people, n + 1, observables, pieces)."""
        held = rows.held_errors[who][:, :, pieces]
        found = np.empty((len(held), self._rates.shape[1] + 1, *held.shape[1:]))
        errors, sizes = (
            part[who][:, :, pieces][:, :, None] for part in (rows.amplitude_errors, rows.amplitudes)
        )
        np.multiply(_by_mode(self._sizes[who]), errors, out=found[:, :-1])
        found[:, :-1] += _by_mode(self._weight_errors[who]) * sizes
        found[:, -1] = held
        return found

    def table(self, distances: Floats, step: float | None, who: slice = slice(None)) -> Floats:
        """What is left of each mode after each distance, (people, n + 1, distances and perhaps more). Even
        ones, a `step` apart, are products of two short tables.
        """
        rates = self._rates[who]
        people, size = rates.shape
        if step is None:
            found = self._desk.take("table", people, size + 1, len(distances))
            np.multiply(rates[:, :, None], distances, out=found[:, :-1])
            np.exp(found[:, :-1], out=found[:, :-1])
        else:
            exponents = rates[:, :, None] * step
            far = np.exp(exponents * (_STRIDE * np.arange(-(-len(distances) // _STRIDE))))
            found = self._desk.take("table", people, size + 1, far.shape[2] * _STRIDE)
            shaped = found.reshape(people, size + 1, -1, _STRIDE)[:, :-1]
            np.multiply(far[..., None], np.exp(exponents * np.arange(_STRIDE))[:, :, None], out=shaped)
        found[:, -1] = 1.0
        return found

    def fill(self, layout: Layout, values: Floats) -> Looked:
        """Fill `values` (people, observables, times) where everybody shares the moments."""
        doubtful = np.zeros((len(values), values.shape[2]), dtype=bool)
        at_once, bounds = self._at_once(layout, values)
        groups = [(*one, self._cuts(layout, one)) for one in layout.groups()]
        rows, leading, later, highest = self._shared_rows(layout, groups, values)
        leading_bounds = self.leading_bounds(rows)
        # A peak counts as far as it is sure: where modes all but cancel, rounding can make one up.
        peaks = np.fmax(_sure(at_once, bounds), _sure(highest, leading_bounds))
        allowed = self.allowed = TOLERANCE * FLOOR * peaks
        doubtful[:, [sample for _, sample in layout.at_once]] = weak(
            at_once, bounds, allowed[..., None], axis=1
        )
        suspect = weak(leading, leading_bounds, allowed[..., None], axis=1)
        for number, piece in enumerate(layout.pieces):
            doubtful[:, piece.first : piece.first + min(piece.count, FIRST)] = suspect[:, number, None]
        for (pattern, count, numbers, cuts), least in zip(groups, later, strict=True):
            distances = layout.patterns[pattern][:count]
            bounds = self.later_bounds(rows, numbers, distances[cuts])
            who = np.flatnonzero(weak(least, bounds, allowed[..., None], axis=1).any(axis=1))
            if len(who):
                self._search(distances, numbers, layout, rows, values, who, doubtful)
        lowest = float(np.min([part.min(initial=0.0) for part in (at_once, leading, *later)]))  # NaN stays NaN
        return Looked(doubtful, lowest, float(peaks.max()))

    def _at_once(self, layout: Layout, values: Floats) -> tuple[Floats, Floats]:
        """Fill the samples at the moments themselves, and say how far rounding may have moved them."""
        moments = [moment for moment, _ in layout.at_once]
        amplitudes = _at(self._run.amplitudes, moments)
        errors = _at(self._run.amplitude_errors, moments)
        found, size = self._weights @ amplitudes, np.abs(amplitudes)
        values[:, :, [sample for _, sample in layout.at_once]] = found
        return found, self._sizes @ (errors + ROUNDING * size) + self._weight_errors @ size

    def _cuts(self, layout: Layout, group: tuple[int, int, list[int]]) -> list[int]:
        _, count, numbers = group
        piece = layout.pieces[numbers[0]]
        return cuts_of(count, self._slowest * (piece.last - piece.offset))

    def _shared_rows(
        self, layout: Layout, groups: list[tuple[int, int, list[int], list[int]]], values: Floats
    ) -> tuple[_Rows, Floats, list[Floats], Floats]:
        """Fill all pieces; what they start from, the least of each one's first samples (people, observables,
        pieces), for each group the least of all its pieces from each cut to the next (people, observables,
        cuts), and of each piece the largest of some samples (people, observables, pieces).
        """
        pieces = layout.pieces
        rows = self.rows(
            np.array([piece.moment for piece in pieces], dtype=np.int64),
            np.array([[piece.offset for piece in pieces]]),
            np.array([[piece.last for piece in pieces]]),
        )
        leading, highest = (np.empty((*values.shape[:2], len(pieces))) for _ in range(2))
        later = [np.empty((*values.shape[:2], len(cuts))) for *_, cuts in groups]
        for begin in range(0, len(values), _PART):
            who, made, table = slice(begin, begin + _PART), -1, np.empty(0)
            for (pattern, count, numbers, cuts), least in zip(groups, later, strict=True):
                if pattern != made:
                    made, table = pattern, self.table(layout.patterns[pattern], layout.steps[pattern], who)
                held = np.take(rows.coefficients[who], numbers, axis=3)
                found = self.product(held, table[:, :, :count], "sums")
                leading[who][:, :, numbers] = smallest(found[..., :FIRST])
                if cuts:
                    least[who] = np.minimum.reduceat(found.min(axis=2), cuts, axis=2)
                # A peak a little too low only makes what is allowed smaller.
                highest[who][:, :, numbers] = largest(found[..., count // 8 :: max(count // _LOOKS, 1)])
                for place, number in enumerate(numbers):
                    first = pieces[number].first
                    values[who, :, first : first + count] = found[:, :, place]
        return rows, leading, later, highest

    def product(self, rows: Floats, table: Floats, name: str) -> Floats:
        """Rows (people, n + 1, observables, pieces) at every distance: (people, observables, pieces, count)."""
        people, size, observables, pieces = rows.shape
        found = self._desk.take(name, people, observables * pieces, table.shape[2])
        np.matmul(rows.reshape(people, size, -1).transpose(0, 2, 1), table, out=found)
        return found.reshape(people, observables, pieces, -1)

    def _search(  # noqa: PLR0917  the pieces, and what is known of them
        self, distances: Floats, numbers: list[int], layout: Layout, rows: _Rows, values: Floats,
        who: Ints, doubtful: Flags,
    ) -> None:  # fmt: skip
        """Look at some people's pieces in blocks that grow, because what cancels does so at first."""
        edges = np.array([0, 1, 2, 4, 8, *range(16, len(distances), 16)])
        edges = edges[edges < len(distances)]
        counts = np.diff(np.append(edges, len(distances)))
        errors = self.errors(rows, np.array(numbers), who)
        table = np.ones((len(who), errors.shape[1], len(edges)))
        table[:, :-1] = np.exp(self._rates[who][:, :, None] * distances[edges])
        bounds = self.product(errors, table, "edge bounds")
        for place, number in enumerate(numbers):
            here = slice(layout.pieces[number].first, layout.pieces[number].first + len(distances))
            least = np.minimum.reduceat(values[who, :, here], edges, axis=2)
            found = weak(least, bounds[:, :, place], self.allowed[who][..., None], axis=1)
            if found.any():
                doubtful[who, here] = np.repeat(found, counts, axis=1)

    def fill_own(self, moments: Floats, times: Floats, values: Floats) -> Flags:
        """The same where the moments differ between people and the times are even. `moments`: (people, m)."""
        firsts = np.stack([np.searchsorted(times, own, side="left") for own in moments])
        ends = np.concatenate([firsts[:, 1:], np.full((len(firsts), 1), len(times))], axis=1)
        chosen = np.flatnonzero((ends > firsts).any(axis=0))
        firsts, ends, own = firsts[:, chosen], ends[:, chosen], moments[:, chosen]
        last = len(times) - 1
        offsets = np.maximum(times[np.minimum(firsts, last)] - own, 0.0)
        spans = np.maximum(times[np.minimum(ends, last)] - own, offsets)
        rows = self.rows(chosen, offsets, spans)
        distances = times[: int((ends - firsts).max())] - times[0]
        table = self.table(distances, even_step(distances))
        bounds = self._desk.take("bounds", *values.shape)
        for target, held, name in ((values, rows.coefficients, "sums"), (bounds, self.errors(rows), "errors")):
            _put(self.product(held, table, name), firsts, ends, target)
        top = values.argmax(axis=2)[..., None]
        peaks = _sure(*(np.take_along_axis(part, top, axis=2) for part in (values, bounds)))
        allowed = TOLERANCE * FLOOR * peaks
        self.allowed = np.maximum(self.allowed, allowed)
        return weak(values, bounds, allowed[..., None], axis=1)


def _sure(values: Floats, bounds: Floats) -> Floats:
    """The largest of the last axis less what rounding may have added to it; 0 where nothing is sure."""
    return np.asarray(np.fmax.reduce(values - bounds, axis=-1, initial=0.0))


def _by_mode(observed: Floats) -> Floats:
    """Of (people, observables, n): (people, n, observables, 1), to go with pieces."""
    return observed.transpose(0, 2, 1)[..., None]


def _at(held: Floats, moments: Ints | list[int]) -> Floats:
    """What is held (people, moments, n) at some moments, (people, n, moments) in this order of memory."""
    return np.take(held.transpose(0, 2, 1), moments, axis=2)


def integral(exponent: Floats, span: Floats) -> Floats:
    """The integral of exp(rate s) over the span: span x expm1(x) / x, and span where x is zero."""
    safe = np.where(exponent == 0.0, 1.0, exponent)
    return np.asarray(span * np.where(exponent == 0.0, 1.0, np.expm1(exponent) / safe))


def _put(found: Floats, firsts: Ints, ends: Ints, target: Floats) -> None:
    """Copy each one's pieces to where their samples belong."""
    for piece, (begins, stops) in enumerate(zip(firsts.T, ends.T, strict=True)):
        begin, stop = int(begins[0]), int(stops[0])
        if (begins == begin).all() and (stops == stop).all():
            target[:, :, begin:stop] = found[:, :, piece, : stop - begin]
            continue
        for person, (own, end) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
            target[person, :, own:end] = found[person, :, piece, : end - own]
