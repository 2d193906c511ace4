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
    PARTS,
    TOLERANCE,
    cuts_of,
    least_of,
    pairs_of,
    weak,
)
from openkap.core.pharmacology.early_series import LATE, SOON, EarlySeries, Prefix, Starts, prefixes_of
from openkap.core.pharmacology.linear_system import Floats, Ints, LinearSystem
from openkap.core.pharmacology.modal import Modes
from openkap.core.pharmacology.spacing import Layout
from openkap.core.pharmacology.timeline import Timeline

Flags = npt.NDArray[np.bool_]

ROUNDING = 8 * float(np.finfo(np.float64).eps)  # of each term: exponential, products and sum
_SMALLEST = 1e-300
_LOOKS = 8  # at a piece, for its peak
_PART = 64  # people summed at once: their tables and sums stay in the processor's nearer cache
_PAIRS = 200_000  # samples summed again at once


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
class Looked:
    """Samples to look at again, (people, times); the least and the largest value of any sample, NaN where one
    is not a number.
    """

    doubtful: Flags
    least: float
    largest: float


@dataclass(frozen=True)
class _Rows:
    """What each piece starts from: coefficients of the modes (people, pieces, observables, n + 1), the last of
    which does not fall. For their errors: amplitudes and how far those may be off (people, n, pieces), once so
    that they hold for all samples if they do not fall, once so that they may fall; and the error of what does
    not fall (people, pieces, observables).
    """

    coefficients: Floats
    amplitudes: Floats
    first_errors: Floats
    amplitude_errors: Floats
    held_errors: Floats


