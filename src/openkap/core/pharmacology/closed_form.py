"""The solution by modes: between two moments every observed concentration is a sum of exponentials.

With each value comes a bound of its rounding error (of the terms, their rates and the eigenvectors they were
made with), so that the caller can see where the sum cancels and take the propagated solution there instead.
"""

import numpy as np

from openkap.core.pharmacology.linear_system import Floats, LinearSystem
from openkap.core.pharmacology.modal import Modes
from openkap.core.pharmacology.modal_sums import ROUNDING, Desk, Looked, ModalRun, ModalSums, Seen, integral
from openkap.core.pharmacology.second_looks import SecondLooks
from openkap.core.pharmacology.spacing import even_step, layout_of, runs_of
from openkap.core.pharmacology.timeline import Timeline

PAIRS_EACH = 6.0  # doubtful samples a person up to which they are cheaper to sum one by one


def run_modes(modes: Modes, line: Timeline, before: Floats, end: float) -> ModalRun:
    """Step through the moments. `before`: amounts ahead of the first one, (people, n)."""
    people, size = before.shape
    count = line.moments.shape[1]
    jumps, jump_errors = _turned(line.jumps, modes)
    feeds, feed_errors = _turned(line.flows, modes)
    # Moment by moment in memory, as they are written.
    amplitudes, errors, arrived, arrived_errors = (
        np.empty((count, people, size)).transpose(1, 0, 2) for _ in range(4)
    )
    now, doubt = (part[:, 0] for part in _turned(before[:, None, :], modes))
    limits = np.minimum(
        np.concatenate([line.moments[:, 1:], np.full((len(line.moments), 1), end)], axis=1), end
    )
    spans = np.maximum(limits - line.moments, 0.0)[:, :, None]
    exponents = modes.values[:, None] * spans
    kept, gained = np.exp(exponents), integral(exponents, spans)
    carried = modes.value_errors[:, None] * spans + ROUNDING
    fed, fed_errors = feeds * gained, (feed_errors + np.abs(feeds) * carried) * gained
    for moment in range(count):
        arrived[:, moment], arrived_errors[:, moment] = now, doubt
        now, doubt = now + jumps[:, moment], doubt + jump_errors[:, moment]
        amplitudes[:, moment], errors[:, moment] = now, doubt
        doubt = (doubt + np.abs(now) * carried[:, moment]) * kept[:, moment] + fed_errors[:, moment]
        now = now * kept[:, moment] + fed[:, moment]
    final = (modes.vectors @ now[:, :, None])[:, :, 0]
    return ModalRun(amplitudes, feeds, errors, feed_errors, final, arrived, arrived_errors)


def _turned(amounts: Floats, modes: Modes) -> tuple[Floats, Floats]:
    """Amounts (people or 1, moments, n) as amplitudes, and how far rounding may have moved those."""
    if not amounts.any():
        nothing = np.broadcast_to(0.0, (len(modes.values), *amounts.shape[1:]))
        return nothing, nothing
    uncertain = modes.inverse_errors + ROUNDING * np.abs(modes.inverse)
    return amounts @ modes.inverse.transpose(0, 2, 1), np.abs(amounts) @ uncertain.transpose(0, 2, 1)


def observe(  # noqa: PLR0917  the solution's parts, and where it goes
    system: LinearSystem, modes: Modes, line: Timeline, run: ModalRun, times: Floats, values: Floats, desk: Desk
) -> Looked:
    """Fill `values` (people, observables, times). Says which samples cancel."""
    seen = Seen.of(system, modes)
    sums = ModalSums(seen, modes, run, desk)
    if not len(times):
        return Looked(np.zeros((len(values), 0), dtype=bool), 0.0, 0.0)
    if not line.is_shared:
        looked = _own_moments(sums, line, times, values)
        SecondLooks(system, seen, modes, run, sums.allowed).again(line, times, values, looked.doubtful)
        return looked
    layout = layout_of(line.moments[0], times)
    looked = sums.fill(layout, values)
    looks = SecondLooks(system, seen, modes, run, sums.allowed)
    # Summing again costs by the sample, the series by the person: the cheaper one goes first.
    by_sample = np.count_nonzero(looked.doubtful) <= PAIRS_EACH * len(values)
    if by_sample:
        looks.again(line, times, values, looked.doubtful)
    looks.early(line, layout, times, values, looked.doubtful)
    if not by_sample:
        looks.again(line, times, values, looked.doubtful)
    return looked


def _own_moments(sums: ModalSums, line: Timeline, times: Floats, values: Floats) -> Looked:
    """Stretch by stretch of even samples; what is not even is summed sample by sample."""
    doubtful = np.ones((len(values), len(times)), dtype=bool)
    values[:] = 0.0
    for stretch in runs_of(times):
        if even_step(times[stretch]) is not None:
            doubtful[:, stretch] = sums.fill_own(line.moments, times[stretch], values[:, :, stretch])
    return Looked(doubtful, float(values.min()), float(values.max()))
