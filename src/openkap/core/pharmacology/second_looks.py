"""A second look at samples of which the sum of modes leaves too little: by series, or by terms that cancel
later.

What neither mends is left for propagation.
"""

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.cancellation import pairs_of, weak
from openkap.core.pharmacology.early_series import LATE, SOON, EarlySeries, Prefix, Starts, prefixes_of
from openkap.core.pharmacology.linear_system import Floats, Ints, LinearSystem
from openkap.core.pharmacology.modal import Modes
from openkap.core.pharmacology.modal_sums import ROUNDING, ModalRun, Seen, integral
from openkap.core.pharmacology.spacing import Layout
from openkap.core.pharmacology.timeline import Timeline

Flags = npt.NDArray[np.bool_]

_PAIRS = 200_000  # samples summed again at once


class SecondLooks:
    """The same people's doubtful samples, summed otherwise. `allowed`: bounds that are always good enough,
    (people, observables).
    """

    def __init__(self, system: LinearSystem, seen: Seen, modes: Modes, run: ModalRun, allowed: Floats) -> None:
        self._system, self._seen, self._modes, self._run, self._allowed = system, seen, modes, run, allowed

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
        for some, limit in ((short, SOON), (~short, LATE)):
            needed = np.zeros(len(times), dtype=bool)
            needed[samples[some[place]]] = True
            wanted = prefixes_of(layout, needed)
            if wanted:
                self._from_series(line, wanted, who[some], limit, values, doubtful)

    def _from_series(  # noqa: PLR0917  whose samples, and where their values go
        self, line: Timeline, wanted: list[Prefix], who: Ints, limit: float, values: Floats, doubtful: Flags
    ) -> None:
        reach = max(float(one.spans[-1]) for one in wanted)
        rates, scales = self._system.rates[who], self._system.scales[who]
        left, allowed = doubtful[who], self._allowed[who][:, None, None]
        needed = np.zeros((len(who), line.moments.shape[1]), dtype=bool)
        for one in wanted:
            for moment, (first, count) in zip(one.moments.tolist(), one.samples, strict=True):
                needed[:, moment] |= left[:, first : first + count].any(axis=1)
        starts = self._starts(line, who, needed)
        series = EarlySeries(rates, self._system.observed, scales, starts, reach=reach, limit=limit)
        for one in wanted:
            those = np.flatnonzero(needed[:, one.moments].any(axis=1))
            some = those if 2 * len(those) < len(who) else slice(None)  # a slice copies nothing
            found, bounds = series.observed(one.moments, one.spans, some)
            sound = ~weak(found, bounds, allowed[some])  # (people, moments, spans)
            for place, (first, count) in enumerate(one.samples):
                here = slice(first, first + count)
                taken = sound[:, place, :count] & left[some, here]
                better = found[:, place, :count].transpose(0, 2, 1)
                values[who[some], :, here] = np.where(taken[:, None], better, values[who[some], :, here])
                left[some, here] &= ~taken
        doubtful[who] = left

    def _starts(self, line: Timeline, who: Ints, needed: Flags) -> Starts:
        """What people hold just after each moment. What rounding makes negative is none; what it leaves of
        small amounts soon after an earlier moment is carried from there.
        """
        modes, run = self._modes, self._run
        arrived, vectors = run.arrived[who].transpose(0, 2, 1), modes.vectors[who]
        size = np.abs(arrived)
        lost = np.abs(vectors) @ (run.arrived_errors[who].transpose(0, 2, 1) + ROUNDING * size)
        lost += modes.vector_errors[who] @ size
        held = np.maximum((vectors @ arrived).transpose(0, 2, 1), 0.0)
        jumps, flows = (np.broadcast_to(part, run.arrived.shape)[who] for part in (line.jumps, line.flows))
        starts = Starts(held + jumps, lost.transpose(0, 2, 1), flows)
        return starts.carried_on(self._system.rates[who], jumps, np.diff(line.moments[0]), needed)

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
        run, exponent = self._run, self._modes.values[who] * span[:, None]
        slack = ROUNDING + self._modes.value_errors[who] * span[:, None]
        kept, amplitudes = np.exp(exponent), run.amplitudes[who, moment]
        terms, absolute = amplitudes * kept, np.abs(amplitudes) * kept
        errors = run.amplitude_errors[who, moment] * kept
        if run.feeds.any():
            gained, feeds = integral(exponent, span[:, None]), run.feeds[who, moment]
            terms += feeds * gained
            absolute += np.abs(feeds) * gained
            errors += run.feed_errors[who, moment] * gained
        errors += absolute * slack
        seen = self._seen
        bounds = seen.sizes[who] @ errors[:, :, None] + seen.errors[who] @ absolute[:, :, None]
        return (seen.weights[who] @ terms[:, :, None])[:, :, 0], bounds[:, :, 0]