class ModalSums:
    """Some people's concentrations, from what their modes hold after each moment."""

    def __init__(self, system: LinearSystem, modes: Modes, run: ModalRun, desk: Desk) -> None:
        self._system, self._modes = system, modes
        observed, scales = list(system.observed), system.scales[:, :, None]
        self._weights = modes.vectors[:, observed, :] * scales
        self._sizes = np.abs(self._weights)
        self._weight_errors = modes.vector_errors[:, observed, :] * np.abs(scales)
        self._rates, self._rate_errors, self._run, self._desk = modes.values, modes.value_errors, run, desk
        self._slowest = float(np.median(-modes.values.max(axis=1))) if len(modes.values) else 0.0
        self._allowed = np.zeros(system.scales.shape)  # a bound so small is always good enough

    def rows(self, moments: Ints, offsets: Floats, spans: Floats) -> _Rows:
        """Of pieces that begin `offsets` after their moments and last until `spans` after them. `moments`:
        (pieces,); `offsets`, `spans`: (people or 1, pieces).
        """
        run = self._run
        amplitudes = run.amplitudes[:, moments].transpose(0, 2, 1)
        errors = run.amplitude_errors[:, moments].transpose(0, 2, 1)
        slack = ROUNDING + self._rate_errors[:, :, None] * spans[:, None, :]
        people, size, pieces = amplitudes.shape
        coefficients = self._desk.take("coefficients", people, pieces, self._weights.shape[1], size + 1)
        coefficients[..., -1] = 0.0
        held_errors = np.zeros(coefficients.shape[:-1])
        if run.feeds.any():
            level, lost = self._levels(moments, slack)
            amplitudes, errors = amplitudes + level, errors + lost
            coefficients[..., -1] = -(self._weights @ level).transpose(0, 2, 1)
            held_errors += (self._sizes @ lost + self._weight_errors @ np.abs(level)).transpose(0, 2, 1)
        decay = np.exp(self._rates[:, :, None] * offsets[:, None, :])
        # A rate's error moves a term by t exp(-k t): most at the first sample, or at 1 / k if that is later.
        with_rate = np.maximum(offsets[:, None, :], 1.0 / np.maximum(-self._rates, _SMALLEST)[:, :, None])
        first = ROUNDING + self._rate_errors[:, :, None] * np.minimum(with_rate, spans[:, None, :])
        firsts = (errors + np.abs(amplitudes) * first) * decay
        errors = (errors + np.abs(amplitudes) * slack) * decay
        amplitudes = amplitudes * decay
        np.multiply(
            self._weights[:, None], amplitudes.transpose(0, 2, 1)[:, :, None], out=coefficients[..., :-1]
        )
        unusable = ~np.isfinite(coefficients @ np.ones(size + 1) + held_errors)
        if unusable.any():
            coefficients[unusable], held_errors[unusable] = 0.0, np.inf
        return _Rows(coefficients, np.abs(amplitudes), firsts, errors, held_errors)

    def _levels(self, moments: Ints, slack: Floats) -> tuple[Floats, Floats]:
        """What the inputs hold each mode at, and how far that may be off: (people, n, moments) each."""
        feeds = self._run.feeds[:, moments].transpose(0, 2, 1)
        feed_errors = self._run.feed_errors[:, moments].transpose(0, 2, 1)
        still = self._rates == 0.0
        inverse = np.where(still, np.inf, 1.0 / np.where(still, 1.0, self._rates))[:, :, None]
        level = np.where(feeds == 0.0, 0.0, feeds * inverse)
        lost = np.where(feeds == 0.0, 0.0, feed_errors * np.abs(inverse))
        return level, lost + np.abs(level) * (slack + np.abs(self._rate_errors[:, :, None] * inverse))

    def bounds(self, rows: _Rows, cuts: Floats) -> Floats:
        """How far rounding may have moved any sample of each piece: (people, pieces, parts, observables), first
        from its beginning and then from the distances of each cut on, (pieces,).
        """
        left = np.concatenate([np.exp(self._rates[:, :, None] * cut) for cut in cuts], axis=2)
        repeated = (1, 1, len(cuts))
        later = np.tile(rows.amplitude_errors, repeated) * left
        terms = self._sizes @ np.concatenate([rows.first_errors, later], axis=2)
        later = np.tile(rows.amplitudes, repeated) * left
        terms += self._weight_errors @ np.concatenate([rows.amplitudes, later], axis=2)
        people, watched, _ = terms.shape
        shaped = terms.reshape(people, watched, 1 + len(cuts), -1).transpose(0, 3, 2, 1)
        return np.asarray(shaped + rows.held_errors[:, :, None])

    def errors(
        self, rows: _Rows, pieces: Ints | slice = slice(None), who: Ints | slice = slice(None)
    ) -> Floats:
        """The same mode by mode, as `coefficients`: (people, pieces, observables, n + 1)."""
        held = rows.held_errors[who][:, pieces]
        found = np.empty((*held.shape, self._rates.shape[1] + 1))
        errors, sizes = (
            part[who][:, :, pieces].transpose(0, 2, 1)[:, :, None]
            for part in (rows.amplitude_errors, rows.amplitudes)
        )
        np.multiply(self._sizes[who][:, None], errors, out=found[..., :-1])
        found[..., :-1] += self._weight_errors[who][:, None] * sizes
        found[..., -1] = held
        return found

    def table(self, distances: Floats, who: slice = slice(None)) -> Floats:
        """What is left of each mode after each distance, (people, n + 1, distances)."""
        rates = self._rates[who]
        found = self._desk.take("table", len(rates), rates.shape[1] + 1, len(distances))
        np.multiply(rates[:, :, None], distances, out=found[:, :-1])
        np.exp(found[:, :-1], out=found[:, :-1])
        found[:, -1] = 1.0
        return found

    def fill(self, layout: Layout, values: Floats) -> Looked:
        """Fill `values` (people, observables, times) where everybody shares the moments."""
        doubtful = np.zeros((len(values), values.shape[2]), dtype=bool)
        at_once, bounds = self._at_once(layout, values)
        rows, least, largest = self._shared_rows(layout, values)
        lowest = float(np.minimum(at_once.min(initial=0.0), least.min(initial=0.0)))  # keeps what is no number
        peaks = np.maximum(at_once.max(axis=2, initial=0.0), largest.max(axis=1, initial=0.0))
        allowed = self._allowed = TOLERANCE * FLOOR * peaks
        for place, (_, sample) in enumerate(layout.at_once):
            doubtful[:, sample] = weak(at_once[:, :, place], bounds[:, :, place], allowed)
        cuts = [
            layout.patterns[piece.pattern][
                list(cuts_of(piece.count, self._slowest * (piece.last - piece.offset)))
            ]
            for piece in layout.pieces
        ]
        suspect = weak(least, self.bounds(rows, np.array(cuts).reshape(-1, PARTS).T), allowed[:, None, None])
        for pattern, count, numbers in layout.groups():
            for number in numbers:  # a piece's first samples are as a rule the only ones that cancel
                first = layout.pieces[number].first
                doubtful[:, first : first + min(count, FIRST)] = suspect[:, number, :1]
            later = np.asarray(suspect[:, :, 1:].any(axis=2))
            who = np.flatnonzero(later[:, numbers].any(axis=1))
            if len(who):
                chosen = [number for number in numbers if later[:, number].any()]
                distances = layout.patterns[pattern][:count]
                self._search(distances, chosen, layout, rows, values, who, doubtful)
        return Looked(doubtful, lowest, float(peaks.max()))

    def _at_once(self, layout: Layout, values: Floats) -> tuple[Floats, Floats]:
        """Fill the samples at the moments themselves, and say how far rounding may have moved them."""
        moments = [moment for moment, _ in layout.at_once]
        amplitudes = self._run.amplitudes[:, moments].transpose(0, 2, 1)
        errors = self._run.amplitude_errors[:, moments].transpose(0, 2, 1)
        found, size = self._weights @ amplitudes, np.abs(amplitudes)
        values[:, :, [sample for _, sample in layout.at_once]] = found
        return found, self._sizes @ (errors + ROUNDING * size) + self._weight_errors @ size

    def _shared_rows(self, layout: Layout, values: Floats) -> tuple[_Rows, Floats, Floats]:
        """Fill all pieces; what they start from, their least values in the parts between the cuts (people,
        pieces, parts, observables), and all but their largest (people, pieces, observables).
        """
        pieces = layout.pieces
        rows = self.rows(
            np.array([piece.moment for piece in pieces], dtype=np.int64),
            np.array([[piece.offset for piece in pieces]]),
            np.array([[piece.last for piece in pieces]]),
        )
        shape = (len(values), len(pieces), values.shape[1])
        least, largest = np.empty((*shape[:2], 1 + PARTS, shape[2])), np.empty(shape)
        groups = sorted(layout.groups())
        for begin in range(0, len(values), _PART):
            who, made, table = slice(begin, begin + _PART), -1, np.empty(0)
            for pattern, count, numbers in groups:
                if pattern != made:
                    made, table = pattern, self.table(layout.patterns[pattern], who)
                found = self.product(rows.coefficients[who, numbers], table[:, :, :count], "sums")
                fall = self._slowest * (pieces[numbers[0]].last - pieces[numbers[0]].offset)
                least[who, numbers] = least_of(found, cuts_of(count, fall))
                # A peak a little too low only makes what is allowed smaller.
                largest[who, numbers] = found[..., :: max(count // _LOOKS, 1)].max(axis=-1)
                for place, number in enumerate(numbers):
                    first = pieces[number].first
                    values[who, :, first : first + count] = found[:, place]
        return rows, least, largest

    def product(self, rows: Floats, table: Floats, name: str) -> Floats:
        """Rows (people, pieces, observables, n + 1) at every distance: (people, pieces, observables, count)."""
        people, pieces, observables, size = rows.shape
        found = self._desk.take(name, people, pieces * observables, table.shape[2])
        np.matmul(rows.reshape(people, -1, size), table, out=found)
        return found.reshape(people, pieces, observables, -1)

    def _search(  # noqa: PLR0917  the pieces, and what is known of them
        self, distances: Floats, numbers: list[int], layout: Layout, rows: _Rows, values: Floats,
        who: Ints, doubtful: Flags,
    ) -> None:  # fmt: skip
        """Look at some people's pieces in blocks that grow, because what cancels does so at first."""
        edges = np.array([0, 1, 2, 4, 8, *range(16, len(distances), 16)])
        edges = edges[edges < len(distances)]
        counts = np.diff(np.append(edges, len(distances)))
        errors = self.errors(rows, np.array(numbers), who)
        table = np.ones((len(who), errors.shape[-1], len(edges)))
        table[:, :-1] = np.exp(self._rates[who][:, :, None] * distances[edges])
        bounds = self.product(errors, table, "edge bounds")
        for place, number in enumerate(numbers):
            here = slice(layout.pieces[number].first, layout.pieces[number].first + len(distances))
            least = np.minimum.reduceat(values[who, :, here], edges, axis=2).transpose(0, 2, 1)
            found = weak(least, bounds[:, place].transpose(0, 2, 1), self._allowed[who, None])
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
        table = self.table(times[: int((ends - firsts).max())] - times[0])
        bounds = self._desk.take("bounds", *values.shape)
        for target, held, name in ((values, rows.coefficients, "sums"), (bounds, self.errors(rows), "errors")):
            _put(self.product(held, table, name), firsts, ends, target)
        allowed = TOLERANCE * FLOOR * values.max(axis=2, initial=0.0)
        self._allowed = np.maximum(self._allowed, allowed)
        return weak(values.transpose(0, 2, 1), bounds.transpose(0, 2, 1), allowed[:, None])

    def early(self, line: Timeline, layout: Layout, times: Floats, values: Floats, doubtful: Flags) -> None:
        """Take doubtful samples soon after their moments from the series of the amounts; `doubtful` keeps those
        for which this is not enough. Who needs a long series goes apart.
        """
        everyone, samples = pairs_of(doubtful)
        fastest = -np.einsum("pii->pi", self._system.rates).min(axis=1)
        spans = fastest[everyone] * (times - line.moments[0][line.index_of(times)[0]])[samples]
        near = spans <= LATE
        everyone, samples, spans = everyone[near], samples[near], spans[near]
        if not len(everyone):
            return
        who, begins, place = np.unique(everyone, return_index=True, return_inverse=True)
        short = np.maximum.reduceat(spans, begins) <= SOON
        for some in (short, ~short):
            needed = np.zeros(len(times), dtype=bool)
            needed[samples[some[place]]] = True
            wanted = prefixes_of(layout, needed)
            if wanted:
                self._from_series(line, wanted, who[some], values, doubtful)

    def _from_series(
        self, line: Timeline, wanted: list[Prefix], who: Ints, values: Floats, doubtful: Flags
    ) -> None:
        reach = max(float(one.spans[-1]) for one in wanted)
        rates, scales = self._system.rates[who], self._system.scales[who]
        series = EarlySeries(rates, self._system.observed, scales, self._starts(line, who), reach)
        left, allowed = doubtful[who], self._allowed[who][:, None, None]
        for one in wanted:
            found, bounds = series.observed(one.moments, one.spans)
            sound = ~weak(found, bounds, allowed)  # (people, moments, spans)
            for place, (first, count) in enumerate(one.samples):
                here = slice(first, first + count)
                taken = sound[:, place, :count] & left[:, here]
                better = found[:, place, :count].transpose(0, 2, 1)
                values[who, :, here] = np.where(taken[:, None], better, values[who, :, here])
                left[:, here] &= ~taken
        doubtful[who] = left

    def _starts(self, line: Timeline, who: Ints) -> Starts:
        """What people hold just after each moment. What rounding makes negative is none."""
        modes, run = self._modes, self._run
        arrived, vectors = run.arrived[who].transpose(0, 2, 1), modes.vectors[who]
        size = np.abs(arrived)
        lost = np.abs(vectors) @ (run.arrived_errors[who].transpose(0, 2, 1) + ROUNDING * size)
        lost += modes.vector_errors[who] @ size
        held = np.maximum((vectors @ arrived).transpose(0, 2, 1), 0.0)
        jumps, flows = (np.broadcast_to(part, run.arrived.shape)[who] for part in (line.jumps, line.flows))
        return Starts(held + jumps, lost.transpose(0, 2, 1), flows)

    def again(self, line: Timeline, times: Floats, values: Floats, doubtful: Flags) -> None:
        """Sum the doubtful samples by terms that hold nothing against each other; `doubtful` keeps those for
        which this is not enough either.
        """
        everyone, samples = pairs_of(doubtful)
        index, moments = line.index_of(times), line.moments
        allowed = self._allowed
        for begin in range(0, len(everyone), _PAIRS):
            who, when = everyone[begin : begin + _PAIRS], samples[begin : begin + _PAIRS]
            row = np.zeros_like(who) if line.is_shared else who
            moment = index[row, when]
            found, bounds = self._terms(who, moment, np.maximum(times[when] - moments[row, moment], 0.0))
            values[who, :, when] = found
            doubtful[who, when] = weak(found, bounds, allowed[who])

    def _terms(self, who: Ints, moment: Ints, span: Floats) -> tuple[Floats, Floats]:
        """Values and bounds (pairs, observables) of samples: what is there falls, what flows is added."""
        run, exponent = self._run, self._rates[who] * span[:, None]
        slack = ROUNDING + self._rate_errors[who] * span[:, None]
        kept, amplitudes = np.exp(exponent), run.amplitudes[who, moment]
        terms, absolute = amplitudes * kept, np.abs(amplitudes) * kept
        errors = run.amplitude_errors[who, moment] * kept
        if run.feeds.any():
            gained, feeds = integral(exponent, span[:, None]), run.feeds[who, moment]
            terms += feeds * gained
            absolute += np.abs(feeds) * gained
            errors += run.feed_errors[who, moment] * gained
        errors += absolute * slack
        weights = self._weights[who]
        bounds = self._sizes[who] @ errors[:, :, None] + self._weight_errors[who] @ absolute[:, :, None]
        return (weights @ terms[:, :, None])[:, :, 0], bounds[:, :, 0]


def integral(exponent: Floats, span: Floats) -> Floats:
    """The integral of exp(rate s) over the span: span x expm1(x) / x, and span where x is zero."""
    safe = np.where(exponent == 0.0, 1.0, exponent)
    return np.asarray(span * np.where(exponent == 0.0, 1.0, np.expm1(exponent) / safe))


def _put(found: Floats, firsts: Ints, ends: Ints, target: Floats) -> None:
    """Copy each one's pieces to where their samples belong."""
    for piece, (begins, stops) in enumerate(zip(firsts.T, ends.T, strict=True)):
        begin, stop = int(begins[0]), int(stops[0])
        if (begins == begin).all() and (stops == stop).all():
            target[:, :, begin:stop] = found[:, piece, :, : stop - begin]
            continue
        for person, (own, end) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
            target[person, :, own:end] = found[person, piece, :, : end - own]
